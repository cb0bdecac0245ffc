"""The second answer: each call is made in the sandbox, as the cell's principal."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import urllib3
from botocore.exceptions import ClientError

from proof.attempts import filled
from proof.errors import ProofError
from proof.sandbox_setup import SandboxSetup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from proof.attempts import Attempt
    from proof.cells import Cell
    from proof.principals import Principal
    from sandbox.deployment import Deployment

THREADS = 4

ALLOWED, REFUSED, UNTRIED = "allowed", "refused", "not tried"


def call_all(deployment: Deployment, asked: Sequence[Cell]) -> list[str]:
    """Make every call and return its result: ALLOWED, REFUSED or UNTRIED.

    Raises ProofError for a call that failed in another way. The deployment is unchanged afterwards.
    """
    with SandboxSetup(deployment) as setup, _Caller(setup) as caller:
        for principal in {cell.principal.name: cell.principal for cell in asked}.values():
            if principal.tried:
                setup.enter(principal)
        # Deliveries change the bucket's notification, so they run while nobody uploads.
        quiet = [cell.attempt.group != "deliveries" for cell in asked]
        with ThreadPoolExecutor(THREADS) as pool:
            answers = list(pool.map(caller.call, itertools.compress(asked, quiet)))
        rest = iter(answers)
        return [
            next(rest) if now else caller.call(cell) for cell, now in zip(asked, quiet, strict=True)
        ]


class _Caller:
    """Makes single calls; threads can share it."""

    def __init__(self, setup: SandboxSetup) -> None:
        self._setup = setup
        self._pool = urllib3.PoolManager(
            ca_certs=str(setup.deployment.clients.ca_bundle), retries=False, maxsize=THREADS
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.clear()  # when the emulator stops, it waits for kept-alive connections

    def call(self, cell: Cell) -> str:
        principal, attempt = cell.principal, cell.attempt
        if not (attempt.service and principal.tried):
            return UNTRIED
        if principal.service and not principal.tried_with:
            return UNTRIED
        names = self._setup.names(principal)
        parameters = filled(dict(attempt.parameters), names, self._setup.current)
        client: Any = self._setup.client(attempt.service, principal)
        if attempt.presigned:
            code = self._fetch(client, principal, attempt, parameters)
        else:
            code = _code(client, attempt, parameters)
        abroad = any(
            filled(need.owner, names) != filled(principal.account, names) for need in attempt.needs
        )
        if code in attempt.refusals or (abroad and code in attempt.unknown_abroad):
            return REFUSED
        if not code or code in attempt.after_the_decision:
            return ALLOWED
        raise ProofError(
            f"{principal.name} trying '{attempt.key}' got {code}, which means neither allowed nor "
            "refused; correct the call, or add the code to the attempt's after_the_decision with "
            "a reason"
        )

    def _fetch(
        self, client: Any, principal: Principal, attempt: Attempt, parameters: Mapping[str, Any]
    ) -> str:
        url = client.generate_presigned_url(attempt.operation, Params=parameters, ExpiresIn=60)
        put = attempt.operation.startswith("put")
        answer = self._pool.request(
            "PUT" if put else "GET",
            url,
            body=b"not a picture" if put else None,
            headers={"X-Forwarded-Proto": "http"} if principal.plain_http else None,
            redirect=False,
        )
        return "" if answer.status == 200 else str(answer.status)  # noqa: PLR2004 - OK


def _code(client: Any, attempt: Attempt, parameters: Mapping[str, Any]) -> str:
    """The error code of the call; empty if the call succeeds."""
    try:
        getattr(client, attempt.operation)(**parameters)
    except ClientError as error:
        return error.response.get("Error", {}).get("Code", "")
    return ""
