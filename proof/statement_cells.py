"""Who may do what by the documents of one recorded stack: one cell for each principal and
statement.

Every part of every statement is in some cell, so if two versions have equal cells, they have equal
documents. No evaluator is used, because the job that reviews a pull request has none. For a review,
a row for every principal in any document matters more than how statements combine.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

EVERYBODY = "everybody"
OTHERS = "everybody else"
ALLOWED, REFUSED, SPARED, SET = "allowed", "refused", "spared", "set"
IF = "if"

# Conditions that name the caller: its ARN, its unique id, its account, or the resource that a
# service acts for.
_CALLERS = (
    "aws:principalarn",
    "aws:userid",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principaltype",
    "aws:username",
    "kms:calleraccount",
)
# The suffix that the recorder adds to logical names.
_MADE_UP = re.compile(r"-0a1b2c3\b")
# Types that have no document but can still give or restrict access.
_SETTINGS = re.compile(
    r"^aws:iam/|PublicAccessBlock|OwnershipControls|CorsConfiguration|[Bb]ucketAcl|Permission|Attachment|"
    r"FunctionUrl|TopicSubscription|AccessPoint|^pulumi:providers:|Grant:"
)
_HARMLESS = frozenset(
    {
        *("defaultTags", "description", "ignoreTags", "tags"),
        *("skipCredentialsValidation", "skipRegionValidation"),
    }
)


@dataclass(frozen=True, kw_only=True, order=True)
class StatementPlace:
    """The position of a cell: the document, by its resource and input, and the statement in it."""

    stack: str
    document: str
    sid: str
    who: str


@dataclass(frozen=True, kw_only=True)
class Value:
    """The content of a cell. `rest` is the statement without its callers, as text."""

    effect: str
    rest: str
    trust: bool = False
    scope: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """`rest` by element: actions, resources and conditions."""

    def is_broader_than(self, other: Value) -> bool:
        """Whether this covers all that the other covers, and more; False if that cannot be told,
        for example if the kinds of elements differ."""
        mine, theirs = dict(self.scope), dict(other.scope)
        if {*mine} - {IF} != {*theirs} - {IF} or self.scope == other.scope:
            return False
        return all(
            _covers(mine.get(key, ()), theirs.get(key, ()))
            if key in ("Action", "Resource")
            else _asks_no_more(mine.get(key, ()), theirs.get(key, ()))
            if key == IF
            else {*mine.get(key, ())} <= {*theirs.get(key, ())}
            for key in {*mine, *theirs}
        )


def _covers(patterns: Iterable[str], values: Iterable[str]) -> bool:
    listed = list(patterns)
    return all(any(fnmatchcase(value, each) for each in listed) for value in values)


def _asks_no_more(conditions: Iterable[str], others: Iterable[str]) -> bool:
    """Whether every request that meets `others` meets `conditions` too, as far as the texts say."""
    # StringEquals and ArnEquals with a value are the same as StringLike and ArnLike without a
    # wildcard in it.
    mine, theirs = (
        dict(each.replace("Equals ", "Like ").split(": ", 1) for each in side)
        for side in (conditions, others)
    )
    return all(
        values == theirs.get(name)
        or ("Not" not in name and name in theirs and _covers(*map(_split, (values, theirs[name]))))
        for name, values in mine.items()
    )


def _split(values: str) -> list[str]:
    return values.split(", ")


def cells_of(stack: str, recording: Mapping[str, Any]) -> dict[StatementPlace, Value]:
    """All cells of a recording (`recording.recorder` prints it), and the recording's other
    settings.
    """
    resources: list[dict[str, Any]] = recording["resources"]
    known = {
        str(each["outputs"]["uniqueId"]): str(each["outputs"]["arn"])
        for each in resources
        if each["outputs"].get("uniqueId")
    }
    text = json.dumps(resources)
    for unique, arn in known.items():
        text = text.replace(unique, f"the unique id of {arn}")
    found: dict[StatementPlace, Value] = {}
    for each in json.loads(_MADE_UP.sub("", text)):
        found |= dict(_of_resource(stack, each))
    return found


def _of_resource(stack: str, resource: dict[str, Any]) -> Iterator[tuple[StatementPlace, Value]]:
    token, name = str(resource["token"]), str(resource["name"])
    kind = token.rpartition(":")[2]
    rest: dict[str, Any] = {}
    for key, value in cast("dict[str, Any]", resource["inputs"]).items():
        documents = list(_documents(value))
        if not documents:
            rest[key] = value
        for number, document in enumerate(documents, 1):
            title = f"{key}{'' if len(documents) == 1 else f' {number}'} of {kind} {name}"
            yield from _of_document(stack, title, document, str(resource["inputs"].get("role", "")))
    if _SETTINGS.search(token):
        for key, value in rest.items():
            if key in _HARMLESS:
                continue
            place = StatementPlace(stack=stack, document=f"{kind} {name}", sid=key, who=EVERYBODY)
            yield place, Value(effect=SET, rest=json.dumps(value, sort_keys=True))


def _documents(value: Any) -> Iterator[dict[str, Any]]:
    """The IAM documents in an input, at any depth, as text or as objects."""
    if isinstance(value, str) and '"Statement"' in value:
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        if "Statement" in found:
            yield found
            return
        for inner in found.values():
            yield from _documents(inner)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _documents(inner)


def _of_document(
    stack: str, title: str, document: dict[str, Any], role: str
) -> Iterator[tuple[StatementPlace, Value]]:
    sids: dict[str, int] = {}
    for statement in cast("list[dict[str, Any]]", _listed(document["Statement"])):
        sid = str(statement.get("Sid") or "(no Sid)")
        sids[sid] = sids.get(sid, 0) + 1
        if sids[sid] > 1:
            sid = f"{sid} {sids[sid]}"
        trust = "sts:AssumeRole" in str(statement.get("Action")) and title.startswith("assumeRole")
        named, spared, conditions = _callers(statement)
        scope = _scope(statement, conditions)
        refused = statement.get("Effect") == "Deny"
        if not named and not refused:
            named = [role or title.rpartition(" ")[2]]  # the role that holds the grants
        effect = REFUSED if refused else ALLOWED
        for who in named or ([OTHERS] if refused else []):
            yield (
                StatementPlace(stack=stack, document=title, sid=sid, who=who),
                Value(effect=effect, rest=_words(scope), trust=trust, scope=scope),
            )
        for who in spared:
            place = StatementPlace(stack=stack, document=title, sid=sid, who=who)
            yield place, Value(effect=SPARED, rest=_words(scope), trust=trust, scope=scope)


def _callers(statement: dict[str, Any]) -> tuple[list[str], list[str], dict[str, Any]]:
    """The callers that a statement names, those that it exempts, and its other conditions."""
    named = _principals(statement.get("Principal"))
    spared = _principals(statement.get("NotPrincipal"))
    conditions: dict[str, Any] = {}
    by_condition: list[str] = []
    given = cast("dict[str, dict[str, Any]]", statement.get("Condition") or {})
    for operator, keys in given.items():
        for key, value in keys.items():
            negated = "Not" in operator
            texts = sorted(str(each) for each in _listed(value))
            if key.lower() not in _CALLERS:
                conditions[f"{operator} {key}"] = ", ".join(texts)
            elif negated and statement.get("Effect") == "Deny":
                spared += [f"{text} ({key})" if _is_account(text) else text for text in texts]
                conditions[f"{operator} {key}"] = "the spared"
            elif negated:
                conditions[f"{operator} {key}"] = ", ".join(texts)
            else:
                by_condition += [f"{text} ({key})" for text in texts]
                conditions[f"{operator} {key}"] = "the named"
    if by_condition:
        # "S3 for the bucket" and "S3 for any" are different callers, so the name has both parts.
        named = [f"{who} for {each}" for who in named or [""] for each in by_condition]
    return [who.strip() for who in named], list(dict.fromkeys(spared)), conditions


def _is_account(text: str) -> bool:
    return text.isdigit()


def _principals(principal: Any) -> list[str]:
    if principal is None:
        return []
    if not isinstance(principal, dict):
        return [EVERYBODY if principal == "*" else str(principal)]
    return [
        EVERYBODY if each == "*" else str(each)
        for value in cast("dict[str, Any]", principal).values()
        for each in _listed(value)
    ]


def _scope(
    statement: dict[str, Any], conditions: dict[str, Any]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The parts of a statement other than its callers, in a fixed order."""
    found = [
        (key, tuple(sorted(map(str, _listed(statement[key])))))
        for key in ("Action", "NotAction", "Resource", "NotResource")
        if key in statement
    ]
    shown = [f"{key}: {value}" for key, value in sorted(conditions.items())]
    return (*found, (IF, tuple(shown))) if shown else tuple(found)


def _words(scope: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    forms = {
        "Action": "{}",
        "NotAction": "everything but {}",
        "Resource": "on {}",
        "NotResource": "on everything but {}",
        IF: "if {}",
    }
    return " ".join(forms[key].format(", ".join(values)) for key, values in scope)


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]
