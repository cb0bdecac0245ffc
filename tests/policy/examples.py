"""The pack's examples and the recorded program, as the rules see resources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from rules import RESOURCE_RULES, STACK_RULES
from rules.resource import PreviewedResource, Provider

if TYPE_CHECKING:
    from recording.recording import Recording

PACK = Path(__file__).parents[2] / "policy"
# What satisfies the rules about belonging where an example is about something else.
OURS = {"name": "producer", "properties": {"defaultTags": '{"tags": {"owner": "pictures"}}'}}


@dataclass(frozen=True)
class Example:
    rule: str
    good: tuple[PreviewedResource, ...]
    bad: tuple[PreviewedResource, ...]
    says: tuple[str, ...]

    def __str__(self) -> str:
        return self.rule


@cache
def examples() -> tuple[Example, ...]:
    found = yaml.safe_load((PACK / "examples.yaml").read_text("utf-8"))
    return tuple(
        Example(rule, _resources(each["good"]), _resources(each["bad"]), tuple(each["says"]))
        for rule, each in found.items()
    )


def resource(token: str, name: str = "example", **more: Any) -> PreviewedResource:
    """A resource as a rule sees it, without what the rule under test does not look at."""
    plain: dict[str, Any] = {"properties": {}, "provider": None, "refers_to": {}}
    return PreviewedResource(type=token, name=name, urn=urn(token, name), **(plain | more))


def _resources(given: Any) -> tuple[PreviewedResource, ...]:
    return tuple(
        resource(
            each["type"],
            f"example-{number}",
            properties=each["properties"],
            provider=Provider(**each.get("provider", OURS)),
        )
        for number, each in enumerate(given if isinstance(given, list) else [given])
    )


def recorded(program: Recording) -> tuple[PreviewedResource, ...]:
    """The program's resources, each with the provider that makes it."""
    providers = {each.name: each.inputs for each in program.of("pulumi:providers:aws")}
    return tuple(
        PreviewedResource(
            type=each.token,
            name=each.name,
            urn=urn(each.token, each.name),
            properties=each.inputs | each.outputs,
            provider=Provider(name=each.provider, properties=providers[each.provider])
            if each.provider in providers
            else None,
            refers_to={
                "bucket": frozenset(urn("aws:s3/bucket:Bucket", name) for name in each.waits_for)
            },
        )
        for each in program.resources
    )


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:dev::thumbx::{kind}::{name}"


def violations(resources: tuple[PreviewedResource, ...]) -> list[tuple[str, str]]:
    """What all the rules say of the resources: the rule and its words."""
    return [
        (rule.name, said)
        for rule in RESOURCE_RULES
        for each in resources
        for said in rule.check(each)
    ] + [(rule.name, said) for rule in STACK_RULES for _, said in rule.check(resources)]
