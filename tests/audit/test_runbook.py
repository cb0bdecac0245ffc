"""Every command of docs/audit.md runs exactly as it is written there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from audit import command
from audit.checks import expected
from tests.audit import aws
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording
    from tests.audit.conftest import TrailExport

RUNBOOK = Path(__file__).parents[2] / "docs" / "audit.md"
BLOCKS = re.findall(
    r"^```console\n(.*?)^```$", RUNBOOK.read_text("utf-8"), re.MULTILINE | re.DOTALL
)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
QUESTIONS = (
    "Who could have seen this picture?",
    "Who read this original, and what did this principal read?",
    "Was the role used by anything but the function?",
    "What changed in the last week?",
    "How do I prove it to an auditor?",
)


def test_every_question_has_a_command() -> None:
    """A step that only prose describes is done differently each time."""
    text = RUNBOOK.read_text("utf-8")
    for question in QUESTIONS:
        section = text.partition(f"### {question}\n")[2].partition("\n#")[0]
        assert "$ .venv/bin/python -m audit " in section, question


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_runbook_answers(
    line: str,
    export: TrailExport,
    dev: Recording,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """At night, nobody has time to find out why a command does not work."""
    prompt, python, flag, module, *words = shlex.split(line)
    assert (prompt, python, flag, module) == ("$", ".venv/bin/python", "-m", "audit")
    monkeypatch.chdir(export.folder.parent)
    # What asks the deployed accounts is answered by the program's own state, without a trail file.
    monkeypatch.setattr(command, "connect", lambda *_: aws.deployed(dev).access())
    # `Pulumi.dev.yaml` is a user's own file; the deployment here is of the tests' stack.
    monkeypatch.setattr(expected, "recorded", record)
    assert command.main(words) == (2 if words[0] == "check" else 0)
    said = capsys.readouterr()
    assert not said.err
    if "--json" in words:
        json.loads(said.out)
    else:
        assert len(said.out.splitlines()) > 3


def test_the_commands_say_who_did_what(
    export: TrailExport, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The tables name what the day in the export holds."""
    monkeypatch.chdir(export.folder.parent)
    told: dict[str, str] = {}
    for line in COMMANDS:
        words = shlex.split(line)[4:]
        if words[0] != "check" and "--json" not in words:
            assert command.main(words) == 0
            told[" ".join(words[:2])] = capsys.readouterr().out
    assert re.search(
        r"role/insider  named: NO\n( .*\n)*  GetObject +AccessDenied", told["who --since"]
    )
    assert re.search(r"role/stranger.*NO\n +AssumeRole +AccessDenied", told["who --role"])
    assert re.search(r"iam UpdateAssumeRolePolicy +ok", told["who --changes"])
    (story,) = (text for words, text in told.items() if words.startswith("trace"))
    assert "message-7, request request-7" in story
    assert "the thumbnail is refused to all but: arn:aws:iam::222222222222:role/reader" in story


def test_the_help_of_every_command_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    """The help says what the command answers, from which source, and shows examples to copy."""
    for words in (["trace"], ["reads"], ["who"], ["check"]):
        with pytest.raises(SystemExit) as ended:
            command.main([*words, "--help"])
        assert ended.value.code == 0
        said = capsys.readouterr().out
        assert "examples:" in said
        assert f"python -m audit {words[0]} " in said
