"""The README against the project: what it names is there, and says what it says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from recording.program import PROJECT
from tests.configured import declarations
from tests.filled import filled

if TYPE_CHECKING:
    from recording.recording import Recording

README = (PROJECT / "README.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+?) \| .+ \|$", re.MULTILINE)


def test_the_configuration_table_is_that_of_the_project() -> None:
    """A default that the README promises and the program does not have is found in production."""
    rows = {name: (kind, default.strip("`")) for name, kind, default in ROW.findall(README)}
    declared = {key.removeprefix("thumbx:"): says for key, says in declarations().items()}
    assert list(rows) == list(declared)
    for name, (kind, default) in rows.items():
        assert kind == declared[name]["type"], name
        value = declared[name].get("default", "required")
        plain = value if isinstance(value, str) else json.dumps(value)
        assert default.strip('"') == re.sub(r'["{}]', "", plain) or default == plain, name


def test_every_resource_type_is_in_the_table(dev: Recording) -> None:
    """ "Every resource, one line": what is not listed is what a reviewer asks about."""
    table = README.partition("## What it deploys")[2].partition("## Deploying")[0].lower()
    words = {
        "ArchiveRule": "archive rules",
        "Analyzer": "access analyzer",
        "BucketLifecycleConfiguration": "lifecycle",
        "BucketNotification": "notification",
        "BucketOwnershipControls": "ownership",
        "BucketPolicy": "its policy",
        "BucketPublicAccessBlock": "public access block",
        "BucketServerSideEncryptionConfiguration": "encryption",
        "BucketVersioning": "versioning",
        "EventRule": "eventbridge rules",
        "EventSourceMapping": "event source mapping",
        "EventTarget": "targets",
        "LayerVersion": "layer",
        "LogGroup": "log group",
        "LogResourcePolicy": "log group and its policy",
        "MetricAlarm": "alarms",
        "QueuePolicy": "its policy",
        "RedriveAllowPolicy": "redrive allow policy",
        "RedrivePolicy": "redrive policy",
        "Role": "iam role",
        "RolePolicy": "role policies",
        "TopicPolicy": "sns topic",
    }
    for token in filled({each.token for each in dev.resources if each.token.startswith("aws:")}):
        kind = token.rpartition(":")[2]
        assert words.get(kind, kind.lower()) in table, kind


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?m)(?:`|^ *)make ([a-z-]+)", README))))
def test_every_make_target_that_it_names_exists(target: str) -> None:
    """The first thing that a stranger types."""
    assert re.search(rf"^{target}:", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((?!http|#)([^)]+)\)", README))))
def test_every_link_leads_to_a_file(path: str) -> None:
    """A reader who follows one and finds nothing trusts the rest less."""
    assert (PROJECT / path.partition("#")[0]).exists()
