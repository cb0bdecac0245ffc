"""docs/deploy.md, Ways back: each option that leaves something protected is removed in the way
that the page says.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pipeline import old_key
from recording.program import PROJECT, configuration, settings_from
from sandbox.actors import Actors
from sandbox.emulator import Emulator
from sandbox.stack import Stack
from tests.engine.changes import CHANGES
from tests.engine.engine import EngineError
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.engine.engine import Engine, Start

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

PAGE = (PROJECT / "docs" / "deploy.md").read_text("utf-8")
WAYS = PAGE[PAGE.index("### Ways back") : PAGE.index("## 3. Through pull requests")]
# How a part of the page begins, by the option that it is about.
PARTS = {
    "storage.encryption": "**From `kms` to `s3`.**",
    "watch.trail": "**From `trail: create` to another trail or to none.**",
}
OTHERS = {"watch.trailBucket"}  # adopts a trail, as a value of watch.trail does
PROTECTION = {"storage.deletable"}  # the protection itself


def commands(option: str) -> Iterator[str]:
    """Every line of shell in the option's part of the page."""
    part = WAYS[WAYS.index(PARTS[option]) :].partition("\n**From ")[0]
    for block in filled(re.findall(r"```sh\n(.*?)```", part, re.DOTALL)):
        yield from block.replace("\\\n", " ").splitlines()


def carry_out(engine: Engine, lines: Iterator[str], of_others: Callable[[str], None]) -> None:
    """Carry out the lines; `of_others` does what neither make nor Pulumi does."""
    for line in lines:
        match shlex.split(line):
            case ["pulumi", "config", "set", "--path", path, value, "--stack", _]:
                engine.options[path.removeprefix("thumbx:")] = yaml.safe_load(
                    value if value in ("true", "false") else json.dumps(value)
                )
            case ["pulumi", "config", "rm", "--path", path, "--stack", _]:
                del engine.options[path.removeprefix("thumbx:")]
            case ["pulumi", "state", "unprotect", urn, "--yes", "--stack", _]:
                engine.unprotect(urn)
            case ["make", "up", *_]:
                engine.up()
            case _:
                of_others(line)


def test_every_option_that_leaves_something_protected_has_a_way_back(both_layers: None) -> None:
    """Such options are found by comparing what is protected before and afterwards, in both
    directions.
    """

    def protected(options: dict[str, Any]) -> set[str]:
        return {each.name for each in record("dev", options).resources if each.protect}

    before = protected({})
    leaving = {
        option
        for option, change in CHANGES.items()
        if (before ^ protected(change)) and option not in PROTECTION
    }
    assert leaving == {*PARTS, *OTHERS}


def test_the_trail_ends_by_the_way_that_is_written(start: Start) -> None:
    """In one step it is refused, and nothing is changed."""
    engine = start("dev")
    engine.up()
    there = {(each.token, each.id) for each in engine.cloud}
    logs = engine.named("thumbx-logs").id
    engine.cloud.objects[logs] = 5
    before = dict(engine.options)
    engine.options |= CHANGES["watch.trail"]
    with pytest.raises(EngineError, match="protected"):
        engine.preview()
    engine.options = before
    others: list[str] = []
    carry_out(engine, commands("watch.trail"), others.append)
    assert [each.split()[:3] for each in others] == [["aws", "s3", "sync"]]
    assert engine.options == CHANGES["watch.trail"]
    gone = {token for token, _ in there - {(each.token, each.id) for each in engine.cloud}}
    assert {"aws:cloudtrail/trail:Trail", "aws:s3/bucket:Bucket"} <= gone
    engine.clean()
    with pytest.raises(EngineError, match="protected"):
        engine.destroy()


def test_the_key_is_left_by_the_way_that_is_written(start: Start, tmp_path: Path) -> None:
    """In the emulator, with pictures under the key: the check counts them until none is left."""
    stack = Stack.read()
    with Emulator(log=tmp_path / "emulator.log") as emulator:
        actors = Actors(emulator.clients, stack)
        actors.seed()
        at = stack.at(emulator.clients.endpoint, str(emulator.clients.ca_bundle))
        engine = start("sandbox", options=at | {"storage.encryption": "kms"})
        engine.options["storage.deletable"] = False
        engine.up()
        outputs = engine.outputs()
        bucket, key = outputs["bucket"], outputs["key_arn"]
        administrator = emulator.clients.client(
            "s3", actors.assume(stack.administrator), stack.region
        )
        names = [f"{stack.originals}{n}.jpg" for n in range(3)]
        for name in names:
            administrator.put_object(Bucket=bucket, Key=name, Body=b"no picture")

        settings = settings_from(configuration("sandbox"))

        def left() -> old_key.Left:
            return old_key.left_under(administrator, bucket, stack.storage, key)

        def copy(line: str) -> None:
            """Copy each object, as `aws s3 cp --recursive --sse AES256` does."""
            if line.startswith("aws s3 cp"):
                assert left().objects == len(names)
                assert "--recursive --sse AES256" in line
                for name in names:
                    source = {"Bucket": bucket, "Key": name}
                    administrator.copy_object(
                        Bucket=bucket, Key=name, CopySource=source, ServerSideEncryption="AES256"
                    )

        lines = list(commands("storage.encryption"))
        last = next(n for n, line in enumerate(lines) if "unprotect" in line)
        carry_out(engine, iter(lines[:last]), copy)
        assert engine.outputs()["old_key_arn"] == key
        engine.clean()
        administrator.put_object(Bucket=bucket, Key=names[0], Body=b"new")
        assert left() == old_key.Left(objects=0, versions=len(names), uploads=0)
        expire(administrator, bucket)
        assert not left()

        printed = old_key.report("sandbox", settings, bucket, key, left()).splitlines()[1:]
        assert [each.strip() for each in printed[:2]] == [
            each.replace("dev", "sandbox") for each in lines[last : last + 2]
        ]
        carry_out(engine, (each.strip() for each in printed), copy)
        assert "key_arn" not in engine.outputs()
        assert engine.cloud.of("aws:kms/key:Key") == []
        engine.clean()
        assert administrator.get_object(Bucket=bucket, Key=names[0])["Body"].read() == b"new"


def expire(s3: Any, bucket: str) -> None:
    """Delete the older versions, as the lifecycle does in time."""
    for each in s3.list_object_versions(Bucket=bucket)["Versions"]:
        if not each["IsLatest"]:
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
