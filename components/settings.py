"""Stack configuration as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Account:
    """One AWS account and how to reach it."""

    id: str
    profile: str | None = None
    endpoint: str | None = None
    ca_bundle: str | None = None


@dataclass(frozen=True, kw_only=True)
class Thumbnails:
    """What the function makes of one original."""

    sizes: Mapping[str, int]
    format: str
    quality: int
    fit: str
    background: str
    animated: bool


@dataclass(frozen=True, kw_only=True)
class Prefixes:
    """Where originals lie in the bucket and where thumbnails go; each ends in a slash."""

    originals: str
    thumbnails: str


@dataclass(frozen=True, kw_only=True)
class Access:
    """Who may touch the bucket's objects beside ThumbXRole, by ARN."""

    uploaders: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()
    original_readers: tuple[str, ...] = ()
    administrators: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Function:
    """The size of the Lambda function and how many of it run at once."""

    memory: int
    timeout: int
    architecture: str
    concurrency: int
    log_level: str


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long logs and old versions of pictures are kept, in days."""

    log_days: int
    version_days: int


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stack's configuration, checked."""

    region: str
    producer: Account
    storage: Account
    thumbnails: Thumbnails
    prefixes: Prefixes
    access: Access
    function: Function
    retention: Retention
    tags: Mapping[str, str]
    deletable: bool
    emulator_policies: bool


def read_settings() -> Settings:
    """Read and check the whole stack configuration; raise one ConfigError with every fault."""
    raise NotImplementedError
