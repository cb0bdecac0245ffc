"""The IAM documents in a recording, with the resource that carries each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recording.resource_types import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components import policies
    from recording.recording import Recording


@dataclass(frozen=True)
class IamDocument:
    """One document; `kind` is identity, resource or trust."""

    resource: str
    token: str
    kind: str
    body: policies.Document
    carrier: str

    @property
    def statements(self) -> list[policies.Statement]:
        """The statements, in order."""
        return self.body["Statement"]

    def spelt_out(self) -> policies.Document:
        """The document with an ARN in every Resource, for readers that do not support exceptions.

        A trust policy has no Resource, and a key's policy has `*`: both mean the resource that
        carries the policy.
        """
        if self.token not in {"aws:iam/role:Role", "aws:kms/key:Key"}:
            return self.body
        return self.body | {
            "Statement": [each | {"Resource": self.carrier} for each in self.statements]
        }


def documents(program: Recording) -> Iterator[IamDocument]:
    """Every document of the program, including those of providers and services."""
    for each in program.resources:
        kind = TYPES.get(each.token)  # a component has no line in the table, and no document
        if kind and kind.document in each.inputs:
            yield IamDocument(
                resource=each.name,
                token=each.token,
                kind=kind.kind,
                body=json.loads(each.inputs[kind.document]),
                carrier=str(each.outputs.get("arn", "")),
            )
