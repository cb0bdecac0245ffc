"""`python -m sandbox demo` (make demo) and `python -m sandbox up` (make sandbox)."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from recording.errors import RecordingError
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130  # what shells give for Ctrl-C
TERMINATED = 143  # and for SIGTERM


def main() -> int:
    """Run one command; 1 is a demo that found something wrong, 2 a fault that a person can mend."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser(
        "demo", help="deploy into an emulator, make thumbnails, show who may not; write a page"
    )
    demo.add_argument(
        "--images", type=Path, metavar="DIR", help="a folder with pictures of yours to upload too"
    )
    commands.add_parser("up", help="keep an emulator running for `pulumi up --stack sandbox`")
    arguments = parser.parse_args()
    # Without this a SIGTERM would end the process with its context managers not closed.
    signal.signal(signal.SIGTERM, _terminate)
    try:
        # Imported here, because boto3 takes a while and --help should not.
        if arguments.command == "demo":
            from demo import demo as showing  # noqa: PLC0415

            return showing.run(arguments.images and arguments.images.expanduser())
        from sandbox import foreground  # noqa: PLC0415

        return foreground.run()
    except (RecordingError, SandboxError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("stopped; nothing is left running\n")
        return INTERRUPTED


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    sys.exit(TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
