"""CONTRIBUTING.md is right: an option, a format and a resource type need the files that it
names.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from recording.program import PROJECT
from tests.structure.copied import copy_of_the_project, run_tests

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Addition:
    """The text that is inserted in each file, and the tests that must then pass."""

    edits: dict[str, tuple[str, str]]
    tests: tuple[str, ...]


OPTION = """\
    disk: int = option(checks.whole(512, 10240, "MB"), 512, "MB of the function's own /tmp.")
"""
FORMAT = """\
    "tiff": Encoder(
        name="TIFF", content_type="image/tiff", extension="tif", alpha=True, quality=False
    ),
"""
TYPE = """\
    "aws:ssm/parameter:Parameter": ResourceType(named="name", tagged=True, accounts=STORAGE),
"""
RESOURCE = """\
        aws.ssm.Parameter("ThumbX-note", type="String", value="x", opts=inside)
"""
PAGE = {"docs/options.md": ("", "")}  # `make options` writes it
ADDITIONS = {
    "An option": Addition(
        {
            "components/configuration/schema.py": ("    concurrency: int = option(", OPTION),
            **PAGE,
        },
        ("tests/components/configuration",),
    ),
    "A format": Addition(
        {
            "handler/pictures/formats.py": ('    "png": Encoder(', FORMAT),
            "tests/components/configuration/refusals.yaml": ("'png' or 'avif'", "'tiff', "),
            **PAGE,
        },
        ("tests/handler/test_thumbs_output.py", "tests/components/configuration"),
    ),
    "A resource type": Addition(
        {
            "recording/resource_types.py": ('    "pulumi:providers:aws"', TYPE),
            "components/storage/store.py": ("        self.register_outputs(", RESOURCE),
        },
        ("tests/recording", "tests/components/test_policies.py"),
    ),
}


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("what", ADDITIONS)
def test_an_addition_takes_the_files_that_contributing_names(what: str, tmp_path: Path) -> None:
    """The page once named two files where nine were needed."""
    (says,) = re.findall(
        rf"(?ms)^- \*\*{what}\.\*\* (.+?)(?=^- |\n\n)", (PROJECT / "CONTRIBUTING.md").read_text()
    )
    addition = ADDITIONS[what]
    copy = copy_of_the_project(tmp_path)
    for file, (before, text) in addition.edits.items():
        assert f"`{file}`" in says, f"CONTRIBUTING does not name {file}"
        whole = (copy / file).read_text("utf-8")
        assert before in whole
        (copy / file).write_text(whole.replace(before, text + before) if before else whole, "utf-8")
    made = subprocess.run(
        [sys.executable, "-m", "components.configuration"],
        cwd=copy,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    changed = made != (PROJECT / "docs/options.md").read_text("utf-8")
    assert changed == ("docs/options.md" in addition.edits)
    (copy / "docs/options.md").write_text(made, "utf-8")
    done = run_tests(copy, *addition.tests)
    assert done.returncode == 0, done.stdout[-5000:]
