"""The policy pack as the engine starts it. It needs Pulumi's language host for Python."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from pulumi.runtime.proto import provider_pb2

from recording.program import PROJECT
from sandbox.providers.engine_server import EngineServer
from tests.policy.examples import examples

if TYPE_CHECKING:
    from tests.engine.engine import Start

pytestmark = [
    pytest.mark.engine,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not shutil.which("pulumi-language-python"),
        reason="no `pulumi-language-python` on the PATH: the policy pack cannot be started",
    ),
]
PACK = str(PROJECT / "policy")


class Lenient(EngineServer):
    """Accepts every type and every provider, because the pack must report the faults."""

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.ConfigureResponse(supportsPreview=True, acceptSecrets=True)

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        return provider_pb2.CreateResponse(properties=request.properties)


def test_each_rule_fires_on_a_bad_program(start: Start) -> None:
    """Each rule reports as often as its example says, and none reports types that take no tags."""
    engine = start("dev", project="tests/engine/bad", server=Lenient)
    previewed = engine.preview(policy_packs=[PACK])
    expected = Counter({each.rule: len(each.says) for each in examples()})
    assert Counter(rule for rule, _ in previewed.violations) == expected
    said = "\n".join(
        message.replace(f"{rule}-", "example-") for rule, message in previewed.violations
    )
    assert [each for example in examples() for each in example.says if each not in said] == []


@pytest.mark.parametrize("stack", ["dev", "production"])
def test_the_program_passes(start: Start, stack: str) -> None:
    """A preview with the pack, when most documents are unknown, and an update with all known."""
    engine = start(stack)
    foreseen = engine.preview(policy_packs=[PACK]).violations
    # The pack's library says so of each document that is not known yet.
    assert {message.partition(" '")[0] for _, message in foreseen} == {"can't run policy"}
    assert engine.up(policy_packs=[PACK]).violations == ()
