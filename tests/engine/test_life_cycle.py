"""A stack from creation to deletion, on the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.engine import EngineError

if TYPE_CHECKING:
    from tests.engine.engine import Engine, Start

pytestmark = pytest.mark.timeout(600)


def life_cycle(engine: Engine) -> None:
    """The steps of a person: a preview, an up, a drift check; then the deletion on purpose."""
    foreseen = engine.preview()
    made = engine.up()
    assert made.names("create") == foreseen.names("create") != set()
    engine.clean()
    there = {(each.token, each.id) for each in engine.cloud}
    pictures = engine.named("thumbx-images").id
    engine.cloud.objects[pictures] = 3

    with pytest.raises(EngineError, match="protected"):
        engine.destroy()
    assert {(each.token, each.id) for each in engine.cloud} == there

    engine.options["storage.deletable"] = True
    assert "thumbx-images" in engine.up().names("update")
    engine.destroy()
    assert list(engine.cloud) == []


def test_the_stack_dev_comes_and_goes(start: Start) -> None:
    """The protected destroy deletes nothing; `deletable`, up, destroy leave nothing."""
    life_cycle(start("dev"))


@pytest.mark.engine
def test_the_stack_production_comes_and_goes(start: Start) -> None:
    """The same with the options of production."""
    life_cycle(start("production"))


@pytest.mark.engine
def test_a_stack_on_a_bucket_that_was_there_before_comes_and_goes(start: Start) -> None:
    """Nothing in it is protected, because the bucket is not the program's."""
    engine = start("dev", options={"storage.bucket": "their-pictures"})
    foreseen = engine.preview()
    made = engine.up()
    assert made.names("create") == foreseen.names("create") != set()
    engine.clean()
    assert "their-pictures" not in {each.id for each in engine.cloud}
    engine.destroy()
    assert list(engine.cloud) == []


@pytest.mark.engine
def test_the_state_holds_no_secret(start: Start) -> None:
    """Everybody who may read the state can read everything in it, encrypted or not.

    The credentials are in the environment, as in a workflow, because pulumi_aws reads some
    variables itself and would register their values with the provider.
    """
    engine = start("dev")
    credentials = {
        "AWS_ACCESS_KEY_ID": "AKIACANARYCANARYCANA",
        "AWS_SECRET_ACCESS_KEY": "canary-of-the-secret-key",
        "AWS_SESSION_TOKEN": "canary-of-the-session-token",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/canary/of/the/token",
    }
    engine.environment |= credentials
    engine.up()
    state = engine.state()
    secret = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how the engine marks one
    # No `in` of an assert: pytest would compare the whole state with itself for minutes.
    assert [word for word in (*credentials.values(), secret, "ciphertext") if word in state] == []
    for each in engine.resources():
        arguments = {**each.get("inputs", {}), **each.get("outputs", {})}
        assert not set(each.get("additionalSecretOutputs", [])) & set(arguments), each["urn"]
