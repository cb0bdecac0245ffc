"""boto3 clients for the emulator that read none of the machine's own AWS configuration."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, overload

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config

if TYPE_CHECKING:
    from pathlib import Path

    from botocore.awsrequest import AWSRequest
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """An access key; a session also has a token."""

    access_key: str
    secret_key: str
    token: str | None = None


ANONYMOUS = None
Caller: TypeAlias = str | Credentials | None
"""An account id (its root), a user or session, or nobody."""


def root_of(account: str) -> Credentials:
    """The root of an account, because the emulator accepts the account id as its access key.

    Root passes every policy of its own account, so it deploys, and its access is never tested.
    """
    return Credentials(access_key=account, secret_key="sandbox")  # noqa: S106


class SandboxClients:
    """Makes and keeps one client for each service, caller and region; threads can share it."""

    def __init__(self, endpoint: str, ca_bundle: Path) -> None:
        """`endpoint` is the emulator's https address; `ca_bundle` is the authority that signed
        its certificate.
        """
        self.endpoint = endpoint
        self.ca_bundle = ca_bundle
        self._lock = threading.Lock()
        self._made: dict[tuple[str, Credentials | None, str, bool], Any] = {}
        # No profile and no files, because an AWS_PROFILE that does not exist would stop every
        # client.
        self._session = botocore.session.Session(
            session_vars={
                "profile": (None, None, None, None),
                "config_file": (None, None, os.devnull, None),
                "credentials_file": (None, None, os.devnull, None),
            }
        )

    # The names are boto3's, so that its stubs give the types.
    @overload
    def client(
        self, service: Literal["cloudtrail"], caller: Caller, region: str, *, plain_http: bool = ...
    ) -> CloudTrailClient: ...
    @overload
    def client(
        self, service: Literal["cloudwatch"], caller: Caller, region: str, *, plain_http: bool = ...
    ) -> CloudWatchClient: ...
    @overload
    def client(
        self, service: Literal["events"], caller: Caller, region: str, *, plain_http: bool = ...
    ) -> EventBridgeClient: ...
    @overload
    def client(self, service: Literal["iam"], caller: Caller, region: str) -> IAMClient: ...
    @overload
    def client(self, service: Literal["lambda"], caller: Caller, region: str) -> LambdaClient: ...
    @overload
    def client(
        self, service: Literal["logs"], caller: Caller, region: str, *, plain_http: bool = ...
    ) -> CloudWatchLogsClient: ...
    @overload
    def client(self, service: Literal["s3"], caller: Caller, region: str) -> S3Client: ...
    @overload
    def client(self, service: Literal["sns"], caller: Caller, region: str) -> SNSClient: ...
    @overload
    def client(self, service: Literal["sqs"], caller: Caller, region: str) -> SQSClient: ...
    @overload
    def client(self, service: Literal["sts"], caller: Caller, region: str) -> STSClient: ...
    def client(self, service: str, caller: Caller, region: str, *, plain_http: bool = False) -> Any:
        """A client as `caller`; with `plain_http`, the emulator treats its requests as
        unencrypted.
        """
        credentials = root_of(caller) if isinstance(caller, str) else caller
        key = (service, credentials, region, plain_http)
        with self._lock:  # a botocore session cannot make clients in two threads at the same time
            if key not in self._made:
                self._made[key] = self._make(service, credentials, region)
                if plain_http:
                    self._made[key].meta.events.register("before-send", _as_plain_http)
            return self._made[key]

    def close(self) -> None:
        """Close every connection, because the emulator waits for kept-alive ones when it ends."""
        with self._lock:
            for made in self._made.values():
                made.close()
            self._made.clear()

    def _make(self, service: str, credentials: Credentials | None, region: str) -> Any:
        config = Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"total_max_attempts": 2},
            proxies={},
            s3={"addressing_style": "path"},
            signature_version=UNSIGNED if credentials is ANONYMOUS else None,
        )
        return cast("Any", self._session).create_client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            verify=str(self.ca_bundle),
            aws_access_key_id=credentials.access_key if credentials else None,
            aws_secret_access_key=credentials.secret_key if credentials else None,
            aws_session_token=credentials.token if credentials else None,
            config=config,
        )


def _as_plain_http(request: AWSRequest, **_: Any) -> None:
    """Make the emulator treat the request as plain http.

    The emulator's TLS port closes a real plain connection without an answer. With this header,
    which a proxy would set, the emulator's own check of the transport answers.
    """
    request.headers["X-Forwarded-Proto"] = "http"
