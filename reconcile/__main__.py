"""`python -m reconcile`: make the missing thumbnails, after showing the cost."""

from __future__ import annotations

import sys

from reconcile.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
