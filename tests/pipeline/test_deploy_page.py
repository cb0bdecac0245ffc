"""docs/deploy.md: every command, file and variable of ours that it names is there, and every
message that it explains is one that ours print."""

from __future__ import annotations

import importlib.util
import re
import textwrap
from typing import TYPE_CHECKING

import pytest

from components.producer.bytecode import named_patch
from pipeline import report
from recording.program import PROJECT
from tests.pipeline.workflows import TEXTS, make_targets

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline.conftest import Project

pytestmark = pytest.mark.slow

PAGE = (PROJECT / "docs" / "deploy.md").read_text("utf-8")
CODE = ["".join(found) for found in re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", PAGE, re.DOTALL)]


def test_every_make_target_exists():
    named = set(re.findall(r"\bmake ([a-z-]+)", "\n".join(CODE)))
    assert {"preview", "up", "smoke", "deploy", "drift", "comment", "layer", "audit"} <= named
    assert named <= make_targets()


def test_every_program_and_command_of_ours_exists(project: Project):
    named = re.findall(r"python -m (\w+) (\w+)", "\n".join(CODE))
    assert named
    for module, command in named:
        assert importlib.util.find_spec(module)
        assert project.run(command, "--help").code == 0


def test_every_file_exists():
    paths = [f"docs/{link}" for link in re.findall(r"\]\((?!https:)([^)#]+)", PAGE)]
    ours = re.compile(r"(Pulumi|samples/|\.ci/|\.github/|requirements).*")
    paths += [text for text in CODE if ours.fullmatch(text)]
    assert len(paths) > 7
    assert [path for path in paths if not (PROJECT / path).exists()] == []


def test_the_variables_are_those_of_the_workflows():
    """One that is not set is an empty text there, and an error of something else."""
    used = set(re.findall(r"vars\.([A-Z_]+)", "".join(TEXTS.values())))
    table = PAGE[PAGE.index("| variable |") : PAGE.index("**Pulumi Cloud or a bucket.**")]
    assert set(re.findall(r"`([A-Z]+_[A-Z_]+)`", table)) == used


def test_the_exports_of_the_bootstrap_are_what_it_exports():
    program = (PROJECT / "bootstrap" / "__main__.py").read_text("utf-8")
    exported = set(re.findall(r'pulumi\.export\("(\w+)"', program))
    assert set(re.findall(r"`(\w+_arn|backend)`", PAGE)) == exported


def test_what_a_bare_machine_is_told_is_what_it_is_told(project: Project):
    project.tools.remove("pulumi")
    project.profiles({})
    assert f"```\n{project.run('preview', 'dev').err}```" in PAGE


def test_what_the_commands_print_is_what_they_print(project: Project):
    """Only our own output is compared; the rest is Pulumi's."""
    assert f"```\n{project.run('preflight', 'dev').out}```" in PAGE
    patch = re.escape(named_patch())
    made = rf"x86_64-[0-9a-f]+-{patch}\.zip\n[0-9a-f]+-{patch}\n"
    assert re.fullmatch(made, project.run("layer", "dev").out)
    project.tools.pulumi(says="of pulumi")
    for command in ("preview", "up", "drift"):
        assert project.run(command, "dev").out == "of pulumi\n"
    project.tools.pulumi(code=7)
    assert f"`Error {project.run('drift', 'dev').code}`" in PAGE


def test_the_comment_begins_as_the_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    run = "https://github.com/OWNER/NAME/actions/runs/1"
    made = report.comment("dev", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", run)
    fences = re.findall(r"^  ```\n(.*?)^  ```$", PAGE, re.DOTALL | re.MULTILINE)
    assert textwrap.dedent("\n".join(fences)) == f"{made}\n"


@pytest.mark.parametrize(
    ("message", "module"),
    [
        ("the function's layer ", "components/producer/package.py"),
        (" does not exist", "pipeline/preview.py"),
        ("could not be uploaded: ", "pipeline/smoke.py"),
        ("no new ", "pipeline/smoke.py"),
    ],
)
def test_a_message_of_ours_that_the_page_explains_is_in_the_code(message: str, module: str):
    assert message in PAGE[PAGE.index("| it says |") :]
    assert message in (PROJECT / module).read_text("utf-8")
