"""Keeps an emulator running for `pulumi up --stack sandbox`: `python -m sandbox` (make sandbox)."""

from __future__ import annotations

import argparse
import sys

from sandbox import command


def main() -> int:
    """Run until Ctrl-C; return the exit code."""
    argparse.ArgumentParser(prog="python -m sandbox", description=__doc__).parse_args()
    return command.run(_run)


def _run() -> int:
    from sandbox import foreground  # noqa: PLC0415 - boto3 loads slowly, and --help should be fast

    return foreground.run()


if __name__ == "__main__":
    sys.exit(main())
