"""`python -m pipeline.scan FOLDER` (make scan): two scanners over every program of the repository.

checkov reads each variant of the program and of the bootstrap as a Terraform plan that is made of
the recording (pipeline/terraform.py). prowler asks the accounts of the sandbox. They hold the
deployed program, the trails of stack dev, because the sandbox's stack has none, and the bootstrap's
buckets and roles. Fails on a rule that fails and that docs/security.md does not answer, or calls
satisfied.

prowler is asked about the services of the program only. Its rules about users, passwords and the
root of an account are left out, because neither program makes any of these.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.accounts import EMULATED_SERVICES
from pipeline.answers import PAGE, ScannerFinding, answers, unanswered
from pipeline.errors import PipelineError
from pipeline.terraform import plan
from proof.variants import BOOTSTRAP, VARIANTS, recorded
from recording.resource_types import resource_type
from sandbox.deployment import deployed
from sandbox.providers.definitions import DEFINITIONS
from sandbox.providers.request import ResourceRequest
from sandbox.providers.target import ProviderAccount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.clients import SandboxClients

SECONDS = 280  # each run of a scanner
REGION = "eu-central-1"
ACCOUNTS = ("111111111111", "222222222222")
SERVICES = ("awslambda", "cloudtrail", "cloudwatch", "iam", "kms", "s3", "sns", "sqs")
OURS = re.compile(r":(role|policy)/(.+/)?(ThumbX|thumbx-)")
# From prowler's resource types, by the service in the ARN, to the table's names.
TYPES = {
    "lambda": "aws_lambda_function",
    "logs": "aws_cloudwatch_log_group",
    "cloudtrail": "aws_cloudtrail",
    "cloudwatch": "aws_cloudwatch_metric_alarm",
    "iam": "aws_iam_role",
    "kms": "aws_kms_key",
    "s3": "aws_s3_bucket",
    "sns": "aws_sns_topic",
    "sqs": "aws_sqs_queue",
}


def main() -> int:
    """Run both scanners; return 0 if each rule that fails has an answer."""
    tools = Path(sys.argv[1]).absolute()
    try:
        known = answers(PAGE.read_text("utf-8"))
        found = [*checkov(tools), *prowler(tools)]
    except PipelineError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    rules = {each.rule for each in found}
    print(f"{len(rules)} rules fail in {len(found)} places; {len(known)} answers")
    lines = unanswered(found, known)
    sys.stderr.writelines(f"{line}\n" for line in lines)
    return 2 if lines else 0


def checkov(tools: Path) -> Iterator[ScannerFinding]:
    """Return the rules that fail in the plans of all variants."""
    with tempfile.TemporaryDirectory() as folder:
        for number, variant in enumerate((*VARIANTS, *BOOTSTRAP)):
            text = json.dumps(plan(recorded(variant)), indent=1)
            (Path(folder) / f"{number}.json").write_text(text, "utf-8")
        words = ("--framework", "terraform_plan", "--output", "json", "--compact", "--quiet")
        said = _run(
            [str(tools / "checkov" / "bin" / "checkov"), "-d", folder, *words, "--skip-download"],
            {"PATH": os.environ["PATH"], "HOME": folder},
        )
    report: dict[str, Any] = json.loads(said)
    if report["summary"]["parsing_errors"] or not report["summary"]["passed"]:
        raise PipelineError(f"checkov could not read the plans: {report['summary']}")
    for each in report["results"]["failed_checks"]:
        yield ScannerFinding(rule=each["check_id"], resource=each["resource"])


def prowler(tools: Path) -> list[ScannerFinding]:
    """Return the rules that fail in the sandbox's accounts."""
    with deployed() as deployment, ThreadPoolExecutor() as pool:
        for account in ACCOUNTS:
            _make_trails(deployment.clients, account)
        for variant in BOOTSTRAP:
            _make_bootstrap(deployment.clients, variant)
        found = [pool.submit(_prowler, tools, deployment.clients, account) for account in ACCOUNTS]
        return [finding for each in found for finding in each.result()]


