"""The audit on deployed accounts: with its own permissions only, by its own command line."""

from __future__ import annotations

import html
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from audit.accounts import permissions
from audit.evidence.history import ACCESS_KEY_ONLY
from demo.demo_run import DemoRun
from demo.page import write_page
from demo.tracing import trace_thumbnail
from recording.program import PROJECT
from tests.sandbox.test_thumbnails import eventually, log_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.deployment import Deployment
    from sandbox.uploads import TimedUpload


def in_emulator(document: dict[str, Any], account: str) -> str:
    """The document for the emulator, which does not know IAM's variable for the account, and asks
    for `*` where AWS asks for the ARNs of alarms and rules."""
    text = json.dumps(document).replace("${aws:PrincipalAccount}", account)
    for arn in ("arn:aws:cloudwatch:*:*:alarm:*", "arn:aws:events:*:*:rule/*"):
        text = text.replace(arn, "*")
    return text


def as_auditor(
    deployment: Deployment, folder: Path, bucket: str = permissions.OWN_BUCKET
) -> dict[str, str]:
    """The environment of a user of each account who has the documented policy and no more."""
    config: list[str] = []
    rights: dict[str, Any] = json.loads((PROJECT / "docs" / "audit-policy.json").read_text("utf-8"))
    for account, number in (
        (permissions.PRODUCER, deployment.stack.producer),
        (permissions.STORAGE, deployment.stack.storage),
    ):
        iam = deployment.iam(number)
        iam.create_user(UserName="auditor")
        iam.put_user_policy(
            UserName="auditor",
            PolicyName="audit",
            PolicyDocument=in_emulator(rights[account], number).replace(
                permissions.OWN_BUCKET, bucket
            ),
        )
        key = iam.create_access_key(UserName="auditor")["AccessKey"]
        config += [
            f"[profile {account}]",
            f"aws_access_key_id = {key['AccessKeyId']}",
            f"aws_secret_access_key = {key['SecretAccessKey']}",
            f"region = {deployment.stack.region}",
            "s3 =",
            "    addressing_style = path",
        ]
    path = folder / "config"
    path.write_text("\n".join(config))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return environment | {
        "AWS_CONFIG_FILE": str(path),
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_ENDPOINT_URL": deployment.clients.endpoint,
        "AWS_CA_BUNDLE": str(deployment.clients.ca_bundle),
        "NO_PROXY": "localhost",
    }


@pytest.fixture(scope="module")
def audit(
    deployment: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`python -m audit` as that user."""
    environment = as_auditor(deployment, tmp_path_factory.mktemp("aws"))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        profiles = [f"--{account}-profile={account}" for account in permissions.GRANTS]
        return subprocess.run(
            [sys.executable, "-m", "audit", *words, *profiles, "--json"],
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_trace_finds_the_very_log_line_of_a_thumbnail_just_made(
    deployment: Deployment,
    rocket: TimedUpload,
    audit: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """It uses only the thumbnail's name and the permissions of the documented policy."""
    (line,) = eventually(lambda: log_lines(deployment, rocket.key))
    thumbnail = rocket.thumbnails["small.jpg"]
    done = audit("trace", f"s3://{deployment.bucket}/{thumbnail}")
    assert done.returncode == 0, done.stderr
    story = json.loads(done.stdout)
    assert story["complete"]
    assert story["line"] == line
    assert story["session"] == line["session"]
    told = " ".join(step["what"] for step in story["steps"])
    assert line["message_id"] in told
    assert line["request_id"] in told
    assert [step["what"].split()[0] for step in story["steps"]][:2] == ["uploaded", "assumed"]


def test_what_the_emulator_cannot_show_is_said(deployment: Deployment, rocket: TimedUpload) -> None:
    """The emulator's records name no session and its log streams no container: a guess would
    look like proof.
    """
    story = trace_thumbnail(deployment, rocket.thumbnails["small.jpg"])
    assert ACCESS_KEY_ONLY in story.gaps
    said = " ".join(story.gaps)
    assert (
        "The record of the write names no session; the session was taken from the log line" in said
    )
    assert "The log stream does not end with the container's digits" in said


def test_check_passes_what_the_sandbox_has_and_names_what_is_off(
    audit: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """The deployed documents are the program's; the emulator has neither trail nor analyzer."""
    done = audit("check", "--stack", "sandbox")
    assert done.stdout, done.stderr
    lines = {line["what"]: line for line in json.loads(done.stdout)["lines"]}
    not_here = {
        "trail, storage",
        "trail's selectors, storage",
        "trail, producer",
        "trail's selectors, producer",
        "log bucket",
        "analyzer findings, storage",
        "analyzer findings, producer",
        "unused permissions",
        "key",
        "alarms, storage",
        "event rules, producer",
        "event rules, storage",
        "topics, storage",
        "trust of the sending role",
        "grants of the sending role",
    }
    others = {what: line for what, line in lines.items() if line["status"] != "pass"}
    assert {what: line["status"] for what, line in others.items()} == dict.fromkeys(not_here, "off")
    assert done.returncode == 0, done.stderr


def test_who_counts_the_callers_that_the_emulator_recorded(
    deployment: Deployment,
    rocket: TimedUpload,
    audit: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """Callers are counted by access key id, because the emulator records no role; they are then
    not marked.
    """
    done = audit("who", "--since", "1h")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert ACCESS_KEY_ONLY in found["gaps"]
    assert found["rows"]
    assert {row["named"] for row in found["rows"]} == {None}


def test_the_page_tells_the_story_and_what_it_lacks(
    deployment: Deployment, rocket: TimedUpload, tmp_path: Path
) -> None:
    """The page names the message and the request; both can be found in the function's log."""
    demo_run = DemoRun(uploads=[rocket])
    with demo_run.step("everything"):
        demo_run.traced = trace_thumbnail(deployment, rocket.thumbnails["small.jpg"])
    page = html.unescape(write_page(demo_run, deployment, tmp_path).read_text("utf-8"))
    assert demo_run.problems == []
    for step in demo_run.traced.steps:
        assert step.what in page
        assert step.evidence in page
    for gap in demo_run.traced.gaps:
        assert gap in page


def test_a_thumbnail_without_its_line_is_a_problem_of_the_demo(
    deployment: Deployment, rocket: TimedUpload
) -> None:
    """Otherwise the demo would show an incomplete timeline and still pass."""
    demo_run = DemoRun(
        uploads=[rocket], traced=trace_thumbnail(deployment, rocket.thumbnails["small.jpg"])
    )
    assert demo_run.problems == []
    demo_run.traced.line = None
    assert len(demo_run.problems) == 1
