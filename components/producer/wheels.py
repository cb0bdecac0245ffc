"""Selects the wheels in the layer: which ones, for which platform, and which of their files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# Wheels for all architectures, and wheels that exist only for some. They are in separate files,
# because pip evaluates a marker such as platform_machine for the machine it runs on, whatever
# --platform says.
REQUIREMENTS = PROJECT / "requirements-layer.txt"
FURTHER = {"x86_64": PROJECT / "requirements-layer-x86_64.txt"}

RUNTIME = "python3.13"
# python3.13 in Lambda runs on Amazon Linux 2023, whose glibc 2.34 is newer than these platforms
# require. Pillow 13 has wheels only for the first platform, and other packages only for the second.
# If pip is asked for the first, it does not accept wheels for the second.
PLATFORMS = ("manylinux_2_28", "manylinux2014")
PROCESSORS = {"arm64": "aarch64", "x86_64": "x86_64"}


# Files that no code path loads: fonts and Tk, and Powertools' own event handlers and utilities.
UNUSED = re.compile(
    r"python/(PIL/(_imagingft|_imagingtk|_tkinter_finder|ImageFont|ImageTk|ImageText|ImageDraw"
    r"|FontFile|BdfFontFile|PcfFontFile)|pillow\.libs/lib(freetype|harfbuzz|brotli|png16)"
    r"|aws_lambda_powertools/(event_handler/|utilities/(?!__init__|jmespath_utils|typing)))"
)

# Pip's notes about an installation (`RECORD` lists paths of scripts that contain the builder's
# interpreter; the same holds for `direct_url.json` and `REQUESTED`).
NOTES = {"RECORD", "REQUESTED", "direct_url.json", "INSTALLER"}


def install(architecture: str, target: Path) -> None:
    """Install the pinned requirements for Lambda into a folder."""
    shutil.rmtree(target, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--target", str(target), "--no-compile", "--no-deps", "--only-binary", ":all:"]
    pip += ["--implementation", "cp", "--python-version", RUNTIME.removeprefix("python")]
    for platform in PLATFORMS:
        pip += ["--platform", f"{platform}_{PROCESSORS[architecture]}"]
    pip.append("--require-hashes")
    for path in requirements(architecture):
        pip += ["-r", str(path)]
    subprocess.run(pip, check=True)


def requirements(architecture: str) -> list[Path]:
    """Return the requirement files for an architecture."""
    further = FURTHER.get(architecture)
    return [REQUIREMENTS, further] if further else [REQUIREMENTS]


def belongs(name: Path) -> bool:
    """Tell whether a file, by its name in the layer, is part of it."""
    if "__pycache__" in name.parts or "bin" in name.parts or name.name in NOTES:
        return False
    return not UNUSED.match(name.as_posix())
