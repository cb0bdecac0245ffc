"""The parts of the box: a Python of Lambda's version, its own packages, the layer and the
archive.
"""

from __future__ import annotations

import fcntl
import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from components.producer import bytecode, package, wheels

if TYPE_CHECKING:
    from collections.abc import Generator

    from components.producer.bytecode import Python

MINOR = wheels.RUNTIME.removeprefix("python")
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
FOLDER = package.PROJECT / "build" / "runtime"
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine(), "")


@dataclass(frozen=True)
class Deployed:
    """The folders of one build: what Lambda mounts at /var/lang, in it, at /opt and at
    /var/task.
    """

    python: Python
    site: Path
    layer: Path
    task: Path

    @property
    def site_inside(self) -> str:
        """Where the runtime's own packages lie."""
        return f"/var/lang/lib/python{MINOR}/site-packages"


def missing() -> str:
    """The reason why this machine has no box; empty if it has one."""
    if sys.platform != "linux" or not ARCHITECTURE:
        return f"Lambda is Linux on x86_64 or arm64, and this is {sys.platform}"
    if not any(bytecode.find_pythons(MINOR)):
        return f"no Python {MINOR} starts here: `uv python install {bytecode.named_patch()}`"
    return ""


def deployed() -> Deployed:
    """Build what is missing, with the Python that compiles what is deployed if it is installed."""
    python = bytecode.compiler(other=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with _locked():
        if python.version == bytecode.named_patch():
            archive, task = package.build_deployed(ARCHITECTURE)
        else:
            archive, task = _by_another(python)
        return Deployed(python, _site(python), _unpacked(archive), task)


def _by_another(python: Python) -> tuple[Path, Path]:
    """Layer and function by another patch release, in a place where no deployment finds them."""
    recipe = package.layer_path(ARCHITECTURE, python.version)
    archive, task = FOLDER / recipe.name, FOLDER / package.function_path(python.version).name
    with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
        if not archive.is_file():
            package.write_layer(ARCHITECTURE, python, Path(scratch)).rename(archive)
        if not task.is_dir():
            package.write_function(python, Path(scratch) / "task")
            (Path(scratch) / "task").rename(task)
    return archive, task


def _unpacked(archive: Path) -> Path:
    folder = FOLDER / archive.stem
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
            made = Path(scratch) / "made"
            with zipfile.ZipFile(archive) as layer:
                layer.extractall(made)
            made.rename(folder)
    return folder


def _site(python: Python) -> Path:
    """The runtime client and boto3, compiled as Lambda has them."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    folder = FOLDER / f"site-{digest}-{python.version}"
    if not folder.is_dir():
        made = folder.with_suffix(".new")
        shutil.rmtree(made, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--python", python.path, "install", "--quiet"]
        pip += ["--disable-pip-version-check", "--root-user-action", "ignore", "--no-deps"]
        pip += ["--only-binary", ":all:", "--require-hashes", "-r", str(REQUIREMENTS)]
        subprocess.run([*pip, "--target", str(made)], check=True)
        made.rename(folder)
    return folder


@contextmanager
def _locked() -> Generator[None]:
    with (FOLDER / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
