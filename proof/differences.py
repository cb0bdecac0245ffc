"""The known cases where AWS and the sandbox answer differently, with the reason for each.

Any other difference is an error in the documents, the evaluator or the emulator, and fails the
tests. A line here that no cell needs any more fails them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proof import object_columns, workflows

if TYPE_CHECKING:
    from collections.abc import Callable

    from proof.cells import Cell


# Rows that use the function's own credentials, including the stolen ones.
FUNCTIONS_OWN = ("the execution role", "stolen environment credentials, key present")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One known difference, and the cells to which it applies."""

    name: str
    reason: str
    concerns: Callable[[Cell], bool]
    tried: str
    """The call's result in the sandbox, which differs from the documents' answer."""


KNOWN = (
    Difference(
        name="tls",
        reason=(
            "The emulator has no s3:TlsVersion, so DenyOldTls refuses nobody there. On AWS it "
            "refuses."
        ),
        concerns=lambda cell: cell.principal.tls == "1.1",
        tried="allowed",
    ),
    Difference(
        name="function",
        reason=(
            "The emulator issues credentials without lambda:SourceFunctionArn, so stack sandbox "
            "has no condition on that key. On AWS, credentials of another function or person lack "
            "the key and are refused."
        ),
        concerns=lambda cell: (
            cell.principal.name == "another function or person with the execution role"
            and cell.attempt.name in {"assume ThumbXRole", "send to the refused queue"}
        ),
        tried="allowed",
    ),
    Difference(
        name="log-stream",
        reason=(
            "The emulator evaluates the ARN of the log group, but AWS evaluates that of the "
            "stream, which WriteLogs names. The emulator lets its own functions write logs "
            "without a check."
        ),
        concerns=lambda cell: (
            cell.principal.name in FUNCTIONS_OWN and cell.attempt.name == "write to the log"
        ),
        tried="refused",
    ),
    Difference(
        name="lambda",
        reason=(
            "Only Lambda can call as Lambda, and the emulator's Lambda may take any role, so the "
            "trust policy can only be evaluated."
        ),
        concerns=lambda cell: cell.principal.service == "lambda.amazonaws.com",
        tried="not tried",
    ),
    Difference(
        name="kms",
        reason=(
            "The emulator encrypts without checking the key's policy, so a call proves nothing. "
            "The evaluated documents are those of stack dev with thumbx:storage.encryption set to "
            "kms, and with CloudFront and a role of a third account among the readers."
        ),
        concerns=lambda cell: cell.attempt.group == "key",
        tried="not tried",
    ),
    Difference(
        name="stored-key",
        reason=(
            "The emulator does not know UpdateObjectEncryption and treats it as a put, so a call "
            "proves nothing. The documents are evaluated."
        ),
        concerns=lambda cell: cell.attempt.name == object_columns.CHANGE_OF_KEY,
        tried="not tried",
    ),
    Difference(
        name="presigned",
        reason=(
            "The option is off in the sandbox stack, and a test cannot wait an hour for a call. "
            "The evaluated documents are those of stack dev with the option on."
        ),
        concerns=lambda cell: cell.attempt.group == "presigned",
        tried="not tried",
    ),
    Difference(
        name="services",
        reason=(
            "The sandbox stack names no scanners and no copiers. The evaluated documents are "
            "those of stack dev with both, and the rows are the services' documented permissions."
        ),
        concerns=lambda cell: cell.attempt.group == "services",
        tried="not tried",
    ),
    Difference(
        name="existing bucket",
        reason=(
            "The sandbox stack makes its own bucket. The evaluated documents are those of stack "
            "dev on a bucket without a policy; tests/engine/test_existing_bucket.py makes such "
            "calls."
        ),
        concerns=lambda cell: cell.attempt.group.startswith("existing bucket"),
        tried="not tried",
    ),
    Difference(
        name="follow",
        reason=(
            "The option is off in the sandbox stack. The evaluated documents are those of stack "
            "dev with the option on; tests/sandbox/test_following.py makes such calls."
        ),
        concerns=lambda cell: cell.attempt.group == "follow",
        tried="not tried",
    ),
    Difference(
        name="trail-files",
        reason=(
            "Only CloudTrail can call as CloudTrail, and only S3 replicates. The emulator does "
            "neither, so their rights can only be evaluated."
        ),
        concerns=lambda cell: (
            cell.principal.service == "cloudtrail.amazonaws.com"
            or cell.attempt.key.startswith("trail files: replicate")
        ),
        tried="not tried",
    ),
    Difference(
        name="taken-over",
        reason=(
            "A bucket name exists only once, so a third account cannot have a bucket of this name "
            "while ours exists. The case after its deletion can only be evaluated."
        ),
        concerns=lambda cell: cell.principal.name.startswith("S3 for a bucket of this name"),
        tried="not tried",
    ),
    Difference(
        name="workflows",
        reason=workflows.REASON,
        concerns=lambda cell: not cell.principal.tried,
        tried="not tried",
    ),
)


def explained(cell: Cell, tried: str) -> str:
    """The name of the difference that the cell shows; empty if the difference is not known."""
    found = [known.name for known in KNOWN if known.tried == tried and known.concerns(cell)]
    return found[0] if found else ""
