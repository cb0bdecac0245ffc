"""`python -m audit`: see `audit` for why it is a folder of its own, `audit.command` for its words."""

from __future__ import annotations

import sys

from audit.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
