"""Runs a module's `main` many times, each time in a fork of one process that has imported the
module.

Importing Pulumi and its AWS package takes four times as long as the program itself, and the program
cannot run twice in one process. `python forks.py MODULE` is that process: a request is a line of
JSON on standard input, and the answer is the exit code on a line of standard output.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Ended:
    """How a run ended; `code` is negative if a signal ended it, as in `subprocess`."""

    code: int
    out: str
    err: str


class Forks:
    """The process that waits with the module imported; it starts at the first run."""

    def __init__(self, module: str, folder: Path) -> None:
        """`module` has a `main` and is imported from `folder`, which is also its working folder."""
        self._command = [sys.executable, str(Path(__file__).resolve()), module]
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._lock = Lock()

    def run(self, words: Sequence[str], environment: Mapping[str, str], seconds: int) -> Ended:
        """Run `main` with these words as its command line; SIGALRM ends it after `seconds`."""
        with self._lock, tempfile.TemporaryDirectory() as said:
            request = {
                "words": list(words),
                "environment": dict(environment),
                "seconds": seconds,
                "folder": said,
            }
            code = self._ask(json.dumps(request))
            out, err = ((Path(said) / name).read_text("utf-8") for name in ("out", "err"))
        return Ended(code, out, err)

    def close(self) -> None:
        """End the process; the next run starts another process."""
        if self._process:
            self._process.communicate()
            self._process = None

    def _ask(self, request: str) -> int:
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            atexit.register(self.close)
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process has no pipes")
        process.stdin.write(f"{request}\n")
        process.stdin.flush()
        return int(process.stdout.readline())


def serve(module: str) -> None:
    """Answer requests until standard input ends; a `warm_up` of the module is called first."""
    sys.path[0] = str(Path.cwd())
    program = importlib.import_module(module)
    getattr(program, "warm_up", lambda: None)()
    for line in sys.stdin:
        sys.stdout.write(f"{fork(program, line)}\n")
        sys.stdout.flush()


def fork(program: Any, request: str) -> int:
    """Run the program's `main` in a fork of this process; return its exit code."""
    child = os.fork()
    if not child:
        _become(program, json.loads(request))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _become(program: Any, request: dict[str, Any]) -> NoReturn:
    """Run the program as if it had been started with this command line."""
    code: object = 1
    try:
        for name, number in (("out", 1), ("err", 2)):
            with (Path(request["folder"]) / name).open("wb") as said:
                os.dup2(said.fileno(), number)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")  # pytest replaces it
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = [program.__name__, *request["words"]]
        signal.alarm(request["seconds"])
        code = program.main()
    except SystemExit as error:
        code = error.code
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    serve(sys.argv[1])
