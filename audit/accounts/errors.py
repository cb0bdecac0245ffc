"""What a person can mend, and the one place where botocore's errors become such a sentence."""

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


# What AWS and botocore say of credentials that were valid once, or were never.
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
    """The audit cannot go on; the text says why and what to do."""


class BrokenEvidenceError(AuditError):
    """Evidence is there and cannot be read whole, so an answer of "nobody" would mean nothing."""


class LoginError(AuditError):
    """The credentials of an account are there and AWS does not take them (any more)."""

    def __init__(self, text: str, account: str) -> None:
        """`account` is `producer` or `storage`."""
        super().__init__(text)
        self.account = account


class WiringError(AuditError):
    """The deployed parts do not lead to each other, which is itself a finding."""


def code_of(error: BaseException | None) -> str:
    """AWS's word for what went wrong; empty where it was not AWS that said so."""
    return error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""


@contextmanager
def aws_errors(question: str, account: str) -> Generator[None]:
    """Turn what botocore raises in the block into an AuditError: `question` was being asked."""
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
