"""Rules on the default bus, and where they send."""

from __future__ import annotations

from typing import Any

from sandbox.providers.definition import Call, Definition
from sandbox.providers.request import Created, ResourceRequest

ONLY = "target"  # the program gives each rule one


def rule(request: ResourceRequest) -> Created:
    """A rule with its pattern."""
    name = request.need("name")
    settings = request.present(
        Description="description", EventPattern="eventPattern", State="state"
    )
    arn = request.target.client("events").put_rule(Name=name, **settings)["RuleArn"]
    return Created(id=name, outputs={"arn": arn, "name": name})


def target(request: ResourceRequest) -> Created:
    """A rule's target; the emulator accepts a queue of another account, but nothing arrives."""
    name = request.need("rule")
    settings = request.present(Arn="arn", RoleArn="roleArn", DeadLetterConfig="deadLetterConfig")
    if "DeadLetterConfig" in settings:
        settings["DeadLetterConfig"] = {"Arn": settings["DeadLetterConfig"]["arn"]}
    wanted: Any = {"Id": ONLY, **settings}
    request.target.client("events").put_targets(Rule=name, Targets=[wanted])
    return Created(id=name, outputs={"targetId": ONLY})


DEFINITIONS = {
    "aws:cloudwatch/eventRule:EventRule": Definition(
        create=rule,
        read=(Call("events", "describe_rule", ("Name",)),),
        delete=Call("events", "delete_rule", ("Name",)),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Definition(
        create=target,
        read=(Call("events", "list_targets_by_rule", ("Rule",), expects="Targets"),),
        delete=Call("events", "remove_targets", ("Rule",), {"Ids": [ONLY]}),
    ),
}
