"""Deploys into an emulator and shows what happens there (make demo), or leaves it running."""

from __future__ import annotations

import signal

if __name__ == "__main__":
    # Until `command.run` handles it, Ctrl-C ends this without a traceback: nothing runs yet.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import sys
from pathlib import Path

from sandbox import command


def main() -> int:
    """Run the demo; 1 is something wrong, 2 a fault that a person can mend."""
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


# Imported when they run, because boto3 takes a while and --help should not.
def _demo(images: Path | None) -> int:
    from demo import demo  # noqa: PLC0415

    return demo.run(images)


def _play() -> int:
    from demo import play  # noqa: PLC0415

    return play.run()


if __name__ == "__main__":
    sys.exit(main())
