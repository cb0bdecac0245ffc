"""Stack configuration as frozen dataclasses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.configuration import arns, checks, consistency, containers, watch_consistency
from components.configuration.reader import Configuration
from components.configuration.security import Security, read_security
from components.configuration.watch import CREATE, OFF, Watch, read_watch
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
    region: str
    emulator_policies: bool
    profile: str | None = None
    endpoint: str | None = None
    ca_bundle: str | None = None
    boundary: str | None = None
    role_path: str | None = None

    @property
    def partition(self) -> str:
        """The partition of the account, as ARNs name it."""
        return arns.partition_of(self.region)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return ":".join(["arn", self.partition, service, self.region, self.id, resource])


@dataclass(frozen=True, kw_only=True)
class Storage(Account):
    """The account that owns the pictures, and how it keeps them.

    `own_key` encrypts with a KMS key of the account instead of S3's own keys. `deletable` lets a
    destroy delete the buckets with all that they hold.
    """

    own_key: bool
    deletable: bool


@dataclass(frozen=True, kw_only=True)
class Prefixes:
    """Where originals lie in the bucket and where thumbnails go; each ends in a slash."""

    originals: str
    thumbnails: str


@dataclass(frozen=True, kw_only=True)
class Thumbnails:
    """What the function makes of one original, and where both lie in the bucket."""

    sizes: Mapping[str, int]
    format: str
    quality: int
    fit: str
    background: str
    animated: bool
    prefixes: Prefixes


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
    """How long logs, old versions of pictures and the trail's files are kept, in days."""

    log_days: int
    version_days: int
    trail_days: int


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stack's configuration, checked."""

    region: str
    producer: Account
    storage: Storage
    thumbnails: Thumbnails
    access: Access
    function: Function
    retention: Retention
    security: Security
    watch: Watch
    tags: Mapping[str, str]

    @property
    def one_account(self) -> bool:
        """Whether both sides share an account."""
        return self.producer.id == self.storage.id

    @property
    def producer_trail(self) -> bool:
        """Whether the producer's account gets a trail of its own."""
        return self.watch.management_events == CREATE and not self.one_account

    @property
    def trail_accounts(self) -> tuple[str, ...]:
        """The accounts whose trails write to the log bucket."""
        return (self.storage.id, *([self.producer.id] if self.producer_trail else []))


def read_settings() -> Settings:
    """Read and check the whole stack configuration; raise one ConfigError with every fault.

    There are no defaults here: `Pulumi.yaml` declares them, and the engine fills them in.
    """
    config = Configuration("thumbx")
    config.read_stack(checks.stack_name)
    region = config.read("region", arns.region)
    partition = arns.partition_of(region) if region else ""
    emulated = config.read("emulatorPolicies", checks.boolean)
    settings = Settings(
        region=region,
        producer=config.read("producer", _account_in(region, emulated=emulated)),
        storage=Storage(
            **vars(config.read("storage", _account_in(region, emulated=emulated))),
            own_key=config.read("encryption", checks.choice("s3", "kms")) == "kms",
            deletable=config.read("deletable", checks.boolean),
        ),
        thumbnails=_thumbnails(config),
        access=_access(config, partition),
        function=_function(config),
        retention=Retention(
            log_days=config.read("logRetentionDays", checks.days_of(LOG_DAYS)),
            version_days=config.read("versionRetentionDays", checks.whole(1, 3650, "days")),
            trail_days=config.read("trailRetentionDays", checks.whole(1, 3650, "days")),
        ),
        security=read_security(config),
        watch=read_watch(config),
        tags=config.read("tags", containers.tags),
    )
    one_account = config.read("oneAccount", checks.boolean)
    consistency.check(config, settings, one_account=one_account)
    watch_consistency.check(config, settings)
    config.finish()
    if settings.one_account:  # the one analyzer of the account is the storage side's
        return replace(settings, watch=replace(settings.watch, producer_analyzer=OFF))
    return settings


def _account_in(region: str, *, emulated: bool) -> Check[Account]:
    def check(value: object, at: Place) -> Account:
        found = containers.fields(value, at, ACCOUNT_FIELDS)
        if found is None:
            return Account(id="", region=region, emulator_policies=False)
        owner = arns.account_id(found.get("account"), at.below("account"))
        boundary = arns.boundary(arns.partition_of(region) if region else "", owner)
        return Account(
            id=owner,
            region=region,
            emulator_policies=emulated,
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
        prefixes=Prefixes(
            originals=config.read("originalsPrefix", checks.prefix),
            thumbnails=config.read("thumbnailsPrefix", checks.prefix),
        ),
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
