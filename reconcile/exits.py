"""The exit codes of the command, which `reconcile.options` explains in its help."""

from __future__ import annotations

DONE, LEFT, COULD_NOT_RUN = 0, 1, 2
INTERRUPTED = 130  # what shells give for Ctrl-C
