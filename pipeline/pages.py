"""Makes the blocks of README and docs that a command prints: `make docs` writes them, the gate
compares them.

A block stands between two comments, and the first one names what makes it:

    <!-- made by: sandbox limits -->
    ...
    <!-- end -->

Numbers, hashes and times differ from run to run; `masked` takes them out of the comparison.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from recording.errors import RecordingError
from recording.program import PROJECT, configuration, settings_from
from sandbox.limits import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK = re.compile(r"(?s)<!-- made by: ([\w ]+) -->\n(.*?)<!-- end -->\n")
VARYING = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a message id
    r"|\b(?=[a-f]*\d)[0-9a-f]{7}\b"  # what Pulumi adds to a name
    r"|\d+(?:\.\d+)?"
)
STEP = re.compile(r" *\d+\.\d s  ")
WIDTH = "100"  # columns of what the demo prints into a page
# The demo's whole output has 18 refusals; a page shows one of them.
SHOWN = ("A reader reads an original",)
# One fault of each kind: a value, a type, a name, a bound, a key.
FAULTS = """\
config:
  thumbx:region: eu-west-9
  thumbx:producer: {account: 111111111111}
  thumbx:storage: {account: "222222222222", profil: x}
  thumbx:thumbnails: {sizes: {big: 0}}
  thumbx:administrator: role/x
"""


def masked(text: str) -> str:
    """The text without what differs from run to run: numbers, hashes and line breaks."""
    return " ".join(VARYING.sub("#", text).split())


def sandbox_limits() -> str:
    """Make the table of what the emulator cannot show."""
    rows = "".join(f"| {title} | {explained} |\n" for title, explained in LIMITS.items())
    return f"| what | why, and what covers it |\n|---|---|\n{rows}"


def refused_settings() -> str:
    """Show the errors for a stack file with one fault of each kind."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "Pulumi.faults.yaml").write_text(FAULTS, "utf-8")
        texts = configuration("faults", stacks=Path(folder))
    try:
        settings_from(texts)
    except RecordingError as error:
        return f"```\n{error}\n```\n"
    message = "the settings with faults were accepted"
    raise AssertionError(message)


@cache
def _demo_lines() -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=PROJECT,
        env=os.environ | {"COLUMNS": WIDTH},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.rstrip() for line in done.stdout.splitlines()]


def demo_in_short() -> str:
    """Show the timed steps of the demo and its last line."""
    lines = _demo_lines()
    steps = [line for line in lines if STEP.match(line)]
    return "\n".join(["```", "$ make demo", "...", *steps, "...", lines[-1], "```", ""])


def demo() -> str:
    """Show the demo's first lines, one permitted call, one refusal and its last line."""
    lines = _demo_lines()
    may, may_not = (
        next(n for n, line in enumerate(lines) if line.startswith(start))
        for start in ("Who may", "Who may not")
    )
    shown = [*lines[: may + 3], "...", lines[may_not]]
    for title in SHOWN:
        shown += [*_refusal(lines, title), "..."]
    return "\n".join(["```", "$ make demo", *shown, lines[-1], "```", ""])


def _refusal(lines: list[str], title: str) -> Iterator[str]:
    start = lines.index(f"refused  {title}")
    yield lines[start]
    yield from takewhile(lambda line: line.startswith(" "), lines[start + 1 :])


MAKERS: dict[str, Callable[[], str]] = {
    "demo": demo,
    "demo in short": demo_in_short,
    "refused settings": refused_settings,
    "sandbox limits": sandbox_limits,
}


def pages(root: Path = PROJECT) -> list[Path]:
    """Every page that may contain such a block."""
    return sorted([root / "README.md", *(root / "docs").rglob("*.md")])


def blocks() -> list[tuple[str, str, str]]:
    """Every block of the pages: the page's name, its maker and its text."""
    return [
        (str(page.relative_to(PROJECT)), maker, text)
        for page in pages()
        for maker, text in BLOCK.findall(page.read_text("utf-8"))
    ]


def write() -> None:
    """Make every block of every page again."""
    made = {maker: MAKERS[maker]() for maker in sorted({maker for _, maker, _ in blocks()})}
    for page in pages():
        old = page.read_text("utf-8")
        new = BLOCK.sub(
            lambda found: f"<!-- made by: {found[1]} -->\n{made[found[1]]}<!-- end -->\n", old
        )
        # A page in which only numbers differ stays unchanged, because a run must not change what is
        # under review.
        if masked(new) != masked(old):
            page.write_text(new, "utf-8")


if __name__ == "__main__":
    write()
