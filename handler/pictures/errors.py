"""The errors for a picture."""

from __future__ import annotations


class ThumbxError(Exception):
    """Base of every error raised on purpose; its text is a sentence for people."""


class RefusedError(ThumbxError):
    """An upload that no retry can help: it goes to the refused queue and counts as done.

    `reason` is a short machine word ("not-an-image", "too-large", "truncated", "unsupported", …).
    It becomes a metric dimension, so the set of reasons must stay small: never build one from
    input.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class FailedError(ThumbxError):
    """Something that may pass by itself (throttled, network, denied): the queue tries again."""
