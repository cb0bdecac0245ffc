"""`python forks.py`: one process a command line, forked from one that has imported everything.

Half a second of imports each would be most of what these tests take. A request is a line of JSON
on standard input (words, environment, folder for what is said); its answer is the exit code.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def serve() -> None:
    """Answer until standard input ends."""
    sys.path.insert(0, str(Path.cwd()))
    import pipeline.__main__  # noqa: PLC0415 - the project's in this folder

    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            _become(request, pipeline.__main__)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(request: dict[str, Any], program: Any) -> None:
    """Run the program as if it had been started so; does not return."""
    code = 1
    try:
        for name, number in (("out", 1), ("err", 2)):
            with (Path(request["folder"]) / name).open("wb") as said:
                os.dup2(said.fileno(), number)
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = ["python -m pipeline", *request["words"]]
        code = program.main()
    except SystemExit as error:
        code = error.code
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
