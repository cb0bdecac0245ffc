"""What can go wrong with one upload, split by what the queue should do next."""

from __future__ import annotations

from handler.pictures.errors import FailedError, ThumbxError


class GoneError(ThumbxError):
    """The original no longer exists (404): nothing to do, so the upload counts as done."""


class BrokenOffError(FailedError):
    """The connection ended before the original did: reading it again may help at once."""


class SettingsError(ThumbxError):
    """The function's environment is wrong: it fails at cold start, naming every fault."""
