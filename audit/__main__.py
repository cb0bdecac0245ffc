"""`python -m audit`: ask deployed accounts who touched what.

It runs against accounts that somebody deployed, with rights that only read, and is no part of the
deployment: so it is a folder beside the program and not a module of it.
"""

from __future__ import annotations

import sys

from audit.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
