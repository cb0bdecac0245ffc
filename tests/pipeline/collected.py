"""Collects every command that people are told to run, from the texts that contain them.

Markdown pages (code blocks and code in a line), pages of HTML, YAML's comments and descriptions,
and the strings of the product's Python: errors, remedies, alarms, help. A command is in backticks,
after "run: ", or on its own line; `unmarked` finds commands that are not.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

PRODUCT = (
    *(
        "adopt",
        "audit",
        "benchmarks",
        "bootstrap",
        "components",
        "demo",
        "handler",
        "pipeline",
        "policy",
    ),
    *("proof", "reconcile", "recording", "sandbox"),
)
# Nobody types commands from here: a change log describes the past. docs/runbook.md is made of
# runbook.yaml, and has the names.
LEFT_OUT = {"CHANGELOG.md", "runbook.yaml"}
PROGRAMS = r"(?:make|pulumi|gh|aws|(?:\S+/)?python3? -m)"
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
_MARKED = re.compile(rf"(?:[A-Z_]+=\S* )*{PROGRAMS} \S.*", re.DOTALL)
# "make a new one" between two spans of a line is prose.
_TARGET = re.compile(r"(?:make \S+(?: [A-Z]+=(?:\"[^\"]*\"|\S*))*|(?!make ).*)", re.DOTALL)
_LINE = re.compile(rf"(?:[A-Z_]+=\S* )*{PROGRAMS} [a-z-].*")
# Prose has "make sure" and "pulumi stacks"; these are commands wherever they stand.
_BEHIND = re.compile(r"(?:run|use|it|one|as in): ((?:pulumi|make) [^;()]+[^;()\s])")
_UNMARKED = re.compile(
    r"\bmake (?:audit|comment|demo|deploy|drift|layer|preview|sandbox|smoke|up)\b(?! of)"
    r"|\bpulumi (?:config|destroy|login|preview|refresh|stack|up) ?\b"
    r"|\bpython3? -m [a-z]"
)


@dataclass(frozen=True, order=True)
class Told:
    """One command and where it is told."""

    command: str
    where: str


def told() -> list[Told]:
    """Every command, once, with the first place that tells it."""
    found: dict[str, str] = {}
    for where, command in _everything():
        plain = " ".join(command.replace("\\\n", " ").partition("  #")[0].split())
        found.setdefault(plain, where)
    return [Told(command, where) for command, where in sorted(found.items())]


def shell_blocks() -> Iterator[tuple[str, str]]:
    """The blocks of shell of the pages, each whole: where it stands, and its lines."""
    for path in _pages("*.md"):
        text = path.read_text("utf-8")
        for match in _FENCE.finditer(text):
            if match[2] == "sh":
                line = text.count("\n", 0, match.start()) + 1
                lines = [each.removeprefix(match[1]) for each in match[3].splitlines()]
                yield f"{path.relative_to(PROJECT)}:{line}", "\n".join(lines)


def everything_said() -> Iterator[str]:
    """Every text that people read: pages, and the product's strings."""
    for path in _pages("*.md"):
        yield from path.read_text("utf-8").split("\n\n")
    yield from (text for _, text in _strings(docstrings=False))


def unmarked() -> list[str]:
    """Commands in strings of the product that stand in no backticks and on no line of their own."""
    return [
        f"{where}: {match[0]}"
        for where, text in _strings(docstrings=False)
        # The name of a program, in its usage; a command that is a string of its own; and a line
        # of a terminal.
        if not re.fullmatch(r"python -m [a-z]+|pulumi config set --path '.+|\$ make \w+", text)
        for match in _UNMARKED.finditer(_BEHIND.sub("", _SPAN.sub("", _code(text))))
        if not re.search(rf"(?m)^ +.*{re.escape(match[0])}", text)
    ]


def _everything() -> Iterator[tuple[str, str]]:
    for path in _pages("*.md"):
        where = str(path.relative_to(PROJECT))
        yield from ((where, each) for each in _of_markdown(path.read_text("utf-8")))
    for path in (*_pages("*.html"), *_pages("*.yaml"), *_pages("*.yml")):
        plain = re.sub(r"\n *#? *", " ", _code(path.read_text("utf-8")))
        yield from ((str(path.relative_to(PROJECT)), each) for each in _spans(plain))
    for where, text in _strings(docstrings=True):
        yield from ((where, each) for each in (*_spans(text), *_BEHIND.findall(text)))
        yield from ((where, each) for each in _lines(text))


def _of_markdown(text: str) -> Iterator[str]:
    for match in _FENCE.finditer(text):
        for line in match[3].replace("\\\n", " ").splitlines():
            plain = line.strip().removeprefix("$ ")
            # A quote that goes on in the next line: `shell_blocks` has it whole.
            if _LINE.fullmatch(plain) and plain.count("'") % 2 == 0:
                yield plain
    yield from _spans(_FENCE.sub("", text))
    yield from _lines(_FENCE.sub("", text))


def _lines(text: str) -> Iterator[str]:
    """Commands on an indented line of their own."""
    for line in text.splitlines():
        if line.startswith("  ") and _LINE.fullmatch(line.strip()) and _is_target(line.strip()):
            yield re.split(" {2,}", line.strip())[0]  # what it does may stand behind it
    if text.startswith("pulumi config set --path '"):
        yield text


def _is_target(line: str) -> bool:
    """Prose may begin with "make" where a line is broken: "make a grant."."""
    return not line.startswith("make ") or bool(re.match(r"make [\w-]+( [A-Z]+=| {2}|$)", line))


def _code(text: str) -> str:
    """HTML's marks of code as Markdown's, and a template's values as words."""
    return re.sub(r"\{\{.*?\}\}", "value", re.sub(r"</?code>", "`", text))


def _spans(text: str) -> Iterator[str]:
    for span in _SPAN.findall(text):
        if _MARKED.fullmatch(span) and _TARGET.fullmatch(span):
            yield span


def _pages(pattern: str) -> list[Path]:
    """The pages of the project, without what is built, fetched or of the tests."""
    folders = (".github", "docs", "samples", *PRODUCT)
    found = [path for folder in folders for path in (PROJECT / folder).rglob(pattern)]
    found += PROJECT.glob(pattern)
    return sorted(path for path in found if path.name not in LEFT_OUT)


def _strings(*, docstrings: bool) -> Iterator[tuple[str, str]]:
    """Every string of the product's modules; a value in an f-string becomes a sample."""
    paths = [path for folder in PRODUCT for path in sorted((PROJECT / folder).rglob("*.py"))]
    for path in (*paths, PROJECT / "__main__.py"):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        left_out = {
            id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values
        }
        if not docstrings:
            left_out |= {id(each) for each in _docstrings(nodes)}
        name = path.relative_to(PROJECT)
        for node in nodes:
            if id(node) in left_out:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{name}:{node.lineno}", node.value
            elif isinstance(node, ast.JoinedStr):
                yield f"{name}:{node.lineno}", "".join(_part(part) for part in node.values)


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    shown = ast.unparse(part)
    samples = {"architecture": "arm64", "account": "storage", "COMMAND": "audit"}
    return next((value for name, value in samples.items() if name in shown), "dev")


def _docstrings(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    for node in nodes:
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr):
                yield first.value
