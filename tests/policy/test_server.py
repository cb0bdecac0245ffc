"""The pack as the engine meets it: a process, asked over gRPC."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2
from rules import RESOURCE_RULES, STACK_RULES

from recording.recording import UNKNOWN
from tests.policy import server
from tests.policy.examples import PACK, Example, examples, recorded
from tests.recorded import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recording.recording import Recording
    from tests.policy.server import Server

MANDATORY, ADVISORY = analyzer_pb2.MANDATORY, analyzer_pb2.ADVISORY


@pytest.fixture(scope="module")
def pack() -> Iterator[Server]:
    with server.running() as running:
        yield running


def test_every_rule_stops_an_update(pack: Server) -> None:
    """An advisory rule would only be a log line that nobody reads."""
    info = pack.stub.GetAnalyzerInfo(empty_pb2.Empty())
    levels = {each.name: each.enforcementLevel for each in info.policies}
    assert levels == {rule.name: MANDATORY for rule in (*RESOURCE_RULES, *STACK_RULES)}
    assert all(each.description.endswith(".") for each in info.policies)


@pytest.mark.parametrize("example", examples(), ids=str)
def test_the_engine_is_told_of_the_bad_example(pack: Server, example: Example) -> None:
    """The report has the resource's URN and the rule's words."""
    assert _said(pack.preview(example.good), example.rule) == []
    found = pack.preview(example.bad)
    assert {(each.policyName, each.enforcementLevel) for each in found} == {
        (example.rule, MANDATORY)
    }
    assert tuple(_said(found, example.rule)) == example.says


def test_a_violation_of_the_whole_stack_names_the_resource(pack: Server) -> None:
    """The engine prints it for the URN; without the URN nobody knows which resource it is about."""
    (example,) = [each for each in examples() if each.rule == "bucket-is-closed"]
    assert {each.urn for each in pack.preview(example.bad)} == {example.bad[0].urn}


def test_the_program_passes(pack: Server, program: Recording) -> None:
    """Each stack that is shipped passes, by the same calls that the engine makes."""
    assert pack.preview(recorded(program)) == []


def test_what_is_unknown_at_the_first_preview_stops_nothing(
    pack: Server, program: Recording
) -> None:
    """Documents hold ARNs that do not exist yet: their rules are reported as not run, all others
    are run, and the tests on the recorded program have run these."""
    preview = record(program.stack, preview=True)
    resources = tuple(
        dataclasses.replace(each, properties=_sent(each.properties)) for each in recorded(preview)
    )
    found = pack.preview(resources)
    assert {each.enforcementLevel for each in found} == {ADVISORY}
    assert {each.policyName for each in found} <= {
        "bucket-refuses-plain-http",
        "no-wildcard-in-an-allow",
        "queue-binds-its-source",
        "trust-names-a-role",
    }
    assert all("can't run policy" in each.message for each in found)


def test_one_unknown_document_hides_no_other(pack: Server) -> None:
    """A rule that walked all documents at once would stop at the first unknown one."""
    (example,) = [each for each in examples() if each.rule == "no-wildcard-in-an-allow"]
    (bad,) = example.bad
    unknown = dataclasses.replace(bad, name="new", properties={"policy": server.UNKNOWN})
    found = [each for each in pack.preview([unknown, bad]) if each.enforcementLevel == MANDATORY]
    assert tuple(_said(found, example.rule)) == example.says


def test_the_pack_runs_in_the_programs_own_environment() -> None:
    """A path that does not lead to it makes a preview hang instead of fail."""
    project = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text("utf-8"))
    options = {"toolchain": "pip", "virtualenv": "../.venv"}
    assert project["runtime"] == {"name": "python", "options": options}
    program = yaml.safe_load((PACK.parent / "Pulumi.yaml").read_text("utf-8"))
    environment = PACK.parent / program["runtime"]["options"]["virtualenv"]
    assert (PACK / options["virtualenv"]).resolve() == environment.resolve()
    assert "pulumi-policy==" in (PACK.parent / "requirements.txt").read_text("utf-8")


def _said(found: list[Any], rule: str) -> list[str]:
    """What a rule said, without the description that the library puts first."""
    return [each.message.split("\n", 1)[1] for each in found if each.policyName == rule]


def _sent(properties: Any) -> dict[str, Any]:
    return {key: server.UNKNOWN if value == UNKNOWN else value for key, value in properties.items()}
