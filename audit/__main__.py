"""`python -m audit`: ask deployed accounts who touched what.

It runs against deployed accounts, with permissions to read only, and is no part of the deployment.
It is therefore a folder beside the program and not a module of it.
"""

from __future__ import annotations

import sys

NO_LIBRARIES = """\
{error}: this Python does not have what the audit needs. From the folder of thumbx run
{command}
which installs it into .venv the first time. After that, `.venv/bin/python -m audit` works too."""
MAKE = "  make audit"


def run() -> int:
    """Run the command line; exit with 2 if this Python lacks the project's packages."""
    words = sys.argv[1:]
    try:
        from audit.command import main  # noqa: PLC0415 - only after the packages were found
    except (ImportError, SyntaxError) as error:
        asked = " ".join(words)
        shown = (asked if asked.isprintable() else "...") or "who"
        command = f'{MAKE} ARGS="{shown}"'
        sys.stderr.write(NO_LIBRARIES.format(error=error, command=command) + "\n")
        return 2
    return main(words)


if __name__ == "__main__":
    sys.exit(run())
