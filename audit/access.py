"""Clients of the two accounts that can do nothing but read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

from audit.calls import PRODUCER, STORAGE, operations
from audit.errors import AuditError, asking

if TYPE_CHECKING:
    from collections.abc import Callable

# LookupEvents takes two calls a second from a whole account and region; waiting is part of it.
PATIENT = Config(
    connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 12}
)


class Access:
    """One client an account and service, made when first needed."""

    def __init__(self, make: Callable[[str, str], Any]) -> None:
        """`make` makes the client of an account (`producer` or `storage`) and a service."""
        self._make = make
        self._made: dict[tuple[str, str], Any] = {}

    def client(self, account: str, service: str) -> Any:
        """The client; boto3's own methods, as its stubs describe them."""
        key = (account, service)
        if key not in self._made:
            self._made[key] = self._make(account, service)
        return self._made[key]

    def pages(
        self, account: str, service: str, operation: str, field: str, **arguments: Any
    ) -> list[Any]:
        """Everything in `field` of all pages of an operation."""
        with asking(f"{service} {operation}", account):
            pages = self.client(account, service).get_paginator(operation).paginate(**arguments)
            return [each for page in pages for each in page.get(field, [])]


def connect(producer: str | None, storage: str | None, region: str | None) -> Access:
    """Access with a profile for each account; none means the environment's credentials.

    A standard environment variable, AWS_ENDPOINT_URL, points it at an emulator.
    """
    profiles = {PRODUCER: producer, STORAGE: storage}
    sessions: dict[str, boto3.Session] = {}

    def make(account: str, service: str) -> Any:
        with asking(f"opening {service}", account):
            if account not in sessions:
                sessions[account] = boto3.Session(
                    profile_name=profiles[account], region_name=region
                )
            client = cast("Any", sessions[account]).client(service, config=PATIENT)
        refuse_other_calls(client, account)
        return client

    return Access(make)


def refuse_other_calls(client: Any, account: str) -> None:
    """Let the client raise before it sends a call that `audit.calls` does not list."""
    service, known = client.meta.service_model.service_name, operations(account)

    def refuse(model: Any, **_: Any) -> None:
        if (service, model.name) not in known:
            raise AuditError(
                f"{service} {model.name} is not among the calls of the audit, which only reads; "
                "list it in audit/calls.py with its permission if it reads too"
            )

    client.meta.events.register("before-call", refuse)
