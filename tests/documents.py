"""One IAM document, or one statement, of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proof.written import PLACES, documents

if TYPE_CHECKING:
    from sandbox.recording import Recording

__all__ = ["PLACES", "document", "documents", "statement"]
# The input of each resource type that holds an IAM document.
PLACES = {
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:kms/key:Key": "policy",
    "aws:iam/rolePolicy:RolePolicy": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}


@dataclass(frozen=True)
class Document:
    resource: str
    token: str
    body: dict[str, Any]

    @property
    def statements(self) -> list[dict[str, Any]]:
        return self.body["Statement"]


def documents(program: Recording) -> Iterator[Document]:
    """Every document of the program, whoever made it."""
    for each in program.resources:
        if each.token in PLACES:
            yield Document(each.name, each.token, json.loads(each.inputs[PLACES[each.token]]))


def document(program: Recording, name: str) -> dict[str, Any]:
    """The document of the one resource of this name."""
    return {each.resource: each.body for each in documents(program)}[name]


def statement(program: Recording, name: str, sid: str) -> dict[str, Any]:
    """One statement of that document."""
    return {each["Sid"]: each for each in document(program, name)["Statement"]}[sid]
