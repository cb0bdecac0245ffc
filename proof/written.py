"""The IAM documents in a recording, by the resource that carries them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recording.recording import Recording

# The input of each resource type that holds a document.
PLACES = {
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
_KINDS = {
    "aws:iam/policy:Policy": "identity",
    "aws:iam/role:Role": "trust",
    "aws:iam/rolePolicy:RolePolicy": "identity",
}


@dataclass(frozen=True)
class Document:
    """One document; `kind` is identity, resource or trust."""

    resource: str
    token: str
    kind: str
    body: dict[str, Any]
    carrier: str

    @property
    def statements(self) -> list[dict[str, Any]]:
        """The statements, in order."""
        return self.body["Statement"]

    def spelt_out(self) -> dict[str, Any]:
        """The document with every Resource an ARN, for readers that know no exceptions.

        A trust policy names no resource, and a key's policy names it `*`: both mean the one thing
        that carries them.
        """
        if self.token not in {"aws:iam/role:Role", "aws:kms/key:Key"}:
            return self.body
        return self.body | {
            "Statement": [each | {"Resource": self.carrier} for each in self.statements]
        }


def documents(program: Recording) -> Iterator[Document]:
    """Every document of the program, whoever made it."""
    for each in program.resources:
        if each.token in PLACES:
            yield Document(
                resource=each.name,
                token=each.token,
                kind=_KINDS.get(each.token, "resource"),
                body=json.loads(each.inputs[PLACES[each.token]]),
                carrier=str(each.outputs.get("arn", "")),
            )
