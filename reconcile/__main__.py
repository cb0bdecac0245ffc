"""`python -m reconcile`: make the thumbnails that are missing, after saying what that costs."""

from __future__ import annotations

import sys

from reconcile.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
