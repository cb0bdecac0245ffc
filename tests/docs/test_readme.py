"""The README against the project: what it names is there, and says what it says."""

from __future__ import annotations

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
    """Whoever configures a stack reads it; the options themselves are in docs/options.md."""
    assert re.findall(r"^\| `(thumbx:\w+)`", README, re.MULTILINE) == list(declarations())


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
