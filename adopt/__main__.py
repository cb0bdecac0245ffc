"""`python -m adopt`: work on a bucket that existed before the program."""

from __future__ import annotations

import sys

from adopt.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
