"""Runs the audit's own `trace` on a thumbnail that the emulator's function has just made."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from audit.accounts.clients import AccountClients
from audit.accounts.permissions import STORAGE
from audit.accounts.wiring import follow
from audit.evidence import sources
from audit.evidence.logs import CloudWatch
from audit.evidence.window import Window
from audit.questions.trace import trace

if TYPE_CHECKING:
    from audit.questions.timeline import Timeline
    from sandbox.deployment import Deployment

SECONDS = 10  # the emulator writes the function's log after the call has ended
LOOK_BACK = timedelta(minutes=30)


def trace_thumbnail(deployment: Deployment, key: str) -> Timeline:
    """The timeline of one thumbnail, from the emulator's event history and logs.

    Raises AuditError if nothing is known about the thumbnail. The timeline lists as gaps what the
    emulator does not record.
    """
    access = as_root(deployment)
    wiring = follow(access, deployment.bucket)
    deadline = time.monotonic() + SECONDS
    while True:
        now = datetime.now(UTC)
        window = Window(start=now - LOOK_BACK, end=now)
        timeline = trace(
            f"s3://{deployment.bucket}/{key}",
            prefixes=wiring.prefixes,
            source=sources.deployed(
                wiring.pictures, wiring.accounts, access, window, lambda files: files
            ),
            log=CloudWatch(access, wiring.log_group, wiring.prefixes.originals),
            window=window,
        )
        if timeline.line or time.monotonic() > deadline:
            return timeline
        time.sleep(0.2)


def as_root(deployment: Deployment) -> AccountClients:
    """The audit's access with the sandbox's own clients; it only reads here."""
    stack = deployment.stack

    def make(account: str, service: str, region: str | None) -> Any:
        root = stack.storage if account == STORAGE else stack.producer
        client: Any = deployment.clients.client
        return client(service, root, region or stack.region)

    return AccountClients(make)
