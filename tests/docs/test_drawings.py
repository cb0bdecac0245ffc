"""The pictures of README and docs: what the program says today, for light and dark."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from pipeline.drawings import drawings
from recording.program import PROJECT
from tests.filled import filled

pytestmark = pytest.mark.usefixtures("layer")


def test_each_picture_is_what_make_docs_draws() -> None:
    """A price or a right that changed and a picture that did not is a lie that everybody sees."""
    for path, text in filled(drawings().items()):
        assert path.read_text("utf-8") == text, f"{path.name}: run `make docs`"


def test_each_picture_is_drawn_for_light_and_dark_and_says_what_it_shows() -> None:
    """Text without a dark colour is black on black on half of all screens."""
    for path, text in filled(drawings().items()):
        root = ET.fromstring(text)  # noqa: S314 - our own
        assert root.get("aria-label"), path.name
        light, _, dark = text.partition("@media (prefers-color-scheme: dark)")
        used = set(re.findall(r'class="([a-z]+)"', text)) - {"head"}
        for each in {"text", *used}:
            name = each if each == "text" else rf"\.{each}"
            assert re.search(rf"(?m){name} {{", light), (path.name, each)
            assert re.search(rf"(?m){name} {{", dark), (path.name, each)


def test_each_picture_is_in_the_readme() -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    assert set(re.findall(r"\]\(docs/(\w+\.svg)\)", readme)) == {path.name for path in drawings()}
