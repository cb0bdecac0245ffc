"""The matrix as kept, and as people see it."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from bootstrap.scope import PATH
from proof import markdown, page
from proof.errors import ProofError
from proof.matrix import JSON, Matrix
from proof.matrix_builder import unexplained
from tests.filled import filled

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proof.conftest import Documents


@pytest.fixture(scope="module")
def kept() -> Matrix:
    """The file in docs/."""
    return Matrix.read(JSON)


def test_what_is_written_is_what_is_read(kept: Matrix) -> None:
    """A cell that is lost when the file is written would be compared by nobody."""
    assert kept.text() == JSON.read_text("utf-8")


def test_a_file_that_is_no_matrix_is_a_sentence(tmp_path: Path) -> None:
    """The base version in a pull request may be older than the format, or not be there."""
    other = tmp_path / "other.json"
    other.write_text('{"format": 0}')
    with pytest.raises(ProofError, match=r"has format 0, but this program reads 1; make it again"):
        Matrix.read(other)
    other.write_text("[]")
    with pytest.raises(ProofError, match="is not an access matrix"):
        Matrix.read(other)


def test_every_statement_about_what_is_tried_decides_some_cell(
    kept: Matrix, documents: Documents
) -> None:
    """One that decides none is either dead, or about something that nobody tries here."""
    decisive = {sid for outcome in kept.cells.values() for sid in outcome.because}
    for program in (documents.plain, documents.keyed):
        tried = set(program.names.values())
        for arn in filled(tried & set(program.resource_policies)):
            sids = {each["Sid"] for each in program.resource_policies[arn]["Statement"]}
            assert sids <= decisive, arn
        # That each grant of the workflows' roles is needed is for their own sandbox to show.
        for arn in (each for each in tried & set(program.grants) if PATH not in each):
            for grant in program.grants[arn].values():
                assert {each["Sid"] for each in grant["Statement"]} <= decisive, arn


def test_every_row_and_every_column_has_a_cell(kept: Matrix) -> None:
    """A principal that is asked nothing would look as if it could do nothing."""
    assert {principal for principal, _ in kept.cells} == set(kept.principals)
    assert {key for _, key in kept.cells} == {column.key for column in kept.columns}


def test_an_unknown_difference_and_a_stale_one_are_both_faults(kept: Matrix) -> None:
    """An unknown difference hides a fault; a stale one hides a cell that nobody checks any more."""
    assert unexplained(kept) == []
    cell = ("a reader", "thumbnails: get")
    broken = replace(kept, cells={**kept.cells, cell: replace(kept.cells[cell], sandbox="refused")})
    (fault,) = unexplained(broken)
    assert fault.startswith(
        "a reader trying 'thumbnails: get': AWS says allowed, and the sandbox refused; correct the "
    )
    stale = replace(kept, differences={**kept.differences, "old": "Nobody knows."})
    assert unexplained(stale) == [
        "no cell shows the known difference 'old' any more; remove it from proof/differences.py"
    ]


def test_the_document_has_a_table_cell_for_each(kept: Matrix) -> None:
    """It also has a footnote for each difference."""
    text = markdown.render(kept)
    tables = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [cell for line in tables for cell in line.strip("| ").split(" | ")]
    allowed = sum(outcome.allowed for outcome in kept.cells.values())
    assert sum(cell.startswith("**allowed**") for cell in cells) == allowed
    for name in kept.differences:
        assert f"[^{name}]" in text
        assert f"\n[^{name}]: " in text


def test_the_fragment_is_whole_html_with_every_answer(kept: Matrix) -> None:
    """It stands inside another page, which an open element would break."""
    counted: dict[str, int] = {}

    class Counter(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.open.append(tag)
            kind = dict(attrs).get("class")
            if tag == "td" and kind and kind != "why":
                counted[kind] = counted.get(kind, 0) + 1

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    parser = Counter()
    parser.feed(page.fragment(kept))
    assert parser.open == []
    outcomes = kept.cells.values()
    assert counted == {
        "yes": sum(each.allowed for each in outcomes),
        "no": sum(not each.allowed and bool(each.because) for each in outcomes),
        "none": sum(not each.allowed and not each.because for each in outcomes),
    }
