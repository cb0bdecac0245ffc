"""The pictures to upload, from a folder and its subfolders, and the files that are left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.errors import SandboxError
from sandbox.uploads import SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Pictures:
    """Bodies by name, and a sentence for each file that looks like a picture and is not taken."""

    bodies: dict[str, bytes] = field(default_factory=dict[str, bytes])
    left_out: list[str] = field(default_factory=list[str])


def read(folder: Path, prefix: str = "") -> Pictures:
    """Read the pictures of a folder; SandboxError if there is no folder or no picture.

    The names are paths below the folder, with `prefix` before them.
    """
    if not folder.is_dir():
        raise SandboxError(
            f"{folder} is not a folder; name one with pictures: `make demo IMAGES=dir`"
        )
    found = Pictures()
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and not path.is_dir():
            name = path.relative_to(folder).as_posix()
            try:
                name.encode()
                found.bodies[f"{prefix}{name}"] = path.read_bytes()
            except UnicodeEncodeError:
                shown = name.encode("utf-8", "backslashreplace").decode()
                found.left_out.append(f"{shown} is left out: S3 accepts only names in UTF-8")
            except OSError as error:
                found.left_out.append(f"{name} is left out: it cannot be read ({error.strerror})")
    if not found.bodies:
        says = "".join(f"\n{each}" for each in found.left_out)
        raise SandboxError(
            f"{folder} has no picture; name a folder with pictures: `make demo IMAGES=dir`. The "
            f"function takes {', '.join(sorted(SUFFIXES))}{says}"
        )
    return found
