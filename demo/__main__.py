"""Deploys the program into an emulator and shows what happens there (make demo), or keeps it
running.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":
    # `command.run` handles Ctrl-C later; until then nothing runs, and Ctrl-C ends this without a
    # traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import sys
from pathlib import Path

from sandbox import command


def main() -> int:
    """Run the demo; 1 if a result is wrong, 2 for an error that a person can fix."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="a folder with pictures of yours to upload too"
    )
    parser.add_argument(
        "--play", action="store_true", help="leave the deployment running, to try calls (make play)"
    )
    given = parser.parse_args()
    images: Path | None = given.images
    return command.run(_play if given.play else lambda: _demo(images and images.expanduser()))


# Imported when they are needed, because boto3 loads slowly and --help should be fast.
def _demo(images: Path | None) -> int:
    from demo import demo  # noqa: PLC0415

    return demo.run(images)


def _play() -> int:
    from demo import play  # noqa: PLC0415

    return play.run()


if __name__ == "__main__":
    sys.exit(main())
