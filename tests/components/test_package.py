"""The function's archive and its layer: what is in them, and what happens when they are not."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pulumi
import pytest

from components.producer import package

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def real() -> bytes:
    """The project's own layer, built before."""
    return package.build_layer("arm64").read_bytes()


def copied(path: Path, folder: Path) -> Path:
    """A copy in another folder, to be changed."""
    copy = folder / path.name
    copy.write_bytes(path.read_bytes())
    return copy


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, so that the real layer stays where it is.

    Below a folder whose name is left out of layers: where the project lies means nothing.
    """
    project = tmp_path / "bin"
    project.mkdir()
    for name in ("RECIPE", "REQUIREMENTS"):
        monkeypatch.setattr(package, name, copied(getattr(package, name), project))
    further = {each: copied(path, project) for each, path in package.FURTHER.items()}
    monkeypatch.setattr(package, "FURTHER", further)
    monkeypatch.setattr(package, "PROJECT", project)
    monkeypatch.setattr(package, "LAYERS", project / "build" / "layer")
    return project


def test_the_archive_is_the_handlers_python_files_and_nothing_else() -> None:
    """One stray .pyc changes the archive's hash and deploys the function again."""
    (package.HANDLER / "__pycache__").mkdir(exist_ok=True)
    names = set(package.function_archive().assets)
    assert {"handler/__init__.py", "handler/entry.py", "handler/pictures/thumbs.py"} <= names
    assert all(name.startswith("handler/") and name.endswith(".py") for name in names)
    assert not [name for name in names if "__pycache__" in name]


def test_the_same_requirements_give_the_same_bytes(real: bytes, elsewhere: Path) -> None:
    """The preview and the deployment build it on two machines; a new hash is a new layer."""
    again = package.build_layer("arm64")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(real).digest()


def test_the_layer_holds_what_lambda_loads_and_nothing_compiled_here() -> None:
    """A layer for this machine's processor imports nothing there."""
    with zipfile.ZipFile(package.build_layer("arm64")) as layer:
        names = layer.namelist()
        assert {entry.date_time for entry in layer.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "python/PIL/Image.py" in names
    assert "python/aws_lambda_powertools/__init__.py" in names
    assert not [name for name in names if name.endswith(".pyc")]
    shared = [name for name in names if ".so" in name and name.startswith("python/PIL/")]
    assert shared
    assert all("aarch64" in name for name in shared)


@pytest.mark.parametrize(
    ("architecture", "processor", "files"),
    [
        ("arm64", "aarch64", ["requirements-layer.txt"]),
        ("x86_64", "x86_64", ["requirements-layer.txt", "requirements-layer-x86_64.txt"]),
    ],
)
def test_an_architecture_gets_the_wheels_that_there_are_for_it(
    elsewhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    architecture: str,
    processor: str,
    files: list[str],
) -> None:
    """By files, because pip would evaluate a marker for this machine's processor."""
    asked: list[list[str]] = []
    monkeypatch.setattr(package.subprocess, "run", lambda command, **_: asked.append(command))
    package.build_layer(architecture)
    (command,) = asked
    values = {
        option: [command[at + 1] for at, word in enumerate(command) if word == option]
        for option in ("--platform", "-r")
    }
    assert values == {
        "--platform": [f"manylinux_2_28_{processor}", f"manylinux2014_{processor}"],
        "-r": [str(elsewhere / name) for name in files],
    }
    assert {"--require-hashes", "--no-deps"} < set(command)


def test_a_missing_layer_is_an_error_with_the_remedy(elsewhere: Path) -> None:
    """An empty archive would deploy and then fail on each picture."""
    with pytest.raises(pulumi.RunError, match=r"is missing: .* run `make layer ARCH=x86_64`"):
        package.layer_archive("x86_64")


@pytest.mark.parametrize("changed", ["REQUIREMENTS", "RECIPE"])
def test_a_stale_layer_is_an_error_with_the_remedy(elsewhere: Path, changed: str) -> None:
    """The function would run with last month's Pillow and nobody would know."""
    built = package.layer_path("arm64")
    built.parent.mkdir(parents=True)
    built.touch()
    package.layer_archive("arm64")
    getattr(package, changed).write_text("# changed\n", encoding="utf-8")
    with pytest.raises(pulumi.RunError, match=rf"is stale: only {built.name}, .* run `make layer"):
        package.layer_archive("arm64")


def test_what_one_architecture_adds_makes_its_layer_stale_and_no_other(elsewhere: Path) -> None:
    """The name carries a digest of all that determines the bytes."""
    before = {each: package.layer_path(each) for each in package.PROCESSORS}
    package.FURTHER["x86_64"].write_text("# changed\n", encoding="utf-8")
    after = {each: package.layer_path(each) for each in package.PROCESSORS}
    assert after["arm64"] == before["arm64"]
    assert after["x86_64"] != before["x86_64"]
