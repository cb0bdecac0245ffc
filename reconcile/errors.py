"""The errors of a reconcile run that a person can fix."""

from __future__ import annotations


class ReconcileError(Exception):
    """The run cannot continue; the text gives the reason and the remedy."""
