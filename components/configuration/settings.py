"""Reads and checks one stack's configuration."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from components.configuration import (
    adoption,
    arns,
    checks,
    consistency,
    containers,
    watch_consistency,
)
from components.configuration.accounts import Access, Account, Storage
from components.configuration.options import group, options_of
from components.configuration.reader import Configuration
from components.configuration.schema import Function, Retention, Security, Thumbnails
from components.configuration.stack import Settings
from components.configuration.watch import OFF, Watch

# From the key of each group to its dataclass.
GROUPS: dict[str, type] = {
    "producer": Account,
    "storage": Storage,
    "access": Access,
    "thumbnails": Thumbnails,
    "function": Function,
    "security": Security,
    "watch": Watch,
    "retention": Retention,
}


def read_settings() -> Settings:
    """Read and check the whole stack configuration; raise one ConfigError with every fault."""
    config = Configuration("thumbx")
    config.read_stack(checks.stack_name)
    region = config.read("region", arns.region)
    config.partition = arns.partition_of(region) if region else ""
    found = {key: config.read(key, group(kind)) for key, kind in GROUPS.items()}
    emulated = config.read("emulatorPolicies", checks.boolean)
    everywhere: dict[str, Any] = {"region": region, "emulator_policies": emulated}
    settings = Settings(
        region=region,
        producer=Account(**found["producer"], **everywhere),
        storage=Storage(**found["storage"], **everywhere),
        access=_access(**found["access"]),
        thumbnails=Thumbnails(**found["thumbnails"]),
        function=Function(**found["function"]),
        security=Security(**found["security"]),
        watch=Watch(**found["watch"]),
        retention=Retention(**found["retention"]),
        tags=config.read("tags", containers.tags),
    )
    consistency.check(config, settings)
    adoption.check(config, settings)
    watch_consistency.check(config, settings)
    config.finish({key: [each.key for each in options_of(kind)] for key, kind in GROUPS.items()})
    if settings.one_account:  # The account then has only the storage side's analyzer.
        return replace(settings, watch=replace(settings.watch, producer_analyzer=OFF))
    return settings


def _access(readers: tuple[str, ...], **others: tuple[str, ...]) -> Access:
    return Access(
        readers=tuple(arn for arn in readers if not arns.is_distribution(arn)),
        distributions=tuple(arn for arn in readers if arns.is_distribution(arn)),
        **others,
    )
