"""Deploys into an emulator, makes thumbnails, shows who may not: `python -m demo` (make demo)."""

from __future__ import annotations

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
    images: Path | None = parser.parse_args().images
    return command.run(lambda: _run(images and images.expanduser()))


def _run(images: Path | None) -> int:
    from demo import demo  # noqa: PLC0415 - boto3 takes a while and --help should not

    return demo.run(images)


if __name__ == "__main__":
    sys.exit(main())
