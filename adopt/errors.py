"""What a person can mend before the work on a bucket goes on."""

from __future__ import annotations


class AdoptError(Exception):
    """The command cannot go on, and has changed nothing; the text says why and what to do."""
