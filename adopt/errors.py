"""The errors that a person can fix before the work on a bucket continues."""

from __future__ import annotations


class AdoptError(Exception):
    """The command cannot continue, and has changed nothing; the text gives the reason and the
    remedy.
    """
