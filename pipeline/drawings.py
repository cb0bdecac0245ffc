"""The pictures of README and docs: architecture, matrix and cost, as SVG for light and dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pipeline.estimate import Load, items, shape_of
from proof.matrix import JSON, Matrix
from recording.program import PROJECT, configuration, settings_from

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = PROJECT / "docs"
EXAMPLES = "tests/stacks"
PICTURES = 1e6  # a month
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c2330 }
.soft { fill: #5b6472 } .head { font-weight: 600; font-size: 14px }
.side { fill: #f5f7fa; stroke: #c6cdd8 } .box { fill: #ffffff; stroke: #8a94a3 }
.way { stroke: #2f6fb5; fill: none; stroke-width: 1.5 } .tip { fill: #2f6fb5 }
.bar { fill: #2f6fb5 } .yes { fill: #d7efe1 } .no { fill: #f9dfdb } .none { fill: #eceff3 }
.paper { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e9ee } .soft { fill: #a5adba } .paper { fill: #14181f }
  .side { fill: #1b212b; stroke: #3a4454 } .box { fill: #232b37; stroke: #6c7788 }
  .way { stroke: #7db4ee } .tip { fill: #7db4ee } .bar { fill: #7db4ee }
  .yes { fill: #1f4d36 } .no { fill: #5c2a25 } .none { fill: #2a313d }
}
"""
ORIGINALS, THUMBNAILS = "Objects below originals/", "Objects below thumbnails/"
# The table, the column there, and of what.
DIGEST = (
    ("Roles", "assume ThumbXRole", ""),
    (ORIGINALS, "put", "an original"),
    (ORIGINALS, "get", "an original"),
    (ORIGINALS, "delete", "an original"),
    (THUMBNAILS, "put", "a thumbnail"),
    (THUMBNAILS, "get", "a thumbnail"),
)
ROW, CELL = 22, 92


def drawings() -> Mapping[Path, str]:
    """Return each picture by its path."""
    return {
        FOLDER / "architecture.svg": architecture(),
        FOLDER / "matrix.svg": matrix(Matrix.read(JSON)),
        FOLDER / "cost.svg": cost(),
    }


def architecture() -> str:
    """The resources of each account, and the way of a picture in six steps."""
    parts = [
        '<rect class="side" x="10" y="34" width="330" height="286" rx="8"/>',
        '<rect class="side" x="440" y="34" width="330" height="286" rx="8"/>',
        _text(24, 58, "Account A: producer", "head"),
        _text(454, 58, "Account B: storage", "head"),
        _box(174, 76, 150, 54, "queue", "uploads"),
        _box(174, 160, 150, 54, "function", "its execution role"),
        _box(30, 76, 124, 54, "dead letters", "five failures"),
        _box(30, 160, 124, 54, "refused", "with the reason"),
        _box(460, 76, 292, 54, "originals/", "uploaders put"),
        _box(460, 160, 292, 54, "ThumbXRole", "get originals, put thumbnails, no more"),
        _box(460, 244, 292, 54, "thumbnails/", "readers get"),
        _box(30, 244, 294, 54, "trail, analyzer, alarms", "in both accounts"),
        _way("M 460 103 L 324 103", "1 ObjectCreated", 344, 96),
        _way("M 249 130 L 249 160", "2", 256, 150),
        _way("M 174 187 L 154 187", "", 0, 0),
        _way("M 174 103 L 154 103", "", 0, 0),
        _way("M 324 187 L 460 187", "3 AssumeRole", 344, 180),
        _way("M 606 160 L 606 130", "4 get", 614, 150),
        _way("M 606 214 L 606 244", "5 put", 614, 234),
    ]
    return _svg(780, 330, "Where each part lies, and the way of a picture", parts)


def matrix(found: Matrix) -> str:
    """Who may do what is asked most: a part of docs/access-matrix.md."""
    by_title = {title: (principals, columns) for title, principals, columns in found.groups()}
    principals, _ = by_title[ORIGINALS]
    columns = [
        (f"{name} {thing}".strip(), column)
        for group, name, thing in DIGEST
        for column in by_title[group][1]
        if column.name == name
    ]
    left, top = 250, 84
    title = "Who may do what with a picture"
    parts = [_text(10, 24, title, "head")]
    for number, (name, _) in enumerate(columns):
        x = left + number * CELL + CELL / 2
        for line, words in enumerate(_wrapped(name, 14)):
            parts.append(_text(x, 44 + 14 * line, words, "soft", "middle"))
    for row, principal in enumerate(principals):
        y = top + row * ROW
        parts.append(_text(10, y + 15, principal))
        for number, (_, column) in enumerate(columns):
            outcome = found.cells.get((principal, column.key))
            if outcome is None:
                continue
            kind = "yes" if outcome.allowed else "no" if outcome.because else "none"
            says = {"yes": "yes", "no": "refused", "none": "no grant"}[kind]
            x = left + number * CELL
            cell = f'width="{CELL - 2}" height="{ROW - 2}"'
            parts.append(f'<rect class="{kind}" x="{x}" y="{y}" {cell}/>')
            parts.append(_text(x + CELL / 2, y + 15, says, "", "middle"))
    width, height = left + len(columns) * CELL + 10, top + len(principals) * ROW + 10
    return _svg(width, height, title, parts)


def cost() -> str:
    """The cost of a month with a million pictures and the defaults, by item."""
    settings = settings_from(configuration("dev", stacks=PROJECT / EXAMPLES))
    found = items(
        shape_of("dev", settings, EXAMPLES), Load(pictures=PICTURES, megabytes=3.0, reads=0.0)
    )
    paid = sorted(((dollars, name) for name, dollars in found.items() if dollars), reverse=True)
    total = sum(dollars for dollars, _ in paid)
    head = f"A million pictures a month: {total:,.2f} USD, with every default, {settings.region}"
    parts = [_text(10, 24, head, "head")]
    for row, (dollars, name) in enumerate(paid):
        y = 40 + row * ROW
        width = max(1.0, 300 * dollars / paid[0][0])
        parts.append(_text(10, y + 14, name))
        parts.append(f'<rect class="bar" x="400" y="{y + 3}" width="{width:.0f}" height="14"/>')
        parts.append(_text(406 + width, y + 14, f"{dollars:,.2f}", "soft"))
    return _svg(780, 50 + len(paid) * ROW, head, parts)


def _svg(width: float, height: float, title: str, parts: list[str]) -> str:
    """A picture that says its title to who cannot see it, on paper of its own."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"',
            f'  width="{width:g}" role="img" aria-label="{escape(title)}">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4"',
            '  orient="auto"><path class="tip" d="M 0 0 L 8 4 L 0 8 z"/></marker></defs>',
            f'<rect class="paper" width="{width:g}" height="{height:g}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{style}>{escape(words)}</text>'


def _box(x: float, y: float, width: float, height: float, name: str, says: str) -> str:
    shape = f'<rect class="box" x="{x}" y="{y}" width="{width}" height="{height}" rx="5"/>'
    return shape + _text(x + 12, y + 23, name) + _text(x + 12, y + 41, says, "soft")


def _way(path: str, words: str, x: float, y: float) -> str:
    return f'<path class="way" d="{path}" marker-end="url(#tip)"/>' + (
        _text(x, y, words, "soft") if words else ""
    )


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def main() -> None:
    """Write them all."""
    for path, text in drawings().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
