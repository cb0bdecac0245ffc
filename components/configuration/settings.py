"""Stack configuration as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.configuration import arns, checks, consistency, containers, watch_consistency
from components.configuration.reader import Configuration
from components.configuration.security import Hardening, read_hardening
from components.configuration.watch import Audit, read_audit
from handler.pictures.formats import ENCODERS
from handler.pictures.geometry import FITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.configuration.reader import Check, Place

ACCOUNT_FIELDS = ("account", "profile", "endpoint", "caBundle", "boundary", "rolePath")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# What CloudWatch Logs takes in PutRetentionPolicy; "never" is not on offer here.
LOG_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


@dataclass(frozen=True, kw_only=True)
class Account:
    """One AWS account, how to reach it, and what its platform team asks of every role."""

    id: str
    profile: str | None = None
    endpoint: str | None = None
    ca_bundle: str | None = None
    boundary: str | None = None
    role_path: str | None = None


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
    hardening: Hardening
    audit: Audit
    tags: Mapping[str, str]
    deletable: bool
    emulator_policies: bool

    @property
    def one_account(self) -> bool:
        """Whether both sides share an account."""
        return self.producer.id == self.storage.id


def read_settings() -> Settings:
    """Read and check the whole stack configuration; raise one ConfigError with every fault.

    There are no defaults here: `Pulumi.yaml` declares them, and the engine fills them in.
    """
    config = Configuration("thumbx")
    config.read_stack(checks.stack_name)
    region = config.read("region", arns.region)
    partition = arns.partition_of(region) if region else ""
    settings = Settings(
        region=region,
        producer=config.read("producer", _account_in(partition)),
        storage=config.read("storage", _account_in(partition)),
        thumbnails=_thumbnails(config),
        prefixes=Prefixes(
            originals=config.read("originalsPrefix", checks.prefix),
            thumbnails=config.read("thumbnailsPrefix", checks.prefix),
        ),
        access=_access(config, partition),
        function=_function(config),
        retention=Retention(
            log_days=config.read("logRetentionDays", checks.days_of(LOG_DAYS)),
            version_days=config.read("versionRetentionDays", checks.whole(1, 3650, "days")),
        ),
        hardening=read_hardening(config),
        audit=read_audit(config),
        tags=config.read("tags", containers.tags),
        deletable=config.read("deletable", checks.boolean),
        emulator_policies=config.read("emulatorPolicies", checks.boolean),
    )
    one_account = config.read("oneAccount", checks.boolean)
    consistency.check(config, settings, one_account=one_account)
    watch_consistency.check(config, settings)
    config.finish()
    return settings


def _account_in(partition: str) -> Check[Account]:
    def check(value: object, at: Place) -> Account:
        found = containers.fields(value, at, ACCOUNT_FIELDS)
        if found is None:
            return Account(id="")
        owner = arns.account_id(found.get("account"), at.below("account"))
        boundary = arns.boundary(partition, owner)
        return Account(
            id=owner,
            profile=checks.text(found.get("profile"), at.below("profile")),
            endpoint=checks.endpoint(found.get("endpoint"), at.below("endpoint")),
            ca_bundle=checks.text(found.get("caBundle"), at.below("caBundle")),
            boundary=boundary(found.get("boundary"), at.below("boundary")),
            role_path=arns.role_path(found.get("rolePath"), at.below("rolePath")),
        )

    return check


def _thumbnails(config: Configuration) -> Thumbnails:
    return Thumbnails(
        sizes=config.read("sizes", containers.sizes),
        format=config.read("format", checks.choice(*ENCODERS)),
        quality=config.read("quality", checks.whole(1, 100)),
        fit=config.read("fit", checks.choice(*FITS)),
        background=config.read("background", checks.colour),
        animated=config.read("animated", checks.boolean),
    )


def _access(config: Configuration, partition: str) -> Access:
    principals = containers.each(arns.principal(partition))
    readers = config.read("readers", containers.each(arns.principal_or_distribution(partition)))
    return Access(
        uploaders=config.read("uploaders", principals),
        readers=tuple(arn for arn in readers if not arns.is_distribution(arn)),
        distributions=tuple(arn for arn in readers if arns.is_distribution(arn)),
        original_readers=config.read("originalReaders", principals),
        administrators=config.read(
            "administrators", containers.each(arns.administrator(partition))
        ),
    )


def _function(config: Configuration) -> Function:
    return Function(
        memory=config.read("memory", checks.whole(128, 10240, "MB")),
        # The function keeps one second of each back, in which to report the batch.
        timeout=config.read("timeout", checks.whole(3, 900, "seconds")),
        architecture=config.read("architecture", checks.choice("arm64", "x86_64")),
        concurrency=config.read("concurrency", checks.whole(2, 1000, "functions at once")),
        log_level=config.read("logLevel", checks.choice(*LOG_LEVELS)),
    )
