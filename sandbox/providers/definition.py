"""One resource type in the emulator: which calls make, change, read and delete it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.providers.request import Created, ResourceRequest
    from sandbox.providers.target import ProviderAccount


@dataclass(frozen=True)
class Call:
    """One call about a resource; `by` are the arguments that are filled from its id, split at
    colons.

    With `many` the call takes a list of ids. `expects` is the part of the answer that is missing or
    empty if the resource is gone; `document` is the path to its IAM document. An `optional` call
    reads something that the resource may not have.
    """

    service: str
    operation: str
    by: tuple[str, ...]
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    many: bool = False
    expects: str = ""
    optional: bool = False
    document: tuple[str, ...] = ()

    def make(self, target: ProviderAccount, physical: str) -> dict[str, Any]:
        """Make the call; ClientError if it is refused."""
        parts: list[Any] = list(physical.split(":", len(self.by) - 1))
        if self.many:
            parts = [parts]
        client: Any = target.client
        operation = getattr(client(self.service), self.operation)
        return operation(**dict(zip(self.by, parts, strict=True)), **self.more) or {}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A type's calls. Without `update`, the resource is changed by making it again under its
    name.
    """

    create: Callable[[ResourceRequest], Created]
    read: tuple[Call, ...]
    delete: Call
    update: Callable[[ResourceRequest, str], None] | None = None

    def find(self, target: ProviderAccount, physical: str) -> Found | None:
        """Read it as a refresh does; None if it is gone."""
        document: Any = None
        for call in self.read:
            try:
                answer: Any = call.make(target, physical)
            except ClientError as error:
                if not _is_gone(error):
                    raise
                if call.optional:
                    continue
                return None
            if call.expects and not answer.get(call.expects):
                return None
            for key in call.document:
                answer = answer.get(key) or {}
            document = answer if call.document else document
        return Found(document if isinstance(document, str | None) else json.dumps(document))


@dataclass(frozen=True)
class Found:
    """A resource that exists, as it was read: its IAM document as JSON, if it has one."""

    document: str | None


def _is_gone(error: ClientError) -> bool:
    code = error.response.get("Error", {}).get("Code", "")
    return code == "404" or any(word in code for word in ("NoSuch", "NotFound", "NonExistent"))
