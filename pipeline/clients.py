"""Clients of AWS with the credentials that a stack names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from recording.program import PROJECT

if TYPE_CHECKING:
    from components.configuration.accounts import Account

SECONDS = 10  # for an answer


def client_of(account: Account, service: str) -> Any:
    """A client of one side's account: with its profile, the environment's or an emulator's keys."""
    emulator: dict[str, Any] = {}
    if account.endpoint:
        emulator = {
            "endpoint_url": account.endpoint,
            "verify": str(PROJECT / account.ca_bundle) if account.ca_bundle else None,
            "aws_access_key_id": account.id,
            "aws_secret_access_key": "emulator",
        }
    brief = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"max_attempts": 1})
    session: Any = boto3.Session(profile_name=account.profile, region_name=account.region)
    return session.client(service, config=brief, **emulator)
