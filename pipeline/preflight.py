"""Checks what must exist before Pulumi is called: tools, layer, stack, profiles, account ids,
quotas.

Pulumi reports each of these too, but after a minute, one at a time, and in the provider's words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pulumi
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from pipeline import deployed, events, layer, quotas
from pipeline.clients import client_of
from pipeline.errors import PipelineError
from pipeline.stack import settings_of
from pipeline.tools import output_of, path_of
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from components.configuration.accounts import Account

# The first version whose exit codes distinguish changes (7) from failures:
# pulumi.com/docs/iac/cli/exit-codes.
OLDEST_PULUMI = (3, 226, 1)
POLICY_PACK = "policy"


def preflight(stack: str, *tools: str) -> None:
    """Raise PipelineError with every fault, one on each line, unless `stack` can be deployed from
    here.

    `tools` are needed in addition to Pulumi. It asks both accounts who the caller is and for their
    quotas, and changes nothing.
    """
    faults = list(_faults(stack, tools))
    if faults:
        raise PipelineError("\n".join(faults))


def _faults(stack: str, tools: tuple[str, ...]) -> Iterator[str]:
    outputs: dict[str, Any] = {}
    without_pulumi = list(_attempt(_check_pulumi))
    yield from without_pulumi
    yield from _attempt(_check_policy_pack)
    for tool in tools:
        yield from _attempt(lambda t=tool: path_of(t))
    try:
        settings = settings_of(stack)
    except PipelineError as error:
        yield str(error)
        return
    yield from _attempt(lambda: layer.files(stack))
    if not without_pulumi:
        yield from _attempt(lambda: outputs.update(deployed.check(stack, settings)))
    made = dict(quotas.made(settings))
    for side, account in (("producer", settings.producer), ("storage", settings.storage)):
        faults = list(_attempt(lambda s=side, a=account: _check_account(s, a)))
        yield from faults
        if not faults and side == "storage":
            yield from _attempt(lambda: events.check(settings, outputs.get("bucket")))
        if not faults:  # an account that both sides share is asked once
            yield from quotas.check(stack, account, made.pop(account.id, ()))


def _attempt(check: Callable[[], object]) -> Iterator[str]:
    try:
        check()
    except (PipelineError, pulumi.RunError) as error:
        yield str(error)


def _check_pulumi() -> None:
    version = output_of("pulumi", "version").strip()
    numbers = tuple(int(part) for part in version.lstrip("v").split(".")[:3] if part.isdigit())
    if numbers < OLDEST_PULUMI:
        oldest = ".".join(map(str, OLDEST_PULUMI))
        raise PipelineError(
            f"pulumi is {version}, which is older than {oldest} and does not tell changes from "
            "failures by its exit code; install a newer one (pulumi.com/docs/install)"
        )


def _check_policy_pack() -> None:
    """A preview whose policy pack has no environment hangs, and does not end at SIGTERM."""
    pack = PROJECT / POLICY_PACK
    declared: Any = yaml.safe_load((pack / "PulumiPolicy.yaml").read_text("utf-8"))
    environment = (pack / declared["runtime"]["options"]["virtualenv"]).resolve()
    if not any(environment.glob("lib/python*/site-packages/pulumi_policy")):
        raise PipelineError(
            f"pulumi-policy is not installed in {environment.name}, from which the policy pack "
            "runs, and a preview without it hangs; run `pulumi install`, or `make layer`, which "
            "installs too"
        )


def _check_account(side: str, account: Account) -> None:
    profile = account.profile
    source = f"profile '{profile}'" if profile else "the environment's credentials"
    try:
        if profile and profile not in boto3.Session().available_profiles:
            raise PipelineError(
                f"thumbx:{side}.profile is '{profile}', which is not in ~/.aws/config; "
                f"run `aws configure sso --profile {profile}`, or name one that is there"
            )
        found = _caller(account)
    except (BotoCoreError, ClientError) as error:
        renew = f"run `aws sso login --profile {profile}`" if profile else "set AWS_PROFILE"
        raise PipelineError(
            f"{source} of the {side} side cannot call AWS: {error}; {renew}"
        ) from error
    if found != account.id:
        raise PipelineError(
            f"{source} is of account {found}, but thumbx:{side}.account is '{account.id}'; "
            "correct one of the two"
        )


def _caller(account: Account) -> str:
    """Return the id of the account to which the credentials of one side belong."""
    return str(client_of(account, "sts").get_caller_identity()["Account"])
