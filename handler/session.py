"""AWS clients: of the function's own account, and of the storage account as ThumbXRole."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock, get_ident
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

# The longest session that STS grants when one role assumes another.
HOUR = 3600

# New credentials are fetched this many seconds before the old ones expire. With botocore's own 15
# minutes, credentials of one hour would be fetched every 45 minutes. A request is signed again at
# each attempt and S3 checks the signature when it arrives, so this time only needs to be longer
# than a request takes to arrive.
REFRESH_WINDOW = 60

# A clock with this time makes botocore fetch new credentials.
PAST_ANY_END = datetime.max.replace(tzinfo=UTC)

# Revoked sessions are renewed. A call that is denied for another reason would make each upload ask
# STS, so credentials are renewed at most once in RENEWAL seconds.
RENEWAL = 60

# botocore's default of 60 s to connect and to read, tried five times, is longer than the function's
# timeout.
NETWORK = Config(
    connect_timeout=3,
    read_timeout=15,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=32,
)


def _now() -> datetime:
    return datetime.now(UTC)


class Clients:
    """One client of each kind for each container; threads may share botocore's clients."""

    def __init__(
        self,
        role_arn: str,
        session_name: str,
        now: Callable[[], datetime] = _now,
        policy: str = "",
    ) -> None:
        """Make the clients; no request is sent before the first use."""
        self.session_name = session_name
        self.sessions = 0
        """How often STS was asked for credentials."""
        self._now = now
        self._renewed = now() - timedelta(seconds=RENEWAL)
        self._revoked = False
        self._fetching: int | None = None
        self._own = Session()
        # The global endpoint of STS, the default of older runtimes, is in Virginia.
        self._own.set_config_variable("sts_regional_endpoints", "regional")
        self.sts = cast("STSClient", self._own.create_client("sts", config=NETWORK))
        self._credentials = assume_role(
            self.sts, role_arn, session_name, self._clock, policy, self._fetched
        )

        storage = Session()
        # The two sessions share the data that was loaded from disk: a third of the time that a
        # client takes.
        storage.register_component("data_loader", self._own.get_component("data_loader"))
        # Lambda puts the function's own credentials into the environment, so this provider must
        # come first.
        provider = _Provider(self._credentials)
        storage.get_component("credential_provider").insert_before("env", provider)
        self.s3 = cast("S3Client", storage.create_client("s3", config=NETWORK))
        self._sqs: SQSClient | None = None
        self._lock = Lock()

    @property
    def sqs(self) -> SQSClient:
        """Made at the first refusal, because most containers never need it and start sooner."""
        with self._lock:
            if self._sqs is None:
                self._sqs = cast("SQSClient", self._own.create_client("sqs", config=NETWORK))
            return self._sqs

    def renew(self, session: int) -> bool:
        """Drop ThumbXRole's credentials, which may have been revoked; return whether to try again.

        `session` is the value of `sessions` before the denied call: if it has changed, there are
        new credentials already. Returns False within a minute of the last time.
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
        """The time that is compared with the expiry; for dropped credentials, after any expiry.

        botocore stores what it fetched and then asks for the time, in the same thread, to see
        whether it has not expired. Until then other threads would still use the old credentials, so
        for them the old ones stay dropped, and they wait.
        """
        if self._fetching == get_ident():
            self._fetching = None
            self.sessions += 1
            self._revoked = False
        return PAST_ANY_END if self._revoked else self._now()

    def _fetched(self) -> None:
        self._fetching = get_ident()

    def sign_in(self) -> None:
        """Get ThumbXRole's credentials before many threads need them at once.

        Otherwise each thread would ask STS again after another thread's failure. Raises
        FailedError.
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
    """Credentials of the role, fetched at first use and again when they expire.

    With a `policy`, a JSON document, a session may do only what both the policy and the role's
    grants allow. STS treats an empty policy as an error and not as no policy.
    """
    asked = {"RoleArn": role_arn, "RoleSessionName": session_name, "DurationSeconds": HOUR}
    ask = create_assume_role_refresher(sts, asked | ({"Policy": policy} if policy else {}))

    def refresh() -> Any:
        answer = ask()
        refreshed()
        return answer

    # DeferredRefreshableCredentials would work, but has no setting for the refresh times, so the
    # session starts with expired credentials.
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
    (it takes `[\\w+=,.@-]{2,64}`). Lambda's streams are `YYYY/MM/DD/[version]<hex>` or, in a custom
    log group, `YYYY/MM/DD/<function>[<version>][<hex>]`. With SnapStart there is no stream name at
    init; then the digits are random, but each container still has one name.
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
    """Turn an AWS call's error into FailedError; `action` is what failed.

    The text and traceback of an error that is not botocore's own are left out, because botocore
    quotes an answer that it cannot parse, and STS's answer contains a session's secrets.
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
    """Gives ThumbXRole's credentials to a botocore session."""

    METHOD = METHOD
    CANONICAL_NAME = METHOD

    def __init__(self, credentials: RefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Any:
        return self._credentials
