"""Changes and deletions by hand, and the command that people are told to run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from recording.resource_types import TYPES
from tests.filled import filled

if TYPE_CHECKING:
    from sandbox.cloud.things import Cloud, Thing
    from tests.engine.engine import Engine, Start

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3000)]

BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
CHAINS = 3
AT_ONCE = 3  # types, because each round takes ten seconds
EVERYTHING = {
    "storage.encryption": "kms",
    "access.origins": ["https://pictures.example.com"],
    "watch.alertEmail": "pictures@example.com",
}


def by_hand(cloud: Cloud, thing: Thing) -> None:
    """Delete a resource in the console, which deletes what it contains first."""
    for each in cloud:
        keys = ["bucket", "queueUrl", "role", "rule", "topic", "arn"]
        keys += ["analyzerName"] if each.token.endswith("ArchiveRule") else []
        names = [each.inputs.get(key) for key in keys]
        same = each.account == thing.account and each is not thing
        if same and thing.id in names:
            cloud.remove(each.token, each.id, each.account, each.region)
    cloud.remove(thing.token, thing.id, thing.account, thing.region)


def one_of_each(engine: Engine) -> list[Thing]:
    """The first thing of each type."""
    found: dict[str, Thing] = {}
    for each in engine.cloud:
        found.setdefault(each.token, each)
    return [found[token] for token in sorted(found)]


@pytest.mark.parametrize("chain", range(CHAINS))
def test_what_was_deleted_by_hand_comes_back(start: Start, chain: int) -> None:
    """One resource of each type is deleted, and `pulumi up` is run as the remedies say."""
    engine = start("dev", options=EVERYTHING)
    engine.up()
    made = {token for token, kind in TYPES.items() if kind.accounts}
    assert {each.token for each in one_of_each(engine)} == made
    tokens = [each.token for each in one_of_each(engine)][chain::CHAINS]
    for some in filled([tokens[at : at + AT_ONCE] for at in range(0, len(tokens), AT_ONCE)]):
        gone = [each for each in one_of_each(engine) if each.token in some]
        for each in gone:
            by_hand(engine.cloud, each)
        again = engine.up().names("create")
        assert {each.name for each in filled(gone)} <= again
        for each in gone:
            assert engine.named(each.name, each.token).account == each.account
        engine.clean()


def test_what_was_changed_by_hand_is_put_back(start: Start) -> None:
    """Every policy is changed to allow everybody everything, and one switch of the bucket is
    changed; one `pulumi up` restores all of it.
    """
    engine = start("dev")
    engine.up()
    opened = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [opened]})
    before: dict[tuple[str, str], str] = {}
    for thing in engine.cloud:
        key = TYPES[thing.token].document
        if thing.inputs.get(key):
            before[thing.token, thing.id] = thing.inputs[key]
            thing.inputs[key] = document
    block = engine.named("thumbx-images-public-access")
    block.inputs["blockPublicPolicy"] = False
    assert {token for token, _ in before} > {BUCKET_POLICY}

    result = engine.up()

    changed = {
        (thing.token, thing.id): thing.inputs[TYPES[thing.token].document]
        for thing in engine.cloud
        if thing.inputs.get(TYPES[thing.token].document)
    }
    assert changed == before
    assert engine.named("thumbx-images-public-access").inputs["blockPublicPolicy"] is True
    assert len(result.names("update")) == len(before) + 1
    engine.clean()


def test_without_a_refresh_an_update_sees_nothing(start: Start) -> None:
    """For this reason Pulumi.yaml says `refresh: always`; nobody should remove it to save
    seconds.
    """
    engine = start("dev")
    engine.up()
    policy = engine.named("thumbx-images-policy")
    policy.inputs["policy"] = '{"Statement": []}'
    project = engine.folder / "Pulumi.yaml"
    declared = project.read_text("utf-8")
    assert declared.count("refresh: always") == 1
    project.write_text(declared.replace("refresh: always", "{}"), "utf-8")
    assert engine.up().steps == ()
    project.write_text(declared, "utf-8")
    assert "thumbx-images-policy" in engine.up().names("update")
