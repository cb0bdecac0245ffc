"""Adds the bootstrap's roles to the matrix, with the documents of the bootstrap's example
stacks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from proof.recorded_program import ROLE, granted
from proof.variants import STACKS
from recording.recording import record

if TYPE_CHECKING:
    from proof.recorded_program import RecordedProgram

ROLES = ("preview", "drift", "deploy")
SIDES = {"producer": "A", "storage": "B"}
REASON = (
    "The sandbox of the matrix has no roles of the bootstrap; "
    "tests/sandbox/test_workflow_roles.py makes them in another sandbox and calls with them. The "
    "evaluated documents are those of the bootstrap's stacks dev-producer and dev-storage, with "
    "the key's ARN if there is a key."
)


def with_workflows(program: RecordedProgram) -> RecordedProgram:
    """The program, and the bootstrap of each of its accounts."""
    names, grants = dict(program.names), dict(program.grants)
    unique_ids = dict(program.unique_ids)
    for side in SIDES:
        key = names["key_arn"] if side == "storage" else ""
        told = {"thumbx-bootstrap:key": key} if key else {}
        recording = record(f"dev-{side}", told, project="bootstrap", stacks=f"{STACKS}/bootstrap")
        grants |= granted(recording)
        names[f"boundary_of_{side}"] = recording.exports["boundary_arn"]
        for role in ROLES:
            made = recording.named(f"thumbx-{role}", ROLE)
            names[f"{role}_role_of_{side}"] = made.outputs["arn"]
            unique_ids[made.outputs["arn"]] = made.outputs["uniqueId"]
        for states in recording.of("aws:s3/bucket:Bucket"):  # only in the storage account
            names["states_arn"] = states.outputs["arn"]
    return replace(program, names=names, grants=grants, unique_ids=unique_ids)
