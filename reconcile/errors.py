"""What a person can mend before a reconcile run goes on."""

from __future__ import annotations


class ReconcileError(Exception):
    """The run cannot go on; the text says why and what to do."""
