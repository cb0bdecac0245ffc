"""Every command that people are told to run, run as typed: make, the shell, no variables.

`python -m pipeline` is real, with tools that take only what their `--help` lists. For the rest of
our programs the program's own parser reads the words, and nothing more is done.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from recording.program import PROJECT
from tests.pipeline.collected import PRODUCT, shell_blocks, told, unmarked
from tests.pipeline.conftest import Project
from tests.pipeline.fake_tools import GH, Tools
from tests.pipeline.options import CAPTURED, listed, of_pulumi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recording.forks import Forks
    from tests.pipeline.collected import Told

pytestmark = pytest.mark.xdist_group("commands")  # one checkout serves all

OURS = [each for each in told() if re.search(r"\bmake |python3? -m", each.command)]
OTHERS = [each for each in told() if each not in OURS and "pulumi is " not in each.command]
BIN = Path(sys.executable).parent
# The programs that `make` needs on a machine, and nothing else.
SYSTEM = (
    *(
        "bash",
        "cat",
        "cp",
        "cut",
        "date",
        "expand",
        "git",
        "grep",
        "make",
        "mkdir",
        "nice",
        "rm",
        "sed",
    ),
    *("sh", "tail", "touch", "tr", "uname"),
)
# Programs of the environment that recipes call, each asked for its options.
PROGRAMS = (*("pip install", "pytest", "ruff check", "ruff format", "uv pip compile", "zizmor"),)
# In place of `.venv/bin/python`: the pipeline is real; another module reads its words and stops.
PYTHON = """\
#!{python} -IS
import os, sys
words = sys.argv[1:]
if words[:1] == ["-m"] and words[1].partition(".")[0] in ("pip", "venv"):
    sys.exit()
if words[:2] == ["-m", "pipeline"]:
    os.execv("{python}", ["{python}", *words])
if words[:1] == ["-m"]:
    os.execv("{python}", ["{python}", "{parse}", *words[1:]])
os.execv("{python}", ["{python}", *words])
"""
# A program whose parser was content has been told what it takes.
PARSE = """\
import argparse, importlib.util, pathlib, runpy, sys
sys.path[0] = str(pathlib.Path.cwd())
module = sys.argv[1]
spec = importlib.util.find_spec(module)
assert spec, module
parse = argparse.ArgumentParser.parse_args
def parse_and_stop(self, args=None, namespace=None):
    parse(self, args, namespace)
    sys.exit(0)
argparse.ArgumentParser.parse_args = parse_and_stop
if module in {bare}:
    sys.exit(0)
