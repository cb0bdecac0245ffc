"""docs/runbook.md: it has an entry for every alarm, and every command runs exactly as it is
written.

In the emulator: SQS, CloudWatch Logs, CloudWatch, EventBridge, SNS, KMS, S3 and Lambda; its log
groups of events and its key are made here, as the sandbox's stack has none. Against the pretend
cloud: Access Analyzer, SQS's StartMessageMoveTask, `make audit`, and `pulumi`, which `make drift`
calls.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import time
from contextlib import redirect_stdout
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from audit import command
from pipeline import runbook
from recording.program import PROJECT
from recording.recording import record
from tests import aws_cli
from tests.audit import aws
from tests.audit.conftest import export  # noqa: F401 - a fixture
from tests.filled import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recording.recording import Recording
    from sandbox.deployment import Deployment
    from tests.audit.conftest import TrailExport

PAGE = (PROJECT / "docs" / "runbook.md").read_text("utf-8")
ENTRIES = dict(re.findall(r"(?ms)^## (\S+)\n(.*?)(?=^## |\Z)", PAGE))
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
ACCOUNTS = {"thumbx-dev-producer": "111111111111", "thumbx-dev-storage": "222222222222"}
SIDES = {"thumbx-dev-producer": "producer", "thumbx-dev-storage": "storage"}

NOT_IN_EMULATOR: dict[tuple[str, str], Any] = {
    ("accessanalyzer", "ListArchiveRules"): {"archiveRules": [{"ruleName": "thumbx-dev-thumbx"}]},
    ("sqs", "StartMessageMoveTask"): {"TaskHandle": "handle"},
}


def commands(entry: str) -> list[str]:
    return re.findall(r"(?ms)^```sh\n(.*?)\n```$", entry)


def test_the_page_is_the_program_s() -> None:
    """`make runbook-page` writes it; a changed alarm changes it."""
    assert runbook.example() == PAGE


def test_every_alarm_has_an_entry_with_three_commands_and_its_end() -> None:
    """Every entry also has its alarm, because the mail names the heading."""
    program = record("dev", {"storage.encryption": "kms"}, stacks="tests/stacks")
    named = {
        re.search(r"docs/runbook\.md#(\S+)\. ", each.inputs["alarmDescription"])[1]  # type: ignore[index]
        for each in program.of(ALARM)
    }
    assert named == set(ENTRIES)
    for name, entry in filled(ENTRIES.items()):
        assert len(commands(entry)) == 3, name
        assert entry.count("\nShows: ") == 3, name
        assert entry.count("\n**Over** when ") == 1, name
        assert "[[" not in entry, name


@pytest.fixture(scope="module")
def night(deployment: Deployment) -> str:
    """What an alarm would have left: events in their log groups, a key; returns the key's id."""
    region = deployment.stack.region
    for side, account in (("pipeline", "producer"), ("storage", "storage")):
        number = getattr(deployment.stack, account)
        logs = deployment.clients.client("logs", number, region)
        group = f"/aws/events/ThumbX-{side}-dev"
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="events")
        heard = {"timestamp": int(time.time() * 1000), "message": json.dumps({"who": "mallory"})}
        logs.put_log_events(logGroupName=group, logStreamName="events", logEvents=[heard])
        deployment.clients.client("events", number, region).put_rule(
            Name=f"ThumbX-{side}-denied-0a1b2c3", EventPattern='{"source": ["aws.s3"]}'
        )
    for queue in ("dead_letter_queue_url", "refused_queue_url"):
        deployment.sqs.send_message(QueueUrl=deployment.exports[queue], MessageBody=queue)
    deployment.clients.client("sns", deployment.stack.storage, region).create_topic(Name="alerts")
    kms = deployment.clients.client("kms", deployment.stack.storage, region)
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    rule: Any = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    }
    deployment.s3.put_bucket_encryption(
        Bucket=deployment.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    kms.schedule_key_deletion(KeyId=key)
    return key


def pretending(pretend: aws.Aws, side: str, service: str, region: str) -> Any:
    """A client of the pretend cloud, without the audit's own refusal."""
    made = boto3.client(service, region, aws_access_key_id=aws.KEY, aws_secret_access_key=aws.KEY)

    def answer(model: Any, **_: Any) -> Any:
        found = pretend.answer((side, service, model.name), {})
        return SimpleNamespace(status_code=200, headers={}), found

    made.meta.events.register("before-call", answer)
    return made


@pytest.fixture(scope="module")
def typed(
    deployment: Deployment,
    night: str,
    dev: Recording,
    export: TrailExport,  # noqa: F811 - the fixture
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], str]]:
    """Types a command into a shell; returns what it printed, and fails where it fails."""
    folder = tmp_path_factory.mktemp("bin")
    pretend = aws.deployed(dev, export.folder)

    pretend.answers |= {
        (side, *call): found for side in SIDES.values() for call, found in NOT_IN_EMULATOR.items()
    }

    def client(service: str, operation: str, profile: str, region: str) -> Any:
        if service == "accessanalyzer" or (service, operation) in NOT_IN_EMULATOR:
            return pretending(pretend, SIDES[profile], service, region)
        return deployment.clients.client(service, ACCOUNTS[profile], region)

    def pulumi(words: list[str]) -> str:
        assert (words[:2], words[3:]) == (["stack", "output"], ["--stack", "dev"])
        alerts = {"storage_alerts": "arn:aws:sns:eu-central-1:222222222222:alerts"}
        outputs = {key: value for key, value in deployment.exports.items() if value} | alerts
        return f"{outputs[words[2]]}\n"

    def make(words: list[str]) -> str:
        """As the Makefile has it: `-n` shows the recipe, of which the audit's is run here."""
        shown = subprocess.run(["make", "-n", *words], capture_output=True, text=True, cwd=PROJECT)  # noqa: PLW1510, S607
        assert shown.returncode == 0, shown.stderr
        if words[0] == "drift":
            assert '-m pipeline drift "$STACK"' in shown.stdout
            return shown.stdout
        (arguments,) = [word.removeprefix("ARGS=") for word in words[1:]]
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
            patch.setattr(command, "connect", lambda *_: pretend.access())
            code = command.main(shlex.split(arguments))
        assert code in (0, 1, 2), words
        assert said.getvalue(), words
        return said.getvalue()

    tools = {"aws": lambda words: aws_cli.call(words, client), "pulumi": pulumi, "make": make}
    with aws_cli.answering(folder, tools):

        def run(text: str) -> str:
            done = subprocess.run(
                ["sh", "-ec", text],  # noqa: S607
                env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{text}\n{done.stderr}"
            return done.stdout

        yield run


@pytest.mark.slow
def test_every_command_of_the_runbook_runs_as_it_stands(typed: Callable[[str], str]) -> None:
    """At night nobody has time to find out why it does not."""
    said: dict[tuple[str, int], str] = {}
    ran: dict[str, str] = {}
    for name, entry in filled(ENTRIES.items()):
        for number, line in enumerate(commands(entry), 1):
            if line not in ran:
                ran[line] = typed(line)
            said[name, number] = ran[line]
    for name in ENTRIES:
        if name.startswith("storage") or name.endswith(("-changed", "findings", "-sessions")):
            assert "mallory" in said[name, 1], name
    assert "dead_letter_queue_url" in said["pipeline-dead-letters", 1]
    assert "refused_queue_url" in said["pipeline-refused", 1]
    assert "PendingDeletion" in said["storage-key-changed", 2]
    assert said["storage-analyzer-changed", 2] == "thumbx-dev-thumbx\n"
    assert "Enabled" in said["pipeline-oldest-message", 3]
    assert "ThumbX-storage-denied" in said["storage-rules-changed", 2]
    assert "ThumbX-pipeline-errors" in said["pipeline-alarms-changed", 2]
