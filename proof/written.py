"""The IAM documents in a recording, by the resource that carries them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.recording import Recording, Resource

# The input of each resource type that holds a document, and what kind of document it is.
PLACES = {
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": ("policyDocument", "resource"),
    "aws:iam/role:Role": ("assumeRolePolicy", "trust"),
    "aws:iam/rolePolicy:RolePolicy": ("policy", "identity"),
    "aws:kms/key:Key": ("policy", "resource"),
    "aws:s3/bucketPolicy:BucketPolicy": ("policy", "resource"),
    "aws:sns/topicPolicy:TopicPolicy": ("policy", "resource"),
    "aws:sqs/queuePolicy:QueuePolicy": ("policy", "resource"),
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
            key, kind = PLACES[each.token]
            yield Document(each.name, each.token, kind, json.loads(each.inputs[key]), _arn(each))


def _arn(resource: Resource) -> str:
    return str(resource.outputs.get("arn", ""))
