"""Checks of access: policies, trust, public access, and the bucket's other settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from audit.accounts.errors import aws_errors
from audit.accounts.names import EXECUTION_ROLE, SENDER_ROLE, THUMBX_ROLE, UNDELIVERED
from audit.accounts.permissions import PRODUCER, STORAGE
from audit.checks import settings
from audit.checks.expected import (
    BUCKET_POLICY,
    QUEUE_POLICY,
    ROLE,
    ROLE_POLICY,
    differences,
)
from audit.checks.result import OFF, PUT_BACK, CheckResult, judged, of_owner, or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.checks.subject import Subject


def names(subject: Subject, what: str) -> CheckResult:
    """The deployed resources are those that the program made, in the accounts where it makes
    them.
    """
    wiring, expected = subject.wiring, subject.expected
    problems = list(expected.strangers)
    for arn, role in (
        (wiring.uploads.arn, EXECUTION_ROLE),
        (wiring.execution_role, EXECUTION_ROLE),
        (wiring.thumbx_role, THUMBX_ROLE),
        *([(wiring.sender_role, SENDER_ROLE)] if wiring.sender_role else []),
    ):
        account = expected.accounts[role]
        if arn.split(":")[4] != account:
            problems.append(f"{arn} is not in account {account}")
    evidence = f"bucket, queue, function and roles are stack {expected.stack}'s"
    return judged(what, problems, evidence, PUT_BACK)


def bucket_policy(subject: Subject, what: str) -> CheckResult:
    """Statement by statement."""
    if subject.expected.adopts:
        return of_owner(what)
    expected = subject.expected.document("thumbx-images-policy", BUCKET_POLICY)
    return _documents(what, expected, policy_of(subject, subject.wiring.bucket))


def policy_of(subject: Subject, bucket: str) -> dict[str, Any] | None:
    """The policy that a bucket has; None where it has none."""
    with aws_errors(f"reading the policy of {bucket}", STORAGE):
        answer = or_none(
            lambda: subject.access.client(STORAGE, "s3").get_bucket_policy(Bucket=bucket),
            "NoSuchBucketPolicy",
        )
    return json.loads(answer["Policy"]) if answer else None


def notification(subject: Subject, what: str) -> CheckResult:
    """Uploads below the prefix reach the queue, and nothing else does.

    An existing bucket has to send its events to EventBridge; the rule and its target
    are among the event rules.
    """
    found = subject.wiring.notification
    if subject.expected.adopts:
        bucket = subject.wiring.bucket
        with aws_errors(f"reading whom {bucket} notifies", STORAGE):
            told = subject.access.client(STORAGE, "s3").get_bucket_notification_configuration(
                Bucket=bucket
            )
        problems = [] if "EventBridgeConfiguration" in told else ["EventBridge is off"]
        return judged(what, problems, "all events to EventBridge", "`make adopt ARGS=enable`")
    rules = found.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    deployed = {
        "queueArn": found["QueueArn"],
        "events": found["Events"],
        "filterPrefix": next((r["Value"] for r in rules if r["Name"].lower() == "prefix"), ""),
    }
    (queue,) = subject.expected.inputs(
        "thumbx-images-notification", "aws:s3/bucketNotification:BucketNotification"
    )["queues"]
    wanted = {key: queue[key] for key in deployed}
    problems = [] if deployed == wanted else [f"{deployed}, not {wanted}"]
    return judged(what, problems, f"{wanted['filterPrefix']}* to the uploads queue", PUT_BACK)


def trust(subject: Subject, what: str) -> CheckResult:
    """Exactly the callers in the program's trust policy may assume the role."""
    account, logical, role = _role(subject, what)
    if not role:
        return _without_role(subject, what)
    with aws_errors(f"reading the {what}", account):
        found = subject.access.client(account, "iam").get_role(RoleName=role)["Role"]
    expected = subject.expected.document(logical, ROLE, "assumeRolePolicy")
    return _documents(what, expected, found["AssumeRolePolicyDocument"])


def grants(subject: Subject, what: str) -> CheckResult:
    """All inline policies of the role together, and no managed policy."""
    account, _, role = _role(subject, what)
    if not role:
        return _without_role(subject, what)
    pages = subject.access.pages
    names = pages(account, "iam", "list_role_policies", "PolicyNames", RoleName=role)
    managed = pages(
        account, "iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role
    )
    deployed: list[dict[str, Any]] = []
    for name in names:
        with aws_errors(f"reading the {what}", account):
            found = subject.access.client(account, "iam").get_role_policy(
                RoleName=role, PolicyName=name
            )
        deployed += _as_list(found["PolicyDocument"]["Statement"])
    expected = [
        statement
        for _, inputs in subject.expected.of(ROLE_POLICY)
        if inputs["role"] == role
        for statement in json.loads(inputs["policy"])["Statement"]
    ]
    problems = differences({"Statement": expected}, {"Statement": deployed})
    problems += [f"the managed policy {each['PolicyArn']} is attached" for each in managed]
    return judged(what, problems, _sids(expected), PUT_BACK)


def queue_policies(subject: Subject, what: str) -> CheckResult:
    """The policies of all queues, that of undelivered events in the storage account included."""
    queues, problems = subject.wiring.queues, list[str]()
    if subject.expected.adopts and UNDELIVERED not in queues:
        problems.append(f"the rule's target has no dead-letter queue {UNDELIVERED}")
    for logical, queue in queues.items():
        expected = subject.expected.document(f"{logical}-policy", QUEUE_POLICY)
        deployed = queue.attributes.get("Policy")
        found = differences(expected, json.loads(deployed)) if deployed else ["it has none"]
        problems += [f"{queue.name}: {each}" for each in found]
    return judged(what, problems, ", ".join(queues), PUT_BACK)


CHECKS: tuple[tuple[str, Callable[[Subject, str], CheckResult]], ...] = (
    ("wiring", names),
    ("bucket policy", bucket_policy),
    *settings.CHECKS,
    ("notification", notification),
    ("trust of ThumbXRole", trust),
    ("grants of ThumbXRole", grants),
    ("trust of the execution role", trust),
    ("grants of the execution role", grants),
    ("trust of the sending role", trust),
    ("grants of the sending role", grants),
    ("queue policies", queue_policies),
)


def _role(subject: Subject, what: str) -> tuple[str, str, str]:
    """The account, the logical and the physical name of the role that a check is about.

    The sending role is the one with which the rule of EventBridge sends to the queue in A; its
    physical name is empty where there is none.
    """
    wiring = subject.wiring
    account, logical, arn = {
        "ThumbXRole": (STORAGE, THUMBX_ROLE, wiring.thumbx_role),
        "the execution role": (PRODUCER, EXECUTION_ROLE, wiring.execution_role),
        "the sending role": (STORAGE, SENDER_ROLE, wiring.sender_role),
    }[what.partition(" of ")[2]]
    return account, logical, arn.rpartition("/")[2]


def _without_role(subject: Subject, what: str) -> CheckResult:
    """The line for the sending role where the deployment has none."""
    if subject.expected.adopts:
        return judged(what, ["the rule's target names no role"], "", PUT_BACK)
    evidence = "there is none: the bucket notifies the queue itself"
    return CheckResult(status=OFF, what=what, evidence=evidence)


def _documents(what: str, expected: dict[str, Any], deployed: dict[str, Any] | None) -> CheckResult:
    problems = differences(expected, deployed) if deployed else ["there is no such policy"]
    return judged(what, problems, _sids(expected["Statement"]), PUT_BACK)


def _sids(statements: list[dict[str, Any]]) -> str:
    return ", ".join(each["Sid"] for each in statements)


def _as_list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]
