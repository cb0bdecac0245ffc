"""Clients of the two accounts that can only read."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, cast

from audit.accounts.errors import AuditError, aws_errors
from audit.accounts.permissions import PRODUCER, STORAGE, operations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audit.accounts.permissions import Operation

PROGRAMS = ("thumbx-images-", "thumbx-logs-")  # the beginning of the names of the program's buckets


class AccountClients:
    """One client for each account, service and region, opened when it is first needed."""

    def __init__(self, make: Callable[[str, str, str | None], Any]) -> None:
        """`make` makes the client for an account (`producer` or `storage`) and a service, in a
        region, or in the account's own region if the region is None."""
        self._connect = make
        self._clients: dict[tuple[str, str, str | None], Any] = {}

    def client(self, account: str, service: str, region: str | None = None) -> Any:
        """The client; boto3's own methods, as its stubs describe them."""
        key = (account, service, region)
        if key not in self._clients:
            self._clients[key] = self._connect(account, service, region)
        return self._clients[key]

    def pages(
        self,
        account: str,
        service: str,
        operation: str,
        field: str,
        *,
        region: str | None = None,
        **arguments: Any,
    ) -> list[Any]:
        """Everything in `field` of all pages of an operation."""
        with aws_errors(f"{service} {operation}", account):
            client = self.client(account, service, region)
            pages = client.get_paginator(operation).paginate(**arguments)
            return [each for page in pages for each in page.get(field, [])]

    def regions(self, account: str) -> list[str]:
        """The account's own region, and the one where IAM and global services log calls."""
        own: str = self.client(account, "cloudtrail").meta.region_name
        return list(dict.fromkeys((own, iam_region(own))))


def connect(
    producer: str | None,
    storage: str | None,
    region: str | None,
    allowed: Callable[[str], frozenset[Operation]] = operations,
) -> AccountClients:
    """Make clients with a profile for each account; None means the environment's credentials.

    The clients refuse every call that `allowed` does not list for their account.

    The standard environment variable AWS_ENDPOINT_URL makes the clients call an emulator.
    """
    # Imported here and below, because an export needs no client, and they take half the memory.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    # LookupEvents allows two calls a second for a whole account and region, so the client waits and
    # retries.
    patient = Config(
        connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 12}
    )
    profiles = {PRODUCER: producer, STORAGE: storage}
    sessions: dict[str, boto3.Session] = {}

    def make(account: str, service: str, elsewhere: str | None) -> Any:
        with aws_errors(f"opening {service}", account):
            if account not in sessions:
                sessions[account] = boto3.Session(
                    profile_name=profiles[account], region_name=region
                )
            client = cast("Any", sessions[account]).client(
                service, region_name=elsewhere, config=patient
            )
        refuse_other_calls(client, account, allowed)
        if service == "s3":
            expect_owner(client, functools.cache(lambda: account_id(account)))
        return client

    def account_id(account: str) -> str:
        sts = cast("Any", sessions[account]).client("sts", region_name=region, config=patient)
        with aws_errors("asking STS for the account", account):
            return sts.get_caller_identity()["Account"]

    return AccountClients(make)


def expect_owner(client: Any, account_id: Callable[[], str]) -> None:
    """Send the account that must own the bucket with each S3 call.

    The files of a trail are an exception unless the bucket is the program's, because an
    organization keeps them in another account, whose id is not known here.
    """

    def expect(params: dict[str, Any], model: Any, **_: Any) -> None:
        taken: Sequence[str] = list(model.input_shape.members) if model.input_shape else []
        of_a_trail = model.name in {"ListObjectsV2", "GetObject"}
        foreign = of_a_trail and not params["Bucket"].startswith(PROGRAMS)
        if "ExpectedBucketOwner" in taken and not foreign:
            params.setdefault("ExpectedBucketOwner", account_id())

    client.meta.events.register("before-parameter-build.s3", expect)


@functools.cache
def iam_region(region: str) -> str:
    """The region in which IAM's calls are logged, in this region's partition; the region itself
    if AWS's data does not say.

    The answer comes from botocore's data, which the audit loads anyway;
    `components.configuration.arns` would load Pulumi too.
    """
    import botocore.session  # noqa: PLC0415

    partitions: list[Any] = botocore.session.get_session().get_data("endpoints")["partitions"]
    for partition in partitions:
        iam = partition["services"].get("iam")
        if iam and re.match(partition["regionRegex"], region):
            return iam["endpoints"][iam["partitionEndpoint"]]["credentialScope"]["region"]
    return region


def partition_named(name: str) -> str:
    """The region's name, if AWS has a partition for it; otherwise AuditError."""
    import botocore.session  # noqa: PLC0415

    known = botocore.session.get_session().get_available_partitions()
    if name not in known:
        raise AuditError(
            f"'{name}' is not a partition of AWS; the partitions are {', '.join(known)}"
        )
    return name


def refuse_other_calls(
    client: Any, account: str, allowed: Callable[[str], frozenset[Operation]] = operations
) -> None:
    """Make the client raise before it sends a call that the table of permissions does not list."""
    service, known = client.meta.service_model.service_name, allowed(account)

    def refuse(model: Any, **_: Any) -> None:
        if (service, model.name) not in known:
            raise AuditError(
                f"{service} {model.name} is not among the calls of this command; if the command "
                "needs it, list it with its permission in permissions.py"
            )

    client.meta.events.register("before-call", refuse)
