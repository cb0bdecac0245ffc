"""A stand-in for `aws`: it checks each typed command with botocore's models and makes the call.

`aws SERVICE OPERATION --option value... --query JMESPATH --output text`, each option one of the
operation's parameters, values as the AWS CLI takes them (words, JSON). Another word is an error, as
in the AWS CLI.
"""

from __future__ import annotations

import json
import socketserver
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import jmespath
from botocore import xform_name
from botocore.session import get_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Handed on to the test's own process: an interpreter with botocore in each would take a second.
FRONT = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({path!r})
    asked.sendall(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]).encode() + b"\\n")
    code, text = json.loads(asked.makefile().readline())
(sys.stderr if code else sys.stdout).write(text)
sys.exit(code)
"""
GLOBAL = ("query", "output", "profile", "region")
SERVICES = {"s3api": "s3"}


class UsageError(Exception):
    """What the AWS CLI ends with code 252 for."""


@contextmanager
def answering(folder: Path, tools: dict[str, Callable[[list[str]], str]]) -> Iterator[None]:
    """Make programs in `folder`; this process answers their arguments. An exception is code 1."""

    class Asked(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            name, *words = json.loads(self.rfile.readline())
            try:
                answer = [0, tools[name](words)]
            except Exception as error:
                answer = [1, f"{type(error).__name__}: {error}\n"]
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    path = folder / "socket"
    for name in tools:
        (folder / name).write_text(FRONT.format(python=sys.executable, path=str(path)))
        (folder / name).chmod(0o755)
    with socketserver.ThreadingUnixStreamServer(str(path), Asked) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def call(words: list[str], client: Callable[[str, str, str, str], Any]) -> str:
    """Call what the words say; `client` makes one of a service, operation, profile and region."""
    service, operation, *rest = words
    service = SERVICES.get(service, service)
    model = get_session().get_service_model(service)
    names = {xform_name(each, "-"): each for each in model.operation_names}
    if operation not in names:
        raise UsageError(f"{operation} is no operation of {service}")
    shape = model.operation_model(names[operation]).input_shape
    known = {xform_name(each, "-"): each for each in (shape.members if shape else {})}
    told: dict[str, str] = {}
    asked: dict[str, Any] = {}
    for option, values in _options(rest).items():
        if option in GLOBAL:
            (told[option],) = values
        elif option in known:
            asked[known[option]] = _value(shape.members[known[option]], values)
        else:
            raise UsageError(f"--{option} is no option of {service} {operation}")
    made = client(service, names[operation], told["profile"], told["region"])
    found = getattr(made, xform_name(names[operation]))(**asked)
    found.pop("ResponseMetadata", None)
    if "query" in told:
        found = jmespath.search(told["query"], found)
    return _text(found) + "\n" if told.get("output") == "text" else json.dumps(found, default=str)


def _options(words: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            values = found.setdefault(word[2:], [])
        else:
            values.append(word)  # pyright: ignore[reportPossiblyUnboundVariable]
    return found


def _value(shape: Any, values: list[str]) -> Any:
    match shape.type_name:
        case "list" if not values[0].startswith("["):
            return values
        case "integer" | "long":
            return int(values[0])
        case "timestamp" | "string":
            return values[0]
        case _:
            return json.loads(values[0])


def _text(value: Any) -> str:
    """As `--output text`: lists of lists line by line, with tabs."""
    if value is None:
        return "None"
    if isinstance(value, list):
        nested = any(isinstance(each, list) for each in value)
        return ("\n" if nested else "\t").join(_text(each) for each in value)
    return str(value)
