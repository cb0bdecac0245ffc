"""Builds the function's archive and the layer with its dependencies, without bytecode and with it.

`python -m components.producer.package x86_64` (`make layer`) builds the layer without bytecode. The
sandbox and the tests use it, and it needs no Python of Lambda's version. With `--bytecode` it also
builds what is deployed; `make preview`, `up` and `deploy` call it so. The program builds nothing
and only looks for the files. The file names contain a digest of everything that determines the
bytes, so a layer made from other requirements is not found and cannot be deployed.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

from components.producer import bytecode, wheels

if TYPE_CHECKING:
    from collections.abc import Generator

    from components.producer.bytecode import Python

PROJECT = Path(__file__).resolve().parents[2]
HANDLER = PROJECT / "handler"
RECIPES = tuple(
    Path(__file__).with_name(f"{each}.py") for each in ("bytecode", "package", "wheels")
)
LAYERS = PROJECT / "build" / "layer"
COMPILED = PROJECT / "build" / "function"

_plain: ContextVar[bool] = ContextVar("plain", default=False)


class LayerError(pulumi.RunError):
    """The layer is missing or was made from other requirements; the message gives the remedy."""


@contextmanager
def plain() -> Generator[None]:
    """Use the layer and the archive without bytecode, if nothing is deployed to AWS."""
    token = _plain.set(True)
    try:
        yield
    finally:
        _plain.reset(token)


def function_archive(architecture: str = "", *, compiled: bool = False) -> pulumi.AssetArchive:
    """Return the archive of `handler/`: only its Python files, each by name.

    The files are named one by one, because an archive of the folder contains everything in it, and
    one stray .pyc changes the archive's hash and deploys the function again. `compiled` adds the
    bytecode by the Python that compiled the layer for this architecture.
    """
    names = [str(path.relative_to(PROJECT)) for path in _sources()]
    assets: dict[str, pulumi.Asset | pulumi.Archive] = {n: pulumi.FileAsset(n) for n in names}
    if compiled and not _plain.get():
        root = function_path(_compiled_layer(architecture).stem.rpartition("-")[2])
        if not root.is_dir():
            raise LayerError(
                "the function's bytecode is missing or of other sources; run `make stack-layer`"
            )
        for path in sorted(root.rglob("*.pyc")):
            assets[str(path.relative_to(root))] = pulumi.FileAsset(str(path.relative_to(PROJECT)))
    return pulumi.AssetArchive(assets)


def layer_path(architecture: str, version: str = "") -> Path:
    """Return the path of the layer for this architecture, the current requirements and the current
    builder.

    With a Python version, return the layer that has the bytecode of that version.
    """
    recipe = b"".join(path.read_bytes() for path in (*RECIPES, *wheels.requirements(architecture)))
    digest = hashlib.sha256(recipe).hexdigest()[:12]
    return LAYERS / f"{architecture}-{digest}{version and f'-{version}'}.zip"


def layer_archive(architecture: str, *, compiled: bool = False) -> pulumi.FileArchive:
    """Return the layer that `make layer` built; raise LayerError if it is missing."""
    path = layer_path(architecture)
    if compiled and not _plain.get():
        path = _compiled_layer(architecture)
    elif not path.is_file():
        raise _missing(architecture, path, f"`make layer ARCH={architecture}`")
    return pulumi.FileArchive(str(path.relative_to(PROJECT)))


def _compiled_layer(architecture: str) -> Path:
    path = layer_path(architecture, bytecode.named_patch())
    # Bytecode of another patch release exists only if somebody accepted that: see `bytecode`.
    others = sorted(LAYERS.glob(f"{layer_path(architecture).stem}-*.zip"))
    for each in (path, *others):
        if each.is_file():
            return each
    raise _missing(architecture, path, "`make stack-layer`")


def _missing(architecture: str, path: Path, remedy: str) -> LayerError:
    stale = sorted(each.name for each in LAYERS.glob(f"{architecture}-*.zip"))
    found = f"only {', '.join(stale)}, made otherwise," if stale else "nothing"
    return LayerError(
        f"the function's layer {path.relative_to(PROJECT)} is {'stale' if stale else 'missing'}: "
        f"{found} is there for thumbx:function.architecture {architecture}; run {remedy}"
    )


def build_layer(architecture: str, python: Python | None = None) -> Path:
    """Install the pinned requirements for Lambda and zip them; return the zip's path.

    The same requirements give the same bytes on every machine: sorted names, one date, one mode,
    and no compression, because its output depends on the machine's zlib. If `python` is given, the
    layer contains its bytecode.
    """
    path = layer_path(architecture, python.version if python else "")
    if path.is_file():
        return path
    LAYERS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=LAYERS) as scratch:
        made = write_layer(architecture, python, Path(scratch))
        for old in LAYERS.glob(f"{architecture}-*.zip"):
            if old.stem.count("-") == path.stem.count("-"):
                old.unlink()
        made.rename(path)
    return path


def write_layer(architecture: str, python: Python | None, scratch: Path) -> Path:
    """Write the layer again into a folder, even if it exists; return the zip's path."""
    root = scratch / "python"
    if python:
        with zipfile.ZipFile(build_layer(architecture)) as layer:
            layer.extractall(scratch)
        bytecode.compile_folder(root, python, "/opt/python")
    else:
        wheels.install(architecture, root)
    made = scratch / "layer.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(each for each in root.rglob("*") if each.is_file()):
            name = file.relative_to(scratch)
            if not python and not wheels.belongs(name):
                continue
            entry = zipfile.ZipInfo(str(name))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())
    return made


