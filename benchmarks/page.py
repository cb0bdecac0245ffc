"""One run as a table in the terminal, and as a page in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Measured
    from benchmarks.targets import Target

COLOURS = {
    "thumbx": "#2563eb",
    "floor": "#94a3b8",
    "sharp": "#f59e0b",
    "sharp, cloned": "#fbbf24",
    "pyvips": "#a78bfa",
    "tutorial Pillow": "#ef4444",
}
WIDTH, LABELS, BAR, GAP = 800, 200, 19, 14


def rows(results: Sequence[Measured], names: Sequence[str]) -> list[list[str]]:
    """One line for each input: milliseconds by program, then the likeness of ours and of
    sharp's.
    """
    lines: list[list[str]] = []
    for one in results:
        sizes = "+".join(one.work.sizes)
        line = [f"{one.work.name} to {sizes} {one.work.format}"]
        for name in names:
            spent = one.milliseconds.get(name)
            line.append("" if spent is None else f"{spent:.1f}")
        for name in ("thumbx", "sharp"):
            if name not in one.likeness:
                line += ["", ""]
                continue
            of = [one.likeness[name][size] for size in one.work.sizes]
            line.append("/".join(f"{psnr:.1f}" for psnr, _ in of))
            line.append("/".join(f"{ssim:.3f}" for _, ssim in of))
        lines.append(line)
    return lines


def table(results: Sequence[Measured], names: Sequence[str]) -> Table:
    """For the terminal."""
    made = Table(title="processor milliseconds (medians); PSNR and SSIM against a full Lanczos")
    for heading in ("work", *names, "PSNR", "SSIM", "sharp's", "sharp's"):
        made.add_column(heading, justify="left" if heading == "work" else "right", no_wrap=True)
    for line in rows(results, names):
        made.add_row(*line)
    return made


def target_table(targets: Sequence[Target]) -> Table:
    """For the terminal."""
    made = Table(title="targets")
    for heading in ("ratio", "bound", "reached", ""):
        made.add_column(heading)
    for one in targets:
        colour = "yellow" if one.reached is None else "green" if one.met else "red"
        reached = "" if one.reached is None else f"{one.reached:.3f}"
        made.add_row(one.name, one.bound, reached, f"[{colour}]{one.verdict}")
    return made


def plot(results: Sequence[Measured]) -> dict[str, Any]:
    """Coordinates of the bars: each input has its own scale, because inputs differ by a factor
    of fifty.
    """
    groups: list[dict[str, Any]] = []
    y = 16
    for one in results:
        if one.work.format != "jpeg" or len(one.work.sizes) == 1:
            continue
        longest = max(one.milliseconds.values())
        group: dict[str, Any] = {"name": one.work.name, "y": y, "bars": []}
        y += 8
        for name, spent in sorted(one.milliseconds.items(), key=lambda item: item[1]):
            group["bars"].append(
                {
                    "name": name,
                    "y": y,
                    "width": round((WIDTH - LABELS) * spent / longest, 1),
                    "label": f"{spent:.0f} ms",
                    "colour": COLOURS.get(name, "#64748b"),
                }
            )
            y += BAR
        y += GAP + 8
        groups.append(group)
    return {"width": WIDTH, "height": y, "groups": groups}


def write_page(
    results: Sequence[Measured],
    names: Sequence[str],
    targets: Sequence[Target],
    lines: Sequence[str],
    path: Path,
) -> None:
    """Write the page as one file."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    page = environment.get_template("page.html").render(
        about="Medians over interleaved rounds, one thread each, everyone at quality 80.",
        results=results,
        names=names,
        targets=targets,
        lines=lines,
        rows=rows(results, names),
        plot=plot(results),
    )
    path.write_text(page, encoding="utf-8")
