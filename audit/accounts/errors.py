"""The errors that a person can fix; botocore's errors are translated here and nowhere else."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    SSOError,
    TokenRetrievalError,
)

from recording.denials import DENIALS

if TYPE_CHECKING:
    from collections.abc import Generator


# Error codes of AWS and botocore for credentials that have expired or were never valid.
_EXPIRED = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "RequestExpired",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
# The command that asks, whose `policy` prints the rights that it needs.
COMMAND: ContextVar[str] = ContextVar("command", default="audit")
_NO_LOGIN = (CredentialRetrievalError, SSOError, TokenRetrievalError)


class AuditError(Exception):
    """The audit cannot continue; the text gives the reason and the remedy."""


class BrokenEvidenceError(AuditError):
    """Evidence exists but cannot all be read, so an answer of "nobody" would prove nothing."""


class LoginError(AuditError):
    """An account's credentials exist, but AWS does not accept them (any more)."""

    def __init__(self, text: str, account: str) -> None:
        """`account` is `producer` or `storage`."""
        super().__init__(text)
        self.account = account


class WiringError(AuditError):
    """The deployed resources do not refer to each other, which is itself a finding."""


def code_of(error: BaseException | None) -> str:
    """AWS's error code; empty if the error did not come from AWS."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""


@contextmanager
def aws_errors(question: str, account: str) -> Generator[None]:
    """Turn an error that botocore raises in the block into an AuditError about `question`."""
    try:
        yield
    except ClientError as error:
        if code_of(error) in _EXPIRED:
            raise LoginError(f"{question} in the {account} account: {error}", account) from error
        remedy = (
            f"; allow it: `.venv/bin/python -m {COMMAND.get()} policy {account}` prints the rights"
            if code_of(error) in DENIALS
            else ""
        )
        raise AuditError(f"{question} in the {account} account: {error}{remedy}") from error
    except _NO_LOGIN as error:
        raise LoginError(f"{question} in the {account} account: {error}", account) from error
    except BotoCoreError as error:
        raise AuditError(
            f"{question} in the {account} account: {error}; name credentials with "
            f"--{account}-profile and a region with --region"
        ) from error