def build_function(python: Python) -> Path:
    """Compile `handler/`; return the folder that holds the bytecode in the archive's layout."""
    path = function_path(python.version)
    if path.is_dir():
        return path
    COMPILED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=COMPILED) as scratch:
        made = Path(scratch) / "made"
        write_function(python, made)
        for old in COMPILED.glob("*-*"):
            shutil.rmtree(old)
        made.rename(path)
    return path


def write_function(python: Python, folder: Path) -> None:
    """Write the sources and their bytecode again into a folder."""
    for source in _sources():
        copy = folder / source.relative_to(PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    bytecode.compile_folder(folder, python, "/var/task")


def function_path(version: str) -> Path:
    """Return the folder of the current sources with the bytecode of a Python version."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(PROJECT)}\0".encode() + path.read_bytes())
    return COMPILED / f"{digest.hexdigest()[:12]}-{version}"


def _sources() -> list[Path]:
    return sorted(HANDLER.rglob("*.py"))


def main() -> int:
    """Build what the command line says."""
    parser = argparse.ArgumentParser(description=build_layer.__doc__)
    parser.add_argument(
        "architecture", choices=sorted(wheels.PROCESSORS), nargs="?", default="x86_64"
    )
    parser.add_argument("--bytecode", action="store_true", help="also what is deployed")
    parser.add_argument("--other-python", action="store_true", help="by another patch release")
    given = parser.parse_args()
    try:
        built = [build_layer(given.architecture)]
        if given.bytecode:
            built = build_deployed(given.architecture, other=given.other_python)
    except bytecode.BytecodeError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for path in built:
        print(path.relative_to(PROJECT))
    return 0


def build_deployed(architecture: str, *, other: bool = False) -> list[Path]:
    """Build the layer and the function's bytecode; BytecodeError without the Python for it."""
    if not other and layer_path(architecture, bytecode.named_patch()).is_file():
        ready = function_path(bytecode.named_patch())
        if ready.is_dir():
            return [layer_path(architecture, bytecode.named_patch()), ready]
    python = bytecode.compiler(other=other)
    return [build_layer(architecture, python), build_function(python)]


if __name__ == "__main__":
    sys.exit(main())
