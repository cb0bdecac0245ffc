"""Clients: the function's own account, and the storage account as ThumbXRole."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from botocore.config import Config
from botocore.credentials import (
    CredentialProvider,
    RefreshableCredentials,
    create_assume_role_refresher,
)
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from handler.pictures.errors import FailedError, ThumbxError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

METHOD = "thumbx-role"

# The most that STS grants when one role assumes another.
HOUR = 3600

# New credentials are fetched this many seconds before the old ones end. botocore's own 15 minutes
# would be for one hour's credentials a call every 45. A request is signed anew at each attempt and
# S3 checks the signature as it arrives, so what has to fit in here is a request on its way.
REFRESH_WINDOW = 60

# A clock that shows this makes botocore fetch credentials anew.
PAST_ANY_END = datetime.max.replace(tzinfo=UTC)

# Sessions that were revoked are renewed, but a call that is denied for another reason would have
# each upload ask STS: so no more often than this, in seconds.
RENEWAL = 60

# botocore's default of 60 s to connect and to read, five times over, outlives the function.
NETWORK = Config(
    connect_timeout=3,
    read_timeout=15,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=32,
)


def _now() -> datetime:
    return datetime.now(UTC)


class Clients:
    """One of each for the life of a container; botocore's clients may be shared by threads."""

    def __init__(
        self,
        role_arn: str,
        session_name: str,
        now: Callable[[], datetime] = _now,
        policy: str = "",
    ) -> None:
        """Make the clients; nothing is sent before the first of them is used."""
        self.session_name = session_name
        self.sessions = 0
        """How often STS was asked for credentials."""
        self._now = now
        self._renewed = now() - timedelta(seconds=RENEWAL)
        self._revoked = False
        self._own = Session()
        # The global endpoint of STS, the default of older runtimes, is in Virginia.
        self._own.set_config_variable("sts_regional_endpoints", "regional")
        self.sts = cast("STSClient", self._own.create_client("sts", config=NETWORK))
        self._credentials = assume_role(
            self.sts, role_arn, session_name, self._clock, policy, self._refreshed
        )

        storage = Session()
        # The two sessions share what was loaded from disk: a third of the time a client takes.
        storage.register_component("data_loader", self._own.get_component("data_loader"))
        # Lambda puts the function's own credentials into the environment: ours must come first.
        provider = _Provider(self._credentials)
        storage.get_component("credential_provider").insert_before("env", provider)
        self.s3 = cast("S3Client", storage.create_client("s3", config=NETWORK))
        self._sqs: SQSClient | None = None
        self._lock = Lock()

    @property
    def sqs(self) -> SQSClient:
        """Made at the first refusal: most containers never need it, and start sooner without."""
        with self._lock:
            if self._sqs is None:
                self._sqs = cast("SQSClient", self._own.create_client("sqs", config=NETWORK))
            return self._sqs

    def renew(self, session: int) -> bool:
        """Drop ThumbXRole's credentials, which may have been revoked; whether to try again.

        `session` is `sessions` as it was before the call that was denied: if it has changed, there
        are new ones already. False within a minute of the last time.
        """
        with self._lock:
            if session != self.sessions or self._revoked:
                return True
            if self._now() - self._renewed < timedelta(seconds=RENEWAL):
                return False
            self._renewed = self._now()
            self._revoked = True
            return True

    def _clock(self) -> datetime:
        """The time by which credentials end: for those that were dropped it is past any end."""
        return PAST_ANY_END if self._revoked else self._now()

    def _refreshed(self) -> None:
        self.sessions += 1
        self._revoked = False

    def sign_in(self) -> None:
        """Make sure of ThumbXRole's credentials before many threads ask at once.

        Each of them would ask STS again after the failure of the one before. Raises FailedError.
        """
        with translated("assuming ThumbXRole"):
            self._credentials.get_frozen_credentials()


def assume_role(
    sts: STSClient,
    role_arn: str,
    session_name: str,
    now: Callable[[], datetime] = _now,
    policy: str = "",
    refreshed: Callable[[], None] = lambda: None,
) -> RefreshableCredentials:
    """Credentials of the role that are fetched at first use and again when they run out.

    With a `policy`, a JSON document, a session may do what both it and the role's own grants
    allow; an empty one would be an error to STS, not the lack of one.
    """
    asked = {"RoleArn": role_arn, "RoleSessionName": session_name, "DurationSeconds": HOUR}
    ask = create_assume_role_refresher(sts, asked | ({"Policy": policy} if policy else {}))

    def refresh() -> Any:
        answer = ask()
        refreshed()
        return answer

    # DeferredRefreshableCredentials would do, but takes no windows; so start with expired ones.
    return RefreshableCredentials(
        access_key="",
        secret_key="",
        token="",
        expiry_time=now() - timedelta(seconds=1),
        refresh_using=refresh,
        method=METHOD,
        time_fetcher=now,
        advisory_timeout=REFRESH_WINDOW,
        mandatory_timeout=REFRESH_WINDOW,
    )


def name_session(log_stream: str, now: Callable[[], datetime] = _now) -> str:
    """A RoleSessionName that leads from a line in B's trail to one log stream in A.

    `thumbx-YYYYMMDD-<32 hex digits>`: the stream's name, without the characters that STS refuses
    (it takes `[\\w+=,.@-]{2,64}`). Lambda's streams are `YYYY/MM/DD/[version]<hex>` or, in a log
    group of one's own, `YYYY/MM/DD/<function>[<version>][<hex>]`. With SnapStart there is no name
    at init; then the digits are random, but still one name a container.
    """
    date = re.match(r"(\d{4})/(\d{2})/(\d{2})/", log_stream)
    digits = re.findall(r"[0-9a-f]{32}", log_stream.replace("-", ""))
    return "-".join(
        (
            "thumbx",
            "".join(date.groups()) if date else now().strftime("%Y%m%d"),
            digits[-1] if digits else uuid4().hex,
        )
    )


@contextmanager
def translated(action: str) -> Generator[None]:
    """Turn what a call of AWS raises into FailedError: `action` is what could not be done.

    The text of an error that is none of botocore's own is left out, and so is its traceback,
    because botocore quotes an answer that it cannot parse: STS's would hold a session's secrets.
    """
    try:
        yield
    except ThumbxError:
        raise
    except (ClientError, BotoCoreError) as error:
        raise FailedError(f"{action} failed: {error}") from error
    except Exception as error:
        raise FailedError(f"{action} failed: {type(error).__name__}") from error


class _Provider(CredentialProvider):
    """Hands ThumbXRole's credentials to a botocore session."""

    METHOD = METHOD
    CANONICAL_NAME = METHOD

    def __init__(self, credentials: RefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Any:
        return self._credentials
