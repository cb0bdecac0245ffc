"""Every option is changed and changed back, on a deployed stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.configuration.options import options_of
from components.configuration.settings import GROUPS
from tests.engine.changes import CHANGES, UNTRIED, WITHOUT_EFFECT
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from tests.engine.engine import Engine, Result, Start

BUCKET, QUEUE, ROLE = "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue", "aws:iam/role:Role"
REPLACED = ("replace", "create-replacement", "delete-replaced")
CHAINS = 3
BASE = {"storage.deletable": True}  # a trail and a key may go


def test_every_option_is_tried() -> None:
    """A new option needs a value here, or the reason why it has none."""
    options = {f"{group}.{each.key}" for group, kind in GROUPS.items() for each in options_of(kind)}
    assert {*CHANGES, *UNTRIED} == options | {"region", "tags", "emulatorPolicies"}


@pytest.mark.engine
@pytest.mark.timeout(900)
@pytest.mark.parametrize("chain", range(CHAINS))
def test_every_option_goes_there_and_back(start: Start, both_layers: None, chain: int) -> None:
    """After each step a preview that looks at the cloud finds nothing to do.

    One update changes an option back and the next option to its second value. No bucket and no
    queue is ever replaced: what is in them would be lost. A role is replaced only if its path
    changes, and the policies that name it follow in the same update.
    """
    engine = start("dev", options=BASE)
    _also_there(engine)
    engine.up()
    engine.clean()
    base, back = dict(engine.options), ""
    for there in [*filled(list(CHANGES)[chain::CHAINS]), ""]:
        engine.options = base | CHANGES.get(there, {})
        _follows(engine, (back, there), engine.up())
        back = there


def _follows(engine: Engine, paths: tuple[str, str], result: Result) -> None:
    replaced = {each.type for each in result.steps if each.operation in REPLACED}
    assert not replaced & {BUCKET, QUEUE}, paths
    assert ROLE not in replaced or any(path.endswith("rolePath") for path in paths), paths
    engine.clean()


@pytest.mark.engine
@pytest.mark.timeout(600)
def test_every_option_changes_something(both_layers: None) -> None:
    """Changing an option and changing it back would also pass for an option that no code reads."""
    before = _made({})
    for path, change in filled(CHANGES.items()):
        assert (_made(change) == before) == (path in WITHOUT_EFFECT), path


def _made(options: dict[str, Any]) -> dict[tuple[str, str], object]:
    """All resources, and of the providers the tags alone: a profile changes nothing in AWS."""
    found = record("dev", BASE | options).resources
    return {
        (each.token, each.name): each.inputs.get("defaultTags")
        if each.token.startswith("pulumi:")
        else each
        for each in found
    }


def _also_there(engine: Engine) -> None:
    """The resources that the values name exist: people, boundaries, an adopted analyzer and
    trail.
    """
    named = [value for change in CHANGES.values() for value in change.values()]
    texts = [text for value in named for text in (value if isinstance(value, list) else [value])]
    arns = {text for text in texts if str(text).startswith("arn:")}
    engine.cloud.outside = {*engine.cloud.outside, *arns}
