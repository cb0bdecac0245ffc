"""Checks what cannot be changed once a stack is deployed: region, accounts, bucket, and its key in
one step.

For another region, Pulumi would replace nearly everything and ask to remove the protection. For
another account, it would show a harmless preview, and the update would fail half-way. For a key
that is removed, the provider's error says how to lift the protection, but not that pictures are
still encrypted with the key.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from components.configuration.accounts import KMS_TO_S3
from pipeline.errors import PipelineError
from pipeline.stack import full_name
from pipeline.tools import output_of

if TYPE_CHECKING:
    from components.configuration.settings import Settings

_QUEUE = re.compile(r"https://sqs\.(?P<region>[^.]+)\.[^/]+/(?P<account>[0-9]{12})/.+")
_ROLE = re.compile(r"arn:[^:]+:iam::(?P<account>[0-9]{12}):role/.+")
_OWN_BUCKET = re.compile(r"thumbx-images-[0-9a-f]{7}")
WAY = (
    "set it back, or deploy a stack of its own beside this one "
    "(docs/deploy.md, Another region or account)"
)


def outputs_of(stack: str) -> dict[str, Any]:
    """Return the stack's outputs, empty before its first update; PipelineError without a stack."""
    try:
        printed = output_of("pulumi", "stack", "output", "--json", "--stack", full_name(stack))
    except PipelineError as error:
        if "no stack named" in str(error):
            raise PipelineError(
                f"the stack {stack} is not in the state that you are logged in to; run "
                f"`pulumi stack init {stack}`, or log in to another (`pulumi whoami --verbose`)"
            ) from error
        raise
    return json.loads(printed)


def found(stack: str) -> dict[str, Any]:
    """Like `outputs_of`, but empty if Pulumi is not installed or has no such stack in its state."""
    try:
        return outputs_of(stack)
    except PipelineError:
        return {}


def check(stack: str, settings: Settings) -> dict[str, Any]:
    """Return the outputs; PipelineError where what is deployed cannot become what is set."""
    outputs = outputs_of(stack)
    queue = _QUEUE.fullmatch(str(outputs.get("queue_url")))
    role = _ROLE.fullmatch(str(outputs.get("thumbx_role_arn")))
    places: list[tuple[str, str, str]] = []
    if queue:  # an emulator's address has another form, and an emulator keeps nothing
        places += [
            ("region", settings.region, queue["region"]),
            ("producer.account", settings.producer.id, queue["account"]),
        ]
    if queue and role:
        places.append(("storage.account", settings.storage.id, role["account"]))
    bucket, wanted_bucket = str(outputs.get("bucket", "")), settings.storage.bucket or ""
    if bucket and (wanted_bucket or not _OWN_BUCKET.fullmatch(bucket)):
        places.append(("storage.bucket", wanted_bucket, bucket))
    faults = [
        f"thumbx:{key} is '{wanted}', but stack {stack} is deployed in '{there}', and what is "
        f"deployed cannot move: {WAY}"
        for key, wanted, there in places
        if wanted != there
    ]
    own_bucket = not settings.storage.bucket
    if own_bucket and outputs.get("key_arn") and not settings.storage.own_key:
        faults.append(
            f"thumbx:storage.encryption is '{settings.storage.encryption}', but pictures of stack "
            f"{stack} lie under its key, and without it nobody can read them: set "
            f"'{KMS_TO_S3}' first (docs/deploy.md, Ways back)"
        )
    if faults:
        raise PipelineError("\n".join(faults))
    return outputs
