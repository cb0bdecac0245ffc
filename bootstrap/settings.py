"""The bootstrap's configuration, checked in the same way as the program's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.configuration import arns, checks, containers
from components.configuration.accounts import Account
from components.configuration.reader import Configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.configuration.reader import Place

SIDES = ("producer", "storage")
_REPOSITORY = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}")
# No `:`, because GitHub encodes it, and none of IAM's `*`, `?` and `$`.
_ENVIRONMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,99}")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,99}")
_KEY = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")
# The deploy role's policy contains the path five times, and IAM allows 10,240 characters for a
# role.
_LONGEST_PATH = 350
_LARGEST_ID = 2**53  # above this, a JSON number is not exact


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A repository on GitHub; the ids are 0 if its subjects contain only names."""

    owner: str
    name: str
    owner_id: int = 0
    id: int = 0


@dataclass(frozen=True, kw_only=True)
class BootstrapSettings:
    """One account's configuration."""

    side: str
    region: str
    account: Account
    producer_account: str
    storage_account: str
    repository: Repository
    environments: tuple[str, ...]
    branch: str
    adopt_provider: bool
    state_bucket: bool
    key_arn: str
    bucket: str
    deletable: bool
    tags: Mapping[str, str]


def read_settings() -> BootstrapSettings:
    """Read and check the configuration; raise one ConfigError with every fault."""
    config = Configuration("thumbx-bootstrap")
    side = config.read("side", checks.choice(*SIDES))
    accounts = {each: config.read(f"{each}Account", arns.account_id) for each in SIDES}
    region = config.read("region", arns.region)
    settings = BootstrapSettings(
        side=side,
        region=region,
        account=Account(
            id=accounts.get(side, ""),
            region=region,
            emulator_policies=False,
            profile=config.read("profile", checks.text),
            role_path=config.read("rolePath", arns.role_path),
        ),
        producer_account=accounts["producer"],
        storage_account=accounts["storage"],
        repository=_repository(config),
        environments=config.read("environments", containers.each(_environment)),
        branch=config.read("branch", _branch),
        adopt_provider=config.read("oidcProvider", checks.choice("create", "adopt")) == "adopt",
        state_bucket=config.read("stateBucket", checks.boolean),
        key_arn=config.read("key", _key),
        bucket=config.read("bucket", checks.bucket) or "",
        deletable=config.read("deletable", checks.boolean),
        tags=config.read("tags", containers.tags),
    )
    if settings.environments == ():
        at = config.at("environments")
        if not at.faults:
            at.refuse([], "so that nobody could deploy", "name one, such as dev")
    if settings.state_bucket and side == "producer":
        config.at("stateBucket").refuse(
            True,
            "but every job reads the state with its role of the storage account",
            "set it there, and false here",
        )
    keys = ":".join(["arn", arns.partition_of(settings.region), "kms", settings.region])
    if settings.key_arn and not settings.key_arn.startswith(f"{keys}:{settings.account.id}:"):
        config.at("key").refuse(
            settings.key_arn,
            f"which is not a key of account {settings.account.id} in {settings.region}",
            "name it in the stack of the storage account, which has the key",
        )
    path = settings.account.role_path or ""
    if len(path) > _LONGEST_PATH:
        config.at("rolePath").refuse(
            path,
            "with which the deploy role's policy would be longer than IAM takes",
            f"use a path of at most {_LONGEST_PATH} characters",
        )
    config.finish()
    return settings


def _repository(config: Configuration) -> Repository:
    path = config.read("repository", _repository_path)
    owner, _, name = path.partition("/")
    ids = config.read("subjects", checks.choice("ids", "names")) != "names"
    check = checks.whole(0, _LARGEST_ID)
    owner_id, repository_id = config.read("ownerId", check), config.read("repositoryId", check)
    for key, value, field in (
        ("ownerId", owner_id, ".owner.id"),
        ("repositoryId", repository_id, ".id"),
    ):
        if ids and not value:
            remedy = f"set what this prints: gh api repos/{path or 'OWNER/NAME'} --jq {field}"
            config.at(key).refuse(value, "which is nobody's id", remedy)
        elif value and not ids:
            remedy = "remove it, or set thumbx-bootstrap:subjects to ids"
            config.at(key).refuse(value, "but the subjects are names, which hold no id", remedy)
    return Repository(owner=owner, name=name, owner_id=owner_id, id=repository_id)


def _repository_path(value: object, at: Place) -> str:
    return _matching(value, at, _REPOSITORY, "which is not OWNER/NAME", "write octo-org/pictures")


def _environment(value: object, at: Place) -> str:
    reason = "which is not the name of an environment"
    return _matching(value, at, _ENVIRONMENT, reason, "use letters, digits, spaces and _.-")


def _key(value: object, at: Place) -> str:
    if value == "":
        return ""
    reason = "which is not the ARN of one key"
    return _matching(value, at, _KEY, reason, "name the bucket's; docs/deploy.md says how to ask")


def _branch(value: object, at: Place) -> str:
    reason = "which is not the name of one branch"
    return _matching(value, at, _BRANCH, reason, "use letters, digits and _./-")


def _matching(value: object, at: Place, pattern: re.Pattern[str], reason: str, remedy: str) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value
    at.refuse(value, reason, remedy)
    return ""
