"""Quotas: what is counted, what is refused, and that the roles may ask."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from pipeline import quotas
from pipeline.clients import client_of
from proof.variants import VARIANTS
from recording.program import settings_from
from tests.recorded import configuration, record

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

B = "222222222222"
TOKENS = {
    "aws:cloudtrail/trail:Trail": quotas.TRAILS,
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": quotas.LOG_POLICIES,
    "aws:accessanalyzer/analyzer:Analyzer": quotas.ANALYZERS,
}
ANSWERS = {
    quotas.TRAILS: ("describe_trails", "trailList", "Name"),
    quotas.LOG_POLICIES: ("describe_resource_policies", "resourcePolicies", "policyName"),
    quotas.ANALYZERS: ("list_analyzers", "analyzers", "name"),
}


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[quotas.Quota, list[str] | str]]:
    """Account B's resources by quota; a text is the error code with which the call is refused."""
    found: dict[quotas.Quota, list[str] | str] = {each: [] for each in quotas.QUOTAS}
    settings = settings_from(configuration("dev"))
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)

    def client(account: Any, service: str) -> Any:
        (quota,) = [each for each in quotas.QUOTAS if each.service == service]
        operation, part, key = ANSWERS[quota]
        made = client_of(type(account)(id=B, region=settings.region), service)
        stub = Stubber(made)
        names = found[quota]
        if isinstance(names, str):
            stub.add_client_error(operation, names)
        else:
            stub.add_response(operation, {part: [answer(quota, key, each) for each in names]})
        stub.activate()
        return made

    monkeypatch.setattr(quotas, "client_of", client)
    return found


def answer(quota: quotas.Quota, key: str, name: str) -> dict[str, Any]:
    if quota is not quotas.ANALYZERS:
        return {key: name}
    arn = f"arn:aws:access-analyzer:eu-central-1:{B}:analyzer/{name}"
    return {key: name, "arn": arn, "type": "ACCOUNT", "createdAt": 0, "status": "ACTIVE"}


def refused(stack: str = "dev") -> list[str]:
    settings = settings_from(configuration("dev"))
    return list(quotas.check(stack, settings.storage, quotas.made(settings)[B]))


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_counted_is_what_the_program_makes(variant: str) -> None:
    """A quota that nobody counts makes the update fail after a clean preview."""
    stack, overrides = VARIANTS[variant]
    program = record(stack, overrides)
    made: dict[str, Counter[quotas.Quota]] = {}
    for each in program.resources:
        if each.token in TOKENS:
            made.setdefault(each.account, Counter())[TOKENS[each.token]] += 1
    counted = quotas.made(settings_from(program.config))
    assert {account: Counter(each) for account, each in counted.items() if each} == made


@pytest.mark.parametrize("quota", quotas.QUOTAS, ids=[each.noun for each in quotas.QUOTAS])
def test_an_account_that_is_full_is_refused(
    there: dict[quotas.Quota, list[str] | str], quota: quotas.Quota
) -> None:
    """The last free place is enough for ours, and our own resource is not counted twice the next
    time.
    """
    strangers = [f"stranger-{n}" for n in range(quota.most)]
    there[quota] = strangers[1:]
    assert refused() == []
    there[quota] = [*strangers[1:], "thumbx-dev"]
    assert refused() == []
    there[quota] = [*strangers[1:], "thumbx-development"]
    assert len(refused()) == 1
    there[quota] = strangers
    (said,) = refused()
    assert said.startswith(f"account {B} has the {quota.noun} stranger-0")
    assert f"AWS allows {quota.most}, and stack dev makes 1; {quota.remedy}" in said


def test_a_refused_call_is_a_warning_that_names_the_right(
    there: dict[quotas.Quota, list[str] | str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The update may still have room."""
    there.update(dict.fromkeys(quotas.QUOTAS, "AccessDeniedException"))
    assert refused() == []
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(quotas.QUOTAS)
    for quota, line in zip(quotas.QUOTAS, lines, strict=True):
        assert line.startswith(f"warning: the {quota.noun} of account {B} cannot be counted: ")
        assert f"give the role {quota.action}, or" in line
