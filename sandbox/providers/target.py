"""The target of a resource: the account, region and endpoint of its provider."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload
from urllib.parse import urlsplit

from sandbox.clients import SandboxClients
from sandbox.errors import SandboxError
from sandbox.providers import without_effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

    from sandbox.clients import Caller

PROVIDER = "pulumi:providers:aws"
READ = frozenset({"allowedAccountIds", "customCaBundle", "endpoints", "region"})

_clients: dict[tuple[str, str], SandboxClients] = {}
_lock = threading.Lock()


class ProviderAccount:
    """One explicit provider of the program."""

    account: str
    region: str

    def __init__(self, name: str, inputs: Mapping[str, Any], caller: Caller = None) -> None:
        """`inputs` as Pulumi sends them: lists and objects of a provider are JSON texts.

        `caller` makes the resources there; by default the root of the account.
        """
        self.emulated = bool(json.loads(inputs.get("endpoints") or "[]"))
        """Whether the account is the emulator's, and not AWS's or the pretend cloud's."""
        unknown = without_effect.unknown(PROVIDER, sorted(set(inputs) - READ))
        if self.emulated and unknown:
            raise SandboxError(
                f"provider '{name}' sets {', '.join(unknown)}, which the sandbox does not know; "
                "add it to sandbox/providers/target.py or, with the reason, to without_effect.py"
            )
        accounts = json.loads(inputs.get("allowedAccountIds") or "[]")
        if len(accounts) != 1 or not inputs.get("region"):
            raise SandboxError(
                f"provider '{name}' allows the accounts {accounts} in {inputs.get('region')}; "
                "the sandbox needs one account and one region to know where a resource goes"
            )
        self.name = name
        self.account = accounts[0]
        self.region = str(inputs["region"])
        self._caller = caller or self.account
        self._ca_bundle = str(inputs.get("customCaBundle", ""))
        self._endpoints: dict[str, str] = {}
        for some in json.loads(inputs.get("endpoints") or "[]"):
            self._endpoints |= some

    @overload
    def client(self, service: Literal["cloudwatch"]) -> CloudWatchClient: ...
    @overload
    def client(self, service: Literal["events"]) -> EventBridgeClient: ...
    @overload
    def client(self, service: Literal["iam"]) -> IAMClient: ...
    @overload
    def client(self, service: Literal["kms"]) -> KMSClient: ...
    @overload
    def client(self, service: Literal["lambda"]) -> LambdaClient: ...
    @overload
    def client(self, service: Literal["logs"]) -> CloudWatchLogsClient: ...
    @overload
    def client(self, service: Literal["s3"]) -> S3Client: ...
    @overload
    def client(self, service: Literal["sns"]) -> SNSClient: ...
    @overload
    def client(self, service: Literal["sqs"]) -> SQSClient: ...
    def client(self, service: Any) -> Any:
        """A client of `service` as the caller in this account."""
        endpoint = self._endpoints.get(service, "")
        if urlsplit(endpoint).hostname not in {"localhost", "127.0.0.1"}:
            raise SandboxError(
                f"provider '{self.name}' sends {service} to {endpoint or 'AWS'}; the sandbox "
                "makes resources only on this machine; set its endpoint in Pulumi.sandbox.yaml"
            )
        with _lock:
            clients = _clients.setdefault(
                (endpoint, self._ca_bundle), SandboxClients(endpoint, Path(self._ca_bundle))
            )
        make: Any = clients.client
        return make(service, self._caller, self.region)
