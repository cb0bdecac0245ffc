"""The page that shows a run of the demo: one file, with pictures and styles inside."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from PIL import Image

from handler.pictures.isolation import make_thumbnails
from handler.pictures.thumbs import Plan
from proof.matrix import JSON, Matrix
from proof.page import fragment
from sandbox import limits
from sandbox.providers import without_effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.demo_run import DemoRun
    from sandbox.deployment import Deployment
    from sandbox.uploads import TimedUpload

REDUCED = 720  # pixels of the longest side
BROWSERS_SHOW = frozenset({"AVIF", "GIF", "JPEG", "PNG", "WEBP"})
LARGE = 1_000_000  # bytes
MOST_PICTURES = 48  # a browser is slow with one file of more pictures
MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A picture on the page."""

    name: str
    source: str
    width: int
    height: int
    size: str
    as_it_came: bool


def write_page(demo_run: DemoRun, deployment: Deployment, folder: Path) -> Path:
    """Write `index.html` into `folder` and return its path."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"statement": _statement, "amount": _amount}
    came = [upload for upload in demo_run.uploads if upload.seconds]
    page = environment.get_template("page.html").render(
        demo_run=demo_run,
        deployment=deployment,
        pictures=[_picture(upload, demo_run) for upload in came[:MOST_PICTURES]],
        not_shown=len(came[MOST_PICTURES:]),
        groups=_groups(demo_run),
        left_out=_left_out(deployment),
        access=fragment(Matrix.read(JSON)),
        limits=limits,
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    path.write_text(page, "utf-8")
    return path


def _picture(upload: TimedUpload, demo_run: DemoRun) -> dict[str, Any]:
    thumbnails = [
        (name, _shown(name, demo_run.thumbnails[key]))
        for name, key in upload.thumbnails.items()
        if key in demo_run.thumbnails
    ]
    return {"upload": upload, "original": _original(upload), "thumbnails": thumbnails}


def _original(upload: TimedUpload) -> Shown:
    """The original; reduced if it is large or if a browser cannot show it."""
    plan = Plan(sizes={"shown": REDUCED}, formats=("webp",), quality=80)
    found = make_thumbnails(upload.body, plan)
    if found.format in BROWSERS_SHOW and len(upload.body) <= LARGE:
        source, as_it_came = _data(upload.body, f"image/{found.format.lower()}"), True
    else:
        (reduced,) = found.thumbnails
        source, as_it_came = _data(reduced.body, reduced.content_type), False
    return Shown(
        name=upload.key,
        source=source,
        width=found.width,
        height=found.height,
        size=_amount(len(upload.body)),
        as_it_came=as_it_came,
    )


def _shown(name: str, body: bytes) -> Shown:
    """A thumbnail, with exactly the bytes that the reader got."""
    with Image.open(io.BytesIO(body)) as opened:
        width, height = opened.size
        kind = f"image/{(opened.format or '').lower()}"
    return Shown(
        name=name,
        source=_data(body, kind),
        width=width,
        height=height,
        size=_amount(len(body)),
        as_it_came=True,
    )


def _data(body: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"


def _groups(demo_run: DemoRun) -> list[tuple[str, list[Any]]]:
    """The refusals by group, in order."""
    grouped: dict[str, list[Any]] = {}
    for verdict in demo_run.refused:
        grouped.setdefault(verdict.group, []).append(verdict)
    return list(grouped.items())


def _left_out(deployment: Deployment) -> Sequence[tuple[str, str]]:
    """Resources and properties that the sandbox left out, each with the reason."""
    found: dict[str, str] = {}
    for each in deployment.resources:
        kind = each.token.rpartition(":")[2]
        if not each.made:
            found[kind] = without_effect.TYPES[each.token].reason
        for key in each.left_out:
            found[f"{kind}.{key}"] = without_effect.PROPERTIES[each.token][key]
    return sorted(found.items())


def _statement(policy: dict[str, Any]) -> str:
    """A statement with one line for each of its elements."""
    return "\n".join(f"{key}: {json.dumps(value)}" for key, value in policy.items())


def _amount(count: int) -> str:
    """A number of bytes in readable units."""
    return f"{count / 1e6:.1f} MB" if count >= MEGABYTE else f"{count / 1e3:.0f} kB"