def _prowler(tools: Path, clients: SandboxClients, account: str) -> list[ScannerFinding]:
    with tempfile.TemporaryDirectory() as folder:
        _run(
            [
                *(str(tools / "prowler" / "bin" / "prowler"), "aws", "--no-banner"),
                *("--region", REGION, "--services", *SERVICES, "--ignore-exit-code-3"),
                *("-M", "json-ocsf", "-o", folder, "-F", account),
            ],
            {
                "PATH": os.environ["PATH"],
                "HOME": folder,
                "AWS_ENDPOINT_URL": clients.endpoint,
                "AWS_CA_BUNDLE": str(clients.ca_bundle),
                "AWS_ACCESS_KEY_ID": account,
                "AWS_SECRET_ACCESS_KEY": "sandbox",
                "AWS_DEFAULT_REGION": REGION,
            },
        )
        path = Path(folder) / f"{account}.ocsf.json"
        if not path.is_file():
            raise PipelineError(f"prowler left no findings of account {account}")
        return [
            ScannerFinding(
                rule=each["metadata"]["event_code"], resource=_named(each["resources"][0]["uid"])
            )
            for each in json.loads(path.read_text("utf-8"))
            if each["status_code"] == "FAIL" and _concerns_us(each)
        ]


def _concerns_us(finding: dict[str, Any]) -> bool:
    """Whether the finding is ours: a finding about IAM must name one of our roles or policies."""
    arn = finding["resources"][0]["uid"]
    return not finding["metadata"]["event_code"].startswith("iam_") or bool(OURS.search(arn))


def _named(arn: str) -> str:
    service, name = arn.split(":")[2], arn.rpartition(":")[2].rpartition("/")[2]
    if name == "log-group":  # of no group: a rule about the account
        return f"account.{name}"
    return f"{TYPES.get(service, 'account')}.{name}"


def _make_trails(clients: SandboxClients, account: str) -> None:
    """Make the trails of stack dev; the emulator stores their settings but delivers nothing."""
    client: Any = clients.client("cloudtrail", account, REGION)
    words = {"field": "Field", "equals": "Equals", "startsWiths": "StartsWith"}
    for each in recorded("dev").of("aws:cloudtrail/trail:Trail"):
        if each.account != account:
            continue
        client.create_trail(
            Name=each.inputs["name"],
            S3BucketName=each.inputs["s3BucketName"],
            IsMultiRegionTrail=each.inputs["isMultiRegionTrail"],
            EnableLogFileValidation=each.inputs["enableLogFileValidation"],
        )
        selectors = [
            {
                "Name": selector["name"],
                "FieldSelectors": [
                    {words[key]: value for key, value in field.items()}
                    for field in selector["fieldSelectors"]
                ],
            }
            for selector in each.inputs["advancedEventSelectors"]
        ]
        client.put_event_selectors(TrailName=each.inputs["name"], AdvancedEventSelectors=selectors)
        client.start_logging(Name=each.inputs["name"])


def _make_bootstrap(clients: SandboxClients, variant: str) -> None:
    """Make what the sandbox's providers know of the bootstrap: the state bucket and the roles.

    The engine would choose the names that the bootstrap leaves out.
    """
    for each in recorded(variant).resources:
        if each.token not in DEFINITIONS:
            continue
        account = ProviderAccount(
            each.account,
            {
                "allowedAccountIds": json.dumps([each.account]),
                "region": each.region,
                "endpoints": json.dumps([dict.fromkeys(EMULATED_SERVICES, clients.endpoint)]),
                "customCaBundle": str(clients.ca_bundle),
            },
        )
        named = {resource_type(each.token).named: each.physical_name}
        request = ResourceRequest(each.token, each.name, named | each.inputs, account)
        DEFINITIONS[each.token].create(request)


def _run(command: list[str], environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            command,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PipelineError(f"{Path(command[0]).name} still ran after {SECONDS} s") from error
    if done.returncode not in {0, 1}:  # 1: a rule failed
        raise PipelineError(f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
