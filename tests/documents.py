"""One IAM document, or one statement, of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proof.iam_documents import documents

if TYPE_CHECKING:
    from recording.recording import Recording

__all__ = ["document", "documents", "statement"]


def document(program: Recording, name: str) -> dict[str, Any]:
    """The document of the one resource of this name."""
    return {each.resource: each.body for each in documents(program)}[name]


def statement(program: Recording, name: str, sid: str) -> dict[str, Any]:
    """One statement of that document."""
    return {each["Sid"]: each for each in document(program, name)["Statement"]}[sid]
