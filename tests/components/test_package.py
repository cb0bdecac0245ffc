"""The function's archive and its layer: their contents, and the errors if they are missing."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pulumi
import pytest

from components.producer import bytecode, package, wheels

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

    The copy is below a folder whose name is left out of layers, because the project's location must
    not matter.
    """
    project = tmp_path / "bin"
    project.mkdir()
    monkeypatch.setattr(wheels, "REQUIREMENTS", copied(wheels.REQUIREMENTS, project))
    further = {each: copied(path, project) for each, path in wheels.FURTHER.items()}
    monkeypatch.setattr(wheels, "FURTHER", further)
    monkeypatch.setattr(
        package, "RECIPES", tuple(copied(each, project) for each in package.RECIPES)
    )
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


@pytest.mark.slow
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
    """Architectures are selected by files, because pip would evaluate a marker for this
    machine's processor.
    """
    asked: list[list[str]] = []
    monkeypatch.setattr(wheels.subprocess, "run", lambda command, **_: asked.append(command))
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


def test_a_layer_without_bytecode_is_not_deployed(elsewhere: Path) -> None:
    """Without bytecode, each cold start would compile every module, and the next deployment by
    make would update the layer.
    """
    built = package.layer_path("arm64")
    built.parent.mkdir(parents=True)
    built.touch()
    with pytest.raises(pulumi.RunError, match=rf"only {built.name}, .* run `make stack-layer`"):
        package.layer_archive("arm64", compiled=True)


def changed_recipe(which: str) -> list[Path]:
    return [wheels.REQUIREMENTS] if which == "requirements" else [*package.RECIPES]


@pytest.mark.parametrize("which", ["requirements", "recipes"])
def test_a_stale_layer_is_an_error_with_the_remedy(elsewhere: Path, which: str) -> None:
    """The function would run with last month's Pillow and nobody would know."""
    for changed in changed_recipe(which):
        built = package.layer_path("arm64")
        built.parent.mkdir(parents=True, exist_ok=True)
        built.touch()
        package.layer_archive("arm64")
        changed.write_text("# changed\n", encoding="utf-8")
        with pytest.raises(pulumi.RunError, match=rf"is stale: only {built.name}, .* `make layer"):
            package.layer_archive("arm64")
        built.unlink()


def test_what_one_architecture_adds_makes_its_layer_stale_and_no_other(elsewhere: Path) -> None:
    """The name carries a digest of all that determines the bytes."""
    before = {each: package.layer_path(each) for each in wheels.PROCESSORS}
    wheels.FURTHER["x86_64"].write_text("# changed\n", encoding="utf-8")
    after = {each: package.layer_path(each) for each in wheels.PROCESSORS}
    assert after["arm64"] == before["arm64"]
    assert after["x86_64"] != before["x86_64"]


@pytest.mark.slow
def test_what_the_runtime_has_and_what_no_code_loads_is_not_in_the_layer() -> None:
    """Each of them is downloaded at each cold start."""
    with zipfile.ZipFile(package.build_layer("arm64")) as layer:
        names = layer.namelist()
    unwanted = (
        "python/jmespath",
        "boto",
        "freetype",
        "harfbuzz",
        "_imagingft",
        "_imagingtk",
        "swagger",
    )
    assert not [name for name in names if any(word in name for word in unwanted)]


def python(version: str) -> bytecode.Python:
    return bytecode.Python(f"/somewhere/{version}/python3", version, f"/somewhere/{version}")


def there(monkeypatch: pytest.MonkeyPatch, *versions: str) -> None:
    """Put these Pythons in the place of the machine's."""
    monkeypatch.setattr(bytecode, "named_patch", lambda: "3.13.7")
    monkeypatch.setattr(bytecode, "find_pythons", lambda _: map(python, versions))


def test_the_named_patch_release_compiles_whatever_else_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another patch release writes other bytes, which would be another deployment."""
    there(monkeypatch, "3.13.5", "3.13.7", "3.13.9")
    assert bytecode.compiler().version == "3.13.7"
    assert bytecode.compiler(other=True).version == "3.13.7"


def test_another_patch_release_is_refused_unless_an_option_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two people with two patch releases would update the function back and forth."""
    there(monkeypatch, "3.13.5")
    with pytest.raises(pulumi.RunError) as caught:
        bytecode.compiler()
    text = str(caught.value)
    assert "Python 3.13.7" in text
    assert "only 3.13.5 (/somewhere/3.13.5/python3) is here" in text
    assert "OTHER_PYTHON=1, which accepts that the next deployment elsewhere will update" in text
    assert bytecode.compiler(other=True).version == "3.13.5"


@pytest.mark.parametrize("other", [False, True])
def test_without_any_python_of_the_minor_version_there_is_a_remedy(
    monkeypatch: pytest.MonkeyPatch, other: bool
) -> None:
    """3.12 writes bytecode that 3.13 does not load."""
    there(monkeypatch)
    with pytest.raises(pulumi.RunError, match=r"no Python 3\.13 is here; .*`uv python install"):
        bytecode.compiler(other=other)


def test_a_shim_that_fails_is_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pyenv has such a shim for each version that was ever installed, also if it is not
    selected.
    """
    minor = "9.99"
    shim = tmp_path / f"python{minor}"
    shim.write_text("#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    real = tmp_path / "versions" / f"{minor}.1" / "bin"
    real.mkdir(parents=True)
    starts = real / f"python{minor}"
    starts.write_text(f"#!/bin/sh\nprintf '{minor}.1\\n{real.parent}\\n'\n")
    starts.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    found = list(bytecode.find_pythons(minor))
    assert found == [bytecode.Python(str(starts), f"{minor}.1", str(real.parent))]
