"""The function's archive and the layer with its dependencies.

`python -m components.producer.package arm64` (`make layer`) builds the layer; the program only
looks for it. The layer's file name carries a digest of all that determines its bytes, so a layer
made from other requirements is not found, rather than deployed.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pulumi

PROJECT = Path(__file__).resolve().parents[2]
HANDLER = PROJECT / "handler"
# What is for all architectures, and what has wheels for some only. Files of their own, because pip
# evaluates a marker such as platform_machine for the machine it runs on, whatever --platform says.
REQUIREMENTS = PROJECT / "requirements-layer.txt"
FURTHER = {"x86_64": PROJECT / "requirements-layer-x86_64.txt"}
RECIPE = Path(__file__)
LAYERS = PROJECT / "build" / "layer"

RUNTIME = "python3.13"
# python3.13 in Lambda runs on Amazon Linux 2023, whose glibc 2.34 is newer than these ask for.
# Pillow 13 has wheels of the first kind only and others of the second only, and asked for the
# first, pip does not take the second.
PLATFORMS = ("manylinux_2_28", "manylinux2014")
PROCESSORS = {"arm64": "aarch64", "x86_64": "x86_64"}


class LayerError(pulumi.RunError):
    """The layer is missing or was made from other requirements; the message says the remedy."""


def function_archive() -> pulumi.AssetArchive:
    """Return the archive of `handler/`: its Python files by name and nothing else.

    Named one by one because a directory's archive takes all it finds, and one stray .pyc changes
    the archive's hash and deploys the function again.
    """
    return pulumi.AssetArchive(
        {
            str(path.relative_to(PROJECT)): pulumi.FileAsset(str(path.relative_to(PROJECT)))
            for path in sorted(HANDLER.rglob("*.py"))
        }
    )


def layer_path(architecture: str) -> Path:
    """Return where the layer for this architecture, today's requirements and builder is built."""
    recipe = b"".join(path.read_bytes() for path in (RECIPE, *_requirements(architecture)))
    digest = hashlib.sha256(recipe).hexdigest()[:12]
    return LAYERS / f"{architecture}-{digest}.zip"


def layer_archive(architecture: str) -> pulumi.FileArchive:
    """Return the layer that `make layer` built; raise LayerError where it did not."""
    path = layer_path(architecture)
    if path.is_file():
        return pulumi.FileArchive(str(path.relative_to(PROJECT)))
    stale = sorted(each.name for each in LAYERS.glob(f"{architecture}-*.zip"))
    found = f"only {', '.join(stale)}, made from other requirements," if stale else "nothing"
    raise LayerError(
        f"the function's layer {path.relative_to(PROJECT)} is {'stale' if stale else 'missing'}: "
        f"{found} is there for thumbx:architecture {architecture}; "
        f"run `make layer ARCH={architecture}`"
    )


def build_layer(architecture: str) -> Path:
    """Install the pinned requirements for Lambda and zip them; return the zip's path.

    The same requirements give the same bytes on every machine: sorted names, one date, one mode,
    no compiled files, and no compression, whose output depends on the machine's zlib.
    """
    path = layer_path(architecture)
    if path.is_file():
        return path
    LAYERS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=LAYERS) as scratch:
        root = Path(scratch) / "python"
        _install(architecture, root)
        made = Path(scratch) / path.name
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
            for file in sorted(each for each in root.rglob("*") if each.is_file()):
                name = file.relative_to(root.parent)
                if not _belongs(name):
                    continue
                entry = zipfile.ZipInfo(str(name))
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())
        for old in LAYERS.glob(f"{architecture}-*.zip"):
            old.unlink()
        made.rename(path)
    return path


def _install(architecture: str, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip += ["--target", str(target), "--no-compile", "--no-deps", "--only-binary", ":all:"]
    pip += ["--implementation", "cp", "--python-version", RUNTIME.removeprefix("python")]
    for platform in PLATFORMS:
        pip += ["--platform", f"{platform}_{PROCESSORS[architecture]}"]
    pip.append("--require-hashes")
    for path in _requirements(architecture):
        pip += ["-r", str(path)]
    subprocess.run(pip, check=True)


def _requirements(architecture: str) -> list[Path]:
    further = FURTHER.get(architecture)
    return [REQUIREMENTS, further] if further else [REQUIREMENTS]


def _belongs(name: Path) -> bool:
    """Tell whether a file, by its name in the layer, is part of it.

    Left out: compiled files, and pip's own notes of an installation (`RECORD` lists paths of
    scripts with the builder's interpreter in them, `direct_url.json` and `REQUESTED` likewise).
    """
    if "__pycache__" in name.parts or "bin" in name.parts:
        return False
    return name.name not in {"RECORD", "REQUESTED", "direct_url.json", "INSTALLER"}


def main() -> None:
    """Build the layer of the architecture that the command line names."""
    parser = argparse.ArgumentParser(description=build_layer.__doc__)
    parser.add_argument("architecture", choices=sorted(PROCESSORS), nargs="?", default="arm64")
    path = build_layer(parser.parse_args().architecture)
    size = path.stat().st_size / 1e6
    print(f"{path.relative_to(PROJECT)}: {size:.1f} MB")


if __name__ == "__main__":
    main()
