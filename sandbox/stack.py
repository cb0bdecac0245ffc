"""The facts that the sandbox needs from Pulumi.sandbox.yaml before the program reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from recording.errors import RecordingError
from recording.program import PROJECT, configuration, settings_from
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STACK = "sandbox"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The accounts, the people that the bucket policy names, and the address of `make sandbox`."""

    region: str
    producer: str
    storage: str
    uploader: str
    reader: str
    administrator: str
    people: tuple[str, ...]
    """Everybody that the program's policies name and that the program does not make."""
    originals: str
    thumbnails: str
    names: tuple[str, ...]
    """The file names of a picture's thumbnails, small sizes first."""
    port: int
    ca_bundle: Path

    @classmethod
    def read(cls, options: Mapping[str, Any] | None = None) -> Self:
        """Read the stack; SandboxError if a key that the sandbox needs is missing.

        `options` override those of the stack's file, by path.
        """
        try:
            settings = settings_from(configuration(STACK, options))
        except RecordingError as error:
            raise SandboxError(f"Pulumi.{STACK}.yaml: {error}") from error
        access, storage = settings.access, settings.storage
        people = (access.uploaders, access.readers, access.administrators)
        if not all(people) or not storage.endpoint or not storage.ca_bundle:
            raise SandboxError(
                f"Pulumi.{STACK}.yaml does not name what the sandbox needs: one uploader, one "
                "reader and one administrator to act as, and endpoint and caBundle of both accounts"
            )
        uploader, reader, administrator = (arns[0] for arns in people)
        return cls(
            region=settings.region,
            producer=settings.producer.id,
            storage=storage.id,
            uploader=uploader,
            reader=reader,
            administrator=administrator,
            people=tuple(arn for arns in people for arn in arns),
            originals=settings.thumbnails.originals_prefix,
            thumbnails=settings.thumbnails.thumbnails_prefix,
            names=settings.thumbnails.names,
            port=urlsplit(storage.endpoint).port or 443,
            ca_bundle=PROJECT / storage.ca_bundle,
        )

    def at(self, endpoint: str, ca_bundle: str) -> dict[str, Any]:
        """The configuration that points both accounts at an emulator on another port."""
        return {
            f"{side}.{field}": value
            for side in ("producer", "storage")
            for field, value in (("endpoint", endpoint), ("caBundle", ca_bundle))
        }