sys.argv = sys.argv[1:]
runpy.run_module(module, run_name="__main__", alter_sys=True)
sys.exit(module + " has read no command line")
"""
# These take no options, two of them bare words.
BARE = (
    *("benchmarks", "pipeline.workflows", "proof.linting", "tests.audit.measure"),
    *(
        "components.configuration",
        "pipeline.drawings",
        "pipeline.pages",
        "pipeline.scan",
        "sandbox.providers",
        "tests.handler.fuzz",
    ),
    "tests.reconcile.measure",
)
CHECKSUM = 'print("sha256:" + "0" * 64)\n'
# Commands that must run first, as the pages say.
BEFORE = {"make deploy": "make preview", "make install": "make plugin-checksum"}
# What a command says that cannot do anything before somebody gives it a value.
NEEDS = {
    "make comment": "REPOSITORY and NUMBER and COMMIT and RUN are not set; run `make comment ",
    "make estimate": "PICTURES is not set; run `make estimate PICTURES=1e6/day`",
    "make init STACK=production": "Pulumi.production.yaml is there already; edit it,",
    "make old-key": "thumbx:storage.encryption is 's3', so new pictures would not leave the key",
    "make old-key ADMINISTRATOR=PROFILE": "thumbx:storage.encryption is 's3', so new pictures ",
    "make ruleset REPOSITORY=OWNER/NAME": "main has no rule pull_request; make the ruleset: gh",
}
# Commands that take longer than a minute, and where they are run instead.
ELSEWHERE = {
    "make engine": "it builds for minutes with Go; .ci/run runs the engine's tests",
    "make scan": "it installs two scanners and runs for minutes",
}
BARE_NAME = re.compile(r"\S*python -m \w+")  # of a program: its parser may ask for more


class Machine:
    """A machine with make, a shell and the tools, and a checkout on which `make` has run once."""

    def __init__(self, copied: Path, folder: Path, sts: str, forks: Forks) -> None:
        self.checkout = shutil.copytree(copied, folder / "checkout", symlinks=True)
        (self.checkout / ".venv").unlink()
        for path in (PROJECT / "Makefile", *PROJECT.glob("requirements*.txt")):
            shutil.copyfile(path, self.checkout / path.name)
        for name in {"benchmarks", "samples", "tests", *PRODUCT} - {
            each.name for each in self.checkout.iterdir()
        }:
            (self.checkout / name).symlink_to(PROJECT / name)
        tools, home, system = (folder / name for name in ("tools", "home", "system"))
        for each in (tools, home, system):
            each.mkdir()
        self.tools = Tools(tools)
        self.tools.pulumi(
            outputs={"bucket": "thumbx-images-0a1b2c3", "first_upload": "aws s3 cp a s3://b/a"}
        )
        for name in ("aws", "git", "go", "npm"):
            self.tools.add(name)
        for name in SYSTEM:
            (system / name).symlink_to(shutil.which(name) or f"/missing/{name}")
        (system / "python3").symlink_to(sys.executable)
        project = Project(self.checkout, self.tools, home, sts, forks)
        profiles = {"thumbx-dev-producer": "111111111111", "thumbx-dev-storage": "222222222222"}
        project.profiles(profiles | dict.fromkeys(("PROFILE", "profile"), "222222222222"))
        self.environment = project.environment | {"PATH": f"{tools}:{system}"}
        parse = folder / "parse.py"
        parse.write_text(PARSE.replace("{bare}", repr(BARE)))
        python = PYTHON.format(python=sys.executable, parse=parse)
        for environment in (".venv", "build/lint"):
            _environment(self.checkout / environment, python)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a line as a person does, who answers each question with Enter."""
        return subprocess.run(
            ["/bin/sh", "-euc", command],
            input="\n" * 9,
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def _environment(folder: Path, python: str) -> None:
    """What `make` finds installed: stand-ins that take the options of the real programs."""
    programs = folder / "bin"
    for each in (programs, folder / "lib" / "python3" / "site-packages" / "pulumi_policy"):
        each.mkdir(parents=True)
    tools = Tools(programs)
    options = {name: listed([str(BIN / name.split()[0]), *name.split()[1:]]) for name in PROGRAMS}
    options["pyright"] = []  # called without, and slow to ask
    (programs / "options.json").write_text(json.dumps(options))
    for name in {name.split()[0] for name in options}:
        tools.add(name)
    (programs / "python").write_text(python)
    (programs / "python").chmod(0o755)
    for name in (".installed", ".installed-requirements-dev.txt"):
        (folder / name).touch()


@pytest.fixture(scope="module")
def machine(
    copied: Path, tmp_path_factory: pytest.TempPathFactory, sts: str, forks: Forks
) -> Machine:
    return Machine(copied, tmp_path_factory.mktemp("machine"), sts, forks)


# The commands that a newcomer types first or that had failed. The gate runs all of them, because
# each takes a second.
ROUTE = {"make init", "make preview", "make up", "make smoke", "make drift"}


def _commands() -> Iterator[object]:
    for each in OURS:
        marks = [] if each.command in ROUTE else [pytest.mark.slow]
        yield pytest.param(each, marks=marks, id=each.command)


@pytest.mark.parametrize("each", list(_commands()))
def test_a_command_of_ours_does_what_the_text_promises(machine: Machine, each: Told):
    """A person types it exactly as it is: in the checkout, with no variable set."""
    command = each.command
    if command in ELSEWHERE:
        pytest.skip(ELSEWHERE[command])
    if ".py:" in each.where and not command.startswith((".venv", "make")):
        command = f".venv/bin/{command}"  # a module's own help, for a person who has started it
    if before := BEFORE.get(command):
        assert machine.run(before).returncode == 0
    done = machine.run(command)
    needs = NEEDS.get(each.command)
    if done.returncode == 2 and BARE_NAME.fullmatch(each.command):
        needs = "the following arguments are required: "
    assert done.returncode == (2 if needs else 0), f"{each.where}\n{done.stdout}{done.stderr}"
    assert (needs or "") in done.stderr


def test_a_wrong_word_in_such_a_command_would_be_seen(machine: Machine):
    """Otherwise the fake tools would accept anything."""
    assert machine.run(".venv/bin/python -m audit who --rolle").returncode
    assert machine.run("make previev").returncode
    assert machine.run(".venv/bin/python -m sandbox.recorder dev").returncode
    assert machine.run("pulumi up --yess").returncode
    assert machine.run("pulumi upp").returncode
    assert machine.run("make test ARGS=--nosuch").returncode


@pytest.mark.slow
def test_a_command_of_another_program_takes_its_options(machine: Machine):
    """One that Pulumi's `--help` does not list fails in the night in which it is needed."""
    machine.tools.add("gh", CHECKSUM)  # the other one answers what our programs ask
    assert len(OTHERS) > 50
    for each in OTHERS:
        done = machine.run(
            f"stack=dev name=dev bucket=b key=k; {re.sub('<[^>]+>', 'X', each.command)}"
        )
        assert done.returncode == 0, f"{each.where}: {each.command}\n{done.stderr}"
    machine.tools.add("gh", GH)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_block_of_shell_runs_as_a_whole(machine: Machine):
    """Copied into a terminal: a line that fails is one that somebody copies too."""
    blocks = list(shell_blocks())
    assert len(blocks) > 15
    machine.tools.add("gh", CHECKSUM)
    for where, block in blocks:
        done = machine.run(re.sub(r"=(PROFILE|profile)\b", "=thumbx-dev-storage", block))
        assert done.returncode == 0, f"{where}\n{block}\n{done.stdout}{done.stderr}"
    machine.tools.add("gh", GH)


def test_a_command_stands_where_it_is_found():
    """Backticks let the tests above find the command, and show a person where it ends."""
    assert unmarked() == []


@pytest.mark.slow
def test_the_captured_options_are_those_of_the_cli_that_is_here():
    program = shutil.which("pulumi")
    if program is None:
        pytest.skip("needs the Pulumi CLI on the PATH")
    assert of_pulumi(program) == yaml.safe_load(CAPTURED.read_text("utf-8"))
