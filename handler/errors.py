"""The errors of one upload, separated by what the queue should do next."""

from __future__ import annotations

from handler.pictures.errors import FailedError, ThumbxError


class GoneError(ThumbxError):
    """The original no longer exists (404): there is nothing to do, so the upload counts as done."""


class BrokenOffError(FailedError):
    """The connection ended before the original did; reading it again at once may help."""


class SettingsError(ThumbxError):
    """The function's environment is wrong: the cold start fails and names every fault."""
