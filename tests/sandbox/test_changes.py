"""Changes that must raise an alarm: recorded events, by EventBridge's own test call in the
emulator.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from recording import stack_file
from recording.program import PROJECT
from sandbox.emulator import Emulator
from tests.audit import events as trail
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recording.recording import Recording

pytestmark = pytest.mark.slow

A, B = "111111111111", "222222222222"
DEPLOYER = trail.DEPLOYER
RECORDS: dict[str, list[dict[str, Any]]] = stack_file.load(
    PROJECT / "tests" / "sandbox" / "records.yaml"
)
CASES = [(rule, each) for rule, found in RECORDS.items() for each in found]
SESSIONS = {"insider": trail.INSIDER, "deployer": DEPLOYER}
CALLERS = {
    **{
        name: trail.role_session(role, "session", trail.access_key(7))
        for name, role in SESSIONS.items()
    },
    "root": {"type": "Root", "arn": f"arn:aws:iam::{B}:root", "accountId": B},
    "user": {"type": "IAMUser", "arn": f"arn:aws:iam::{B}:user/alice", "userName": "alice"},
}


@pytest.fixture(scope="module")
def program() -> Recording:
    """The example stack with everything that can raise an alarm, and its deploy role."""
    return record("dev", {"storage.encryption": "kms", "watch.deployers": [DEPLOYER]})


@pytest.fixture(scope="module")
def matches(program: Recording) -> Iterator[Callable[[str, dict[str, Any], str], bool]]:
    key = program.named("thumbx-images-key").outputs["arn"]
    mapping = program.named("ThumbX-uploads-to-function").outputs["id"]
    with Emulator() as emulator:
        client = emulator.clients.client("events", B, "eu-central-1")

        def asked(rule: str, recorded: dict[str, Any], caller: str) -> bool:
            text = json.dumps(recorded).replace('"KEY"', f'"{key}"')
            detail = json.loads(text.replace("MAPPING", mapping))
            service = detail["eventSource"].partition(".")[0]
            whole = {
                "id": "1",
                "account": B,
                "time": "2030-01-02T03:04:05Z",
                "resources": [],
                "source": f"aws.{service}",
                "region": "eu-central-1",
                "detail-type": "AWS API Call via CloudTrail",
                "detail": detail | {"userIdentity": CALLERS[caller]},
            }
            pattern = program.named(rule, "aws:cloudwatch/eventRule:EventRule").inputs
            return client.test_event_pattern(
                EventPattern=pattern["eventPattern"], Event=json.dumps(whole)
            )["Result"]

        yield asked


def test_each_recorded_change_rings_whoever_makes_it_but_the_deploy_role(
    matches: Callable[[str, dict[str, Any], str], bool],
) -> None:
    """A user and root have no session issuer, so a comparison alone would not match them."""
    for rule, recorded in filled(CASES):
        heard = {caller for caller in CALLERS if matches(rule, recorded, caller)}
        assert heard == {"insider", "root", "user"}, (rule, recorded["eventName"])


def test_the_same_change_to_something_else_rings_nothing(
    matches: Callable[[str, dict[str, Any], str], bool],
) -> None:
    """An account has other functions, keys and alarms; a person who gets mails about all of them
    reads none.
    """
    ours = ("ThumbX", "thumbx", '"KEY"', "MAPPING")
    for rule, recorded in filled(CASES):
        text = json.dumps(recorded)
        for word in ours:
            text = text.replace(word, '"another"' if word.startswith('"') else "another")
        assert not matches(rule, json.loads(text), "insider"), (rule, recorded["eventName"])


def test_every_rule_on_changes_has_a_record(program: Recording) -> None:
    """Both accounts have the rules on watchers; they differ in names alone."""
    rules = {each.name for each in program.of("aws:cloudwatch/eventRule:EventRule")}
    changes = {name.partition("-")[2].partition("-")[2] for name in rules if "-changed" in name}
    recorded = {name.partition("-")[2].partition("-")[2] for name in RECORDS}
    assert {name.removesuffix("-there") for name in changes} == recorded
