"""The policy pack: `pulumi preview --policy-pack policy` starts it and sends it every resource."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

# the folder with the table of resource types
sys.path.append(str(Path(__file__).resolve().parent.parent))

from rules import RESOURCE_RULES, STACK_RULES, engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_policy import ReportViolation
    from rules.resource import ResourceRule, StackRule


def of_resource(rule: ResourceRule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    """The rule in the form that the engine calls. A rule that needs an unknown value is reported as
    not run.
    """

    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        for violation in rule.check(engine.resource(args)):
            report(violation, None)

    return validate


def of_stack(rule: StackRule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    """The rule in the form that the engine calls after the last resource."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for name, violation in rule.check([engine.resource(each) for each in args.resources]):
            urns = [each.urn for each in args.resources if each.name == name]
            report(violation, urns[0])

    return validate


PolicyPack(
    name="thumbx",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        *(
            ResourceValidationPolicy(rule.name, rule.says, of_resource(rule))
            for rule in RESOURCE_RULES
        ),
        *(StackValidationPolicy(rule.name, rule.says, of_stack(rule)) for rule in STACK_RULES),
    ],
)
