"""An existing bucket is adopted, used, released and destroyed; nothing is lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from adopt import command
from adopt.permissions import operations
from adopt.rule import OFF, TAG
from adopt.stack import AdoptedStack
from recording.program import configuration, settings_from
from sandbox.actors import Actors
from sandbox.emulator import Emulator
from sandbox.stack import Stack
from tests.existing import BUCKET, OPTIONS, PICTURES, Relay, Theirs, eventually, jpeg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine.engine import Start

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator(log=tmp_path / "emulator.log") as emulator:
        for name, value in {
            "AWS_ENDPOINT_URL": emulator.clients.endpoint,
            "AWS_CA_BUNDLE": str(emulator.clients.ca_bundle),
            "AWS_ACCESS_KEY_ID": Stack.read().storage,
            "AWS_SECRET_ACCESS_KEY": "emulator",
        }.items():
            monkeypatch.setenv(name, value)
        settings = settings_from(configuration("sandbox", OPTIONS))
        monkeypatch.setattr(command, "read_stack", lambda _: AdoptedStack(settings))
        yield emulator


def noted(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """The operations that the commands call from now on."""
    calls = set[tuple[str, str]]()
    connect = command.connect

    def connected(*arguments: Any) -> Any:
        access = connect(*arguments)
        client = access.client

        def noting(account: str, service: str, region: str | None = None) -> Any:
            found = client(account, service, region)
            found.meta.events.register(
                "before-call",
                lambda model, **_: calls.add((service, model.name)),
                unique_id=f"noted-{service}",
            )
            return found

        monkeypatch.setattr(access, "client", noting)
        return access

    monkeypatch.setattr(command, "connect", connected)
    return calls


def ran(calls: set[tuple[str, str]], step: str, *words: str) -> set[tuple[str, str]]:
    """Run one step of the command; the operations that it called."""
    calls.clear()
    assert command.main([step, "--stack", "sandbox", *words]) == 0
    return set(calls)


def test_a_bucket_in_use_is_adopted_used_and_released(
    start: Start,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Policy, notification and every earlier object are as before.

    The owner's service reads all the time, and none of its reads fails.
    """
    stack, clients = Stack.read(), emulator.clients
    actors = Actors(clients, stack)
    actors.seed()
    theirs = Theirs(clients, stack, actors)
    settings, objects = theirs.settings(), theirs.objects()
    assert len(objects) == PICTURES + 1
    with theirs.reading() as reads:
        calls = noted(monkeypatch)
        assert ran(calls, "check") == operations("check")
        said = capsys.readouterr().out
        assert "off: thumbx would get no event about an upload" in said
        assert "their-own" in said

        at = stack.at(clients.endpoint, str(clients.ca_bundle))
        engine = start("sandbox", options=at | OPTIONS)
        engine.up()
        engine.clean()
        assert theirs.settings() == settings

        after_a_no = {("events", "UntagResource")}
        assert ran(calls, "enable", "--yes") == operations("enable") - after_a_no
        switched = settings["notification"] | {"EventBridgeConfiguration": {}}
        assert theirs.settings() == settings | {"notification": switched}
        engine.clean()  # the note on the rule is nobody's change
        assert ran(calls, "policy") == operations("policy") - {("s3", "PutBucketPolicy")}
        assert "ThumbXDenyOtherReadsOfOriginals" in capsys.readouterr().out
        assert theirs.settings()["policy"] == settings["policy"]

        relay = Relay(clients, stack, actors, engine.outputs()["queue_url"])
        theirs.s3.put_object(Bucket=BUCKET, Key="2026/new one.jpg", Body=jpeg())
        folder = "thumbnails/2026/new one.jpg/"

        def made() -> bool:
            relay.run()
            found = theirs.s3.list_objects_v2(Bucket=BUCKET, Prefix=folder).get("Contents", [])
            return len(found) == len(stack.names)

        assert eventually(made)
        time.sleep(0.5)
        relay.run()
        assert relay.keys() == ["2026/new one.jpg"]  # not one of its thumbnails
        relay.end()

        assert ran(calls, "release", "--yes") == operations("release")
        assert f"aws s3 rm --recursive s3://{BUCKET}/thumbnails/" in capsys.readouterr().out
        engine.destroy()
        assert list(engine.cloud) == []
        assert theirs.settings() == settings
        assert theirs.objects() == objects
        thumbnails = theirs.s3.list_objects_v2(Bucket=BUCKET, Prefix=folder)
        assert thumbnails["KeyCount"] == len(stack.names)
    assert reads[0] > PICTURES  # each picture was read at least once


def test_the_note_of_enable_stays_and_the_stack_s_own_tags_reach_the_rule(start: Start) -> None:
    """Somebody's `up` between `enable` and `release` must not remove the note."""
    engine = start("dev", options={"storage.bucket": BUCKET})
    engine.up()
    rule = engine.named("ThumbX-uploads-rule", "aws:cloudwatch/eventRule:EventRule")
    rule.inputs["tagsAll"] |= {TAG: OFF}
    engine.clean()
    engine.options["tags"] = {"team": "pictures"}
    engine.up()
    tags = engine.named("ThumbX-uploads-rule", rule.token).inputs["tagsAll"]
    assert tags["team"] == "pictures"
    assert tags[TAG] == OFF
    engine.clean()
    (kept,) = [each for each in engine.resources() if each["urn"].endswith("::ThumbX-uploads-rule")]
    assert kept["outputs"]["tagsAll"] == {key: value for key, value in tags.items() if key != TAG}
