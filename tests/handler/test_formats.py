"""One list of formats: what else names them says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handler.pictures.encoders import encoded
from handler.pictures.formats import ENCODERS, READERS
from handler.pictures.opening import read_apart
from tests.filled import filled
from tests.handler.pictures import quadrants

DOCUMENT = (Path(__file__).parents[2] / "docs" / "handler.md").read_text()
READ, WRITTEN = re.findall(r"\| (?:upload|output) \|.*?\n\n", DOCUMENT, re.DOTALL)[:2]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_the_document_names_every_format_that_is_read(reader: object) -> None:
    """Users look there for what they may upload."""
    name = getattr(reader, "name", "")
    rows = [row for row in READ.splitlines() if re.match(rf"\|[^|]*\b{name}\b", row)]
    rows = [row for row in rows if not row.startswith(("| JPEG XL", "| SVG"))]
    assert rows
    assert not [row for row in rows if "refused" in row]


def test_the_document_names_the_formats_that_are_written() -> None:
    """All of them, and no other."""
    assert re.findall(r"^\| `(\w+)`", WRITTEN, re.MULTILINE) == list(ENCODERS)


@pytest.mark.parametrize("name", ENCODERS)
def test_every_output_begins_as_what_its_content_type_says(name: str) -> None:
    """A wrong type is shown as a download."""
    encoder = ENCODERS[name]
    body = encoded([quadrants()], encoder, quality=80, background="#ffffff", timing={})
    reader = next(
        reader
        for reader in READERS
        if any(body.startswith(begins, offset) for offset, begins in reader.begins)
    )
    assert encoder.content_type == f"image/{reader.name.lower()}"
    assert f".{encoder.extension}" in reader.suffixes


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_what_is_read_apart_is_known_by_its_first_bytes(reader: object) -> None:
    """The table and the function that decides it agree."""
    for offset, begins in filled(getattr(reader, "begins", ())):
        assert read_apart(bytes(offset) + begins + bytes(40)) == getattr(reader, "apart", None)
