"""Old pictures in a sandbox: other sizes, a command that is killed twice, live uploads meanwhile.

The emulator's function, queues and IAM are real; the command is started as a person starts it, with
only the permissions that `python -m reconcile policy` prints. `PICTURES` says how many.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from audit.accounts.permissions import policy
from reconcile.permissions import grants
from recording.program import PROJECT
from sandbox.deployment import deployed
from tests.sandbox.test_audit import in_emulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.deployment import Deployment

PICTURES = int(os.environ.get("PICTURES") or 100)
LIVE = 10
BATCH = 10  # messages that a killed run may send twice
SECONDS = 300
# On AWS sqs:SendMessage covers the batch; the emulator asks for an action of the batch's own name.
BATCHED, IN_EMULATOR = '"sqs:SendMessage"', '"sqs:SendMessage", "sqs:SendMessageBatch"'


@pytest.fixture(scope="module")
def own(layer: None) -> Iterator[Deployment]:
    """A deployment of its own: its sizes are changed, and its bucket is filled."""
    with deployed(log=PROJECT / "build" / "reconcile-test" / "emulator.log") as deployment:
        yield deployment


@pytest.fixture(scope="module")
def environment(own: Deployment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A profile of each account with the printed rights, and the emulator for AWS."""
    config: list[str] = []
    for side, account in (("producer", own.stack.producer), ("storage", own.stack.storage)):
        iam = own.iam(account)
        iam.create_user(UserName="operator")
        iam.put_user_policy(
            UserName="operator",
            PolicyName="reconcile",
            PolicyDocument=in_emulator(policy(grants()[side]), account).replace(
                BATCHED, IN_EMULATOR
            ),
        )
        key = iam.create_access_key(UserName="operator")["AccessKey"]
        config += [
            f"[profile {side}]",
            f"aws_access_key_id = {key['AccessKeyId']}",
            f"aws_secret_access_key = {key['SecretAccessKey']}",
            f"region = {own.stack.region}",
            "s3 =",
            "    addressing_style = path",
        ]
    path: Path = tmp_path_factory.mktemp("aws") / "config"
    path.write_text("\n".join(config))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return kept | {
        "AWS_CONFIG_FILE": str(path),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ENDPOINT_URL": own.clients.endpoint,
        "AWS_CA_BUNDLE": str(own.clients.ca_bundle),
    }


def picture(number: int) -> bytes:
    """A small picture that is different for each number."""
    body = io.BytesIO()
    Image.new("RGB", (64, 48), (number % 256, number // 256 % 256, 77)).save(body, "PNG")
    return body.getvalue()


def put(own: Deployment, keys: list[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda numbered: own.s3.put_object(
                    Bucket=own.bucket, Key=numbered[1], Body=picture(numbered[0])
                ),
                enumerate(keys),
            )
        )


def event_source(own: Deployment, *, on: bool) -> None:
    """Stop or start the function, as an operator would."""
    for mapping in own.lambda_.list_event_source_mappings()["EventSourceMappings"]:
        own.lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=on)


def sizes(own: Deployment, wanted: dict[str, int]) -> None:
    """Deploy other sizes: the changes that `pulumi up` makes to the function."""
    name = own.exports["function_name"]
    found = own.lambda_.get_function_configuration(FunctionName=name)
    variables: dict[str, Any] = found["Environment"]["Variables"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
    own.lambda_.update_function_configuration(
        FunctionName=name, Environment={"Variables": variables | {"SIZES": json.dumps(wanted)}}
    )


def start(environment: dict[str, str], work: Path) -> subprocess.Popen[str]:
    words = ["run", "--yes", "--work", str(work), "--producer-profile", "producer"]
    return subprocess.Popen(
        [sys.executable, "-m", "reconcile", *words, "--storage-profile", "storage"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill_when_sending(command: subprocess.Popen[str], work: Path, bucket: str, at: int) -> None:
    """Send SIGKILL as soon as `at` bytes of the list have been accepted."""
    position = work / bucket / "position"
    deadline = time.monotonic() + SECONDS
    while command.poll() is None and time.monotonic() < deadline:
        if position.exists() and int(position.read_bytes() or b"0") >= at:
            break
        time.sleep(0.002)
    if command.poll() is None:
        os.killpg(command.pid, signal.SIGKILL)
    command.communicate()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_old_pictures_get_their_thumbnails_through_two_kills_and_live_uploads(
    own: Deployment, environment: dict[str, str], tmp_path: Path
) -> None:
    """Every picture is right in the end, and there are no more messages than the kills allow."""
    prefix, thumbnails = own.stack.originals, own.stack.thumbnails
    old = [f"{prefix}old/{number:04d}.png" for number in range(PICTURES)]
    live = [f"{prefix}live/{number}.png" for number in range(LIVE)]
    event_source(own, on=False)
    put(own, old)
    own.sqs.purge_queue(QueueUrl=own.exports["queue_url"])
    sizes(own, {"icon": 16, "card": 32})
    time.sleep(1.1)  # listings have whole seconds, so an object as new as the run is left out
    for part in (0.3, 0.6):
        command = start(environment, tmp_path)
        kill_when_sending(command, tmp_path, own.bucket, int(part * PICTURES * len(old[0])))
    put(own, live)
    event_source(own, on=True)
    command = start(environment, tmp_path)
    told, _ = command.communicate(timeout=SECONDS)
    assert command.returncode == 0, told
    assert "Every original has its thumbnails." in told
    pages = own.s3.get_paginator("list_objects_v2").paginate(Bucket=own.bucket, Prefix=thumbnails)
    found = {each["Key"] for page in pages for each in page.get("Contents", [])}  # pyright: ignore[reportTypedDictNotRequiredAccess]
    wanted = {
        f"{thumbnails}{key.removeprefix(prefix)}/{size}.jpg"
        for key in (*old, *live)
        for size in ("icon", "card")
    }
    assert found == wanted
    handled = Counter(
        line["key"] for line in log_of(own) if line.get("outcome") and line["key"] in old
    )
    again = handled.total() - len(handled)
    print(f"{handled.total()} messages for {PICTURES} pictures through two kills, {again} of twice")
    assert set(handled) == set(old)
    assert handled.total() <= PICTURES + 2 * BATCH


def log_of(own: Deployment) -> list[dict[str, Any]]:
    """The function's log lines about pictures."""
    pages = own.logs.get_paginator("filter_log_events").paginate(
        logGroupName=own.exports["log_group"]
    )
    lines: list[dict[str, Any]] = []
    for page in pages:
        for event in page["events"]:
            try:
                line = json.loads(event.get("message", ""))
            except ValueError:
                continue
            if isinstance(line, dict) and "key" in line:
                lines.append(line)  # pyright: ignore[reportUnknownArgumentType]
    return lines
