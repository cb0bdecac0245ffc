"""README and docs against the project: what they name is there, and what they paste is printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pipeline.pages import MAKERS, blocks, masked, pages
from recording.program import PROJECT
from tests.filled import filled

if TYPE_CHECKING:
    from pathlib import Path

    from recording.recording import Recording

README = (PROJECT / "README.md").read_text("utf-8")


def test_every_resource_type_is_in_the_table(dev: Recording) -> None:
    """ "Every resource, one line": what is not listed is what a reviewer asks about."""
    table = (PROJECT / "docs" / "resources.md").read_text("utf-8").lower()
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


LINKS = [
    (page, link.partition("#")[0])
    for page in pages()
    for link in re.findall(r"\]\((?!http|#)([^)]+)\)", page.read_text("utf-8"))
]


@pytest.mark.parametrize(("page", "link"), sorted(set(LINKS)))
def test_every_link_leads_to_a_file(page: Path, link: str) -> None:
    """A reader who follows one and finds nothing trusts the rest less."""
    assert (page.parent / link).exists()


def test_the_index_names_every_page() -> None:
    """A page that nothing points to has no reader."""
    index = (PROJECT / "docs" / "README.md").read_text("utf-8")
    named = {(PROJECT / "docs" / link).resolve() for link in re.findall(r"\]\(([^)]+)\)", index)}
    assert set((PROJECT / "docs").rglob("*.md")) - {PROJECT / "docs" / "README.md"} <= named


@pytest.mark.parametrize(
    "maker",
    [
        pytest.param(each, marks=[pytest.mark.slow] * each.startswith("demo"))
        for each in sorted(MAKERS)
    ],
)
def test_what_a_page_pastes_is_what_is_printed(maker: str) -> None:
    """`make docs` writes it again; numbers and hashes are left out of the comparison."""
    found = filled([text for _, made_by, text in blocks() if made_by == maker])
    made = masked(MAKERS[maker]())
    assert {masked(text) for text in found} == {made}
