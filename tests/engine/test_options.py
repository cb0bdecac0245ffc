"""Every option there and back, on a stack that is up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from components.configuration.options import options_of
from components.configuration.settings import GROUPS
from components.producer import package
from tests.filled import filled

if TYPE_CHECKING:
    from tests.engine.engine import Engine, Result, Start

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3000)]

A, B = "111111111111", "222222222222"
BUCKET, QUEUE, ROLE = "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue", "aws:iam/role:Role"
REPLACED = ("replace", "create-replacement", "delete-replaced")

# Another value for each option, and what has to go with it.
CHANGES: dict[str, dict[str, Any]] = {
    "producer.profile": {"producer.profile": "another"},
    "producer.boundary": {"producer.boundary": f"arn:aws:iam::{A}:policy/boundary"},
    "producer.rolePath": {"producer.rolePath": "/teams/pictures/"},
    "storage.profile": {"storage.profile": "another"},
    "storage.boundary": {"storage.boundary": f"arn:aws:iam::{B}:policy/boundary"},
    "storage.rolePath": {"storage.rolePath": "/teams/pictures/"},
    "storage.encryption": {"storage.encryption": "kms"},
    "storage.deletable": {"storage.deletable": False},
    "thumbnails.sizes": {"thumbnails.sizes": {"tiny": 64}},
    "thumbnails.format": {"thumbnails.format": "webp"},
    "thumbnails.quality": {"thumbnails.quality": 70},
    "thumbnails.fit": {"thumbnails.fit": "cover"},
    "thumbnails.background": {"thumbnails.background": "#000000"},
    "thumbnails.animated": {"thumbnails.animated": True, "thumbnails.format": "webp"},
    "thumbnails.originalsPrefix": {"thumbnails.originalsPrefix": "uploads/"},
    "thumbnails.thumbnailsPrefix": {"thumbnails.thumbnailsPrefix": "small/"},
    "access.uploaders": {"access.uploaders": []},
    "access.readers": {"access.readers": [f"arn:aws:iam::{B}:role/another"]},
    "access.originalReaders": {"access.originalReaders": [f"arn:aws:iam::{B}:role/another"]},
    "access.administrators": {"access.administrators": [f"arn:aws:iam::{B}:role/another"]},
    "function.memory": {"function.memory": 1024},
    "function.timeout": {"function.timeout": 120},
    "function.architecture": {"function.architecture": "x86_64"},
    "function.concurrency": {"function.concurrency": 20},
    "function.logLevel": {"function.logLevel": "DEBUG"},
    "security.sessionPolicy": {"security.sessionPolicy": True},
    "security.presignedMinutes": {"security.presignedMinutes": 20},
    "watch.trail": {"watch.trail": "off", "watch.accessAlarms": False}
    | {"watch.managementEvents": "off"},
    "watch.trailBucket": {
        "watch.trail": f"arn:aws:cloudtrail:eu-central-1:{B}:trail/audit",
        "watch.trailBucket": "audit-logs",
        "watch.managementEvents": "adopt",
    },
    "watch.dataEvents": {"watch.dataEvents": "writes"},
    "watch.managementEvents": {"watch.managementEvents": "adopt"},
    "watch.storageAnalyzer": {"watch.storageAnalyzer": "off"},
    "watch.producerAnalyzer": {
        "watch.producerAnalyzer": f"arn:aws:access-analyzer:eu-central-1:{A}:analyzer/audit"
    },
    "watch.alarms": {"watch.alarms": False},
    "watch.refusedPercent": {"watch.refusedPercent": 10},
    "watch.accessAlarms": {"watch.accessAlarms": False},
    "watch.alertEmail": {"watch.alertEmail": "pictures@example.com"},
    "watch.dashboards": {"watch.dashboards": False},
    "retention.logDays": {"retention.logDays": 30},
    "retention.versionDays": {"retention.versionDays": 7},
    "retention.trailDays": {"retention.trailDays": 30},
    "tags": {"tags": {"owner": "another"}},
}
# Which of them change nothing in either account: what is told to a provider alone.
WITHOUT_EFFECT = {"producer.profile", "storage.profile"}
# Fixed once deployed, or of an emulator: the stack file is for one place.
UNTRIED = {
    "region",
    "emulatorPolicies",
    "security.oneAccount",
    *(f"{side}.{field}" for side in ("producer", "storage") for field in ("account", "endpoint")),
    *(f"{side}.caBundle" for side in ("producer", "storage")),
}
CHAINS = 6


@pytest.fixture(scope="session")
def both_layers(layer: None) -> None:
    """One of the options is the architecture."""
    package.build_layer("x86_64")


def test_every_option_is_tried() -> None:
    """A new option comes with a value here, or with the reason why it has none."""
    options = {f"{group}.{each.key}" for group, kind in GROUPS.items() for each in options_of(kind)}
    assert {*CHANGES, *UNTRIED} == options | {"region", "tags", "emulatorPolicies"}


@pytest.mark.parametrize("chain", range(CHAINS))
def test_every_option_goes_there_and_back(start: Start, both_layers: None, chain: int) -> None:
    """After each step a preview that looks at the cloud finds nothing to do.

    No bucket and no queue is ever replaced: what is in them would be lost. A role is replaced by
    its path alone, and what names it follows in that update.
    """
    engine = start("dev", options={"storage.deletable": True})
    _also_there(engine)
    engine.up()
    engine.clean()
    base = dict(engine.options)
    for path in filled(list(CHANGES)[chain::CHAINS]):
        for each, value in CHANGES[path].items():
            engine.options[each] = value
        _follows(engine, path, engine.up())
        engine.options = dict(base)
        _follows(engine, path, engine.up())


def _follows(engine: Engine, path: str, result: Result) -> None:
    changed = [each for each in result.steps if not each.type.startswith("pulumi:")]
    assert changed or path in WITHOUT_EFFECT, path
    replaced = {each.type for each in result.steps if each.operation in REPLACED}
    assert not replaced & {BUCKET, QUEUE}, path
    assert ROLE not in replaced or path.endswith("rolePath"), path
    engine.clean()


def _also_there(engine: Engine) -> None:
    """What the values name is there: people, boundaries, an adopted analyzer and trail."""
    named = [value for change in CHANGES.values() for value in change.values()]
    texts = [text for value in named for text in (value if isinstance(value, list) else [value])]
    arns = {text for text in texts if str(text).startswith("arn:")}
    engine.cloud.outside = {*engine.cloud.outside, *arns}
