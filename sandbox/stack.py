"""What the sandbox needs to know of Pulumi.sandbox.yaml before the program reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from recording.program import PROJECT, configuration
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from pathlib import Path

STACK = "sandbox"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Accounts, the people that the bucket policy names, and where `make sandbox` listens."""

    region: str
    producer: str
    storage: str
    uploader: str
    reader: str
    administrator: str
    originals: str
    thumbnails: str
    sizes: tuple[str, ...]
    format: str
    port: int
    ca_bundle: Path

    @classmethod
    def read(cls) -> Self:
        """The stack; SandboxError where a key that the sandbox builds on is missing."""
        config = configuration(STACK)
        try:
            producer: dict[str, str] = json.loads(config["thumbx:producer"])
            storage: dict[str, str] = json.loads(config["thumbx:storage"])
            sizes: dict[str, int] = json.loads(config["thumbx:sizes"])
            return cls(
                region=config["thumbx:region"],
                producer=producer["account"],
                storage=storage["account"],
                uploader=json.loads(config["thumbx:uploaders"])[0],
                reader=json.loads(config["thumbx:readers"])[0],
                administrator=json.loads(config["thumbx:administrators"])[0],
                originals=config["thumbx:originalsPrefix"],
                thumbnails=config["thumbx:thumbnailsPrefix"],
                sizes=tuple(sorted(sizes, key=lambda size: sizes[size])),
                format=config["thumbx:format"],
                port=urlsplit(storage["endpoint"]).port or 443,
                ca_bundle=PROJECT / storage["caBundle"],
            )
        except (KeyError, IndexError) as error:
            raise SandboxError(
                f"Pulumi.{STACK}.yaml lacks {error}; the sandbox needs one uploader, one reader "
                "and one administrator to act as, and endpoint and caBundle of both accounts"
            ) from error

    @property
    def people(self) -> tuple[str, ...]:
        """The roles that the program's policies name and do not make."""
        return self.uploader, self.reader, self.administrator

    def at(self, endpoint: str, ca_bundle: str) -> dict[str, Any]:
        """The configuration that sends both accounts to an emulator on another port."""
        return {
            f"thumbx:{side}": {"account": account, "endpoint": endpoint, "caBundle": ca_bundle}
            for side, account in (("producer", self.producer), ("storage", self.storage))
        }
