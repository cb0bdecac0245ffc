"""The options that a command line takes, from its own `--help`.

`python -m tests.pipeline.options > tests/pipeline/options.yaml` captures those of the Pulumi CLI
that is on the PATH. `up --plan` is in its help with PULUMI_EXPERIMENTAL only, and taken without.
"""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.session
import yaml
from botocore import xform_name

if TYPE_CHECKING:
    from collections.abc import Sequence

CAPTURED = Path(__file__).with_suffix(".yaml")
# The ones that the project runs, or tells people to run.
COMMANDS = (
    *("config", "config get", "config rm", "config set", "destroy", "install", "login"),
    *("plugin install", "preview"),
    *("refresh", "stack export", "stack import", "stack init", "stack output", "stack rename"),
    *("stack rm", "stack select", "state delete", "state unprotect", "up", "version", "whoami"),
)
# Services whose commands the AWS CLI makes from botocore's models, by the CLI's name.
SERVICES = (
    *("accessanalyzer", "cloudfront", "cloudtrail", "cloudwatch", "events", "iam", "kms"),
    *("lambda", "logs", "resourcegroupstaggingapi", "s3api", "sns", "sqs", "sts"),
)
# docs.aws.amazon.com/cli/latest/reference: the global options that the project's texts use, and
# those that the CLI adds to each command that takes pages.
OF_AWS = ["--output", "--profile", "--query", "--region"]
PAGED = ["--max-items", "--no-paginate", "--page-size", "--starting-token"]
# Programs that are not on every machine, from their manuals: cli.github.com/manual, docs.npmjs.com
# for options of every npm command, git-scm.com/docs, docs.aws.amazon.com/cli.
FROM_MANUALS = {
    "gh api": "--field -F --input --jq -q --method -X --paginate --raw-field -f --slurp",
    "gh pr create": "--fill -f",
    "gh variable delete": "--env -e",
    "gh variable set": "--body -b --env -e",
    "npm ci": "--ignore-scripts --loglevel --no-audit --no-fund --omit-lockfile-registry-resolved",
    "git add": "",
    "go build": "-C -ldflags -mod -o -trimpath",
    "git commit": "-m",
    "git pull": "",
    "git push": "-u",
    "git switch": "-c",
    "aws cloudtrail validate-logs": "--end-time --profile --region --start-time --trail-arn",
    "aws configure sso": "--profile",
    "aws logs tail": "--follow --profile --since",
    "aws s3 cp": "--profile --recursive --sse",
    "aws s3 ls": "--profile",
    "aws s3 rm": "--profile --recursive",
    "aws s3 sync": "--profile",
    # The command line has the name, because --endpoint would be short for --endpoint-url.
    "aws sns subscribe": "--notification-endpoint --profile --protocol --topic-arn",
    "aws sso login": "--profile",
}


def listed(command: Sequence[str], **environment: str) -> list[str]:
    """The options that the program's `--help` lists."""
    done = subprocess.run(
        [*command, "--help"],
        env=os.environ | environment | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(set(re.findall(r"(?m)(?:^|[\s,|\[])(--?[A-Za-z][\w-]*)", done.stdout)))


def of_pulumi(program: str) -> dict[str, str]:
    """Every command of ours with its options."""
    found = {
        name: listed(
            [program, *name.split()], PULUMI_EXPERIMENTAL="1", PULUMI_SKIP_UPDATE_CHECK="1"
        )
        for name in COMMANDS
    }
    shared = set.intersection(*map(set, found.values()))
    own = {f"pulumi {name}": sorted(set(options) - shared) for name, options in found.items()}
    own["pulumi"] = sorted(shared)
    return {name: " ".join(options) for name, options in sorted(own.items())}


@cache
def of_aws() -> dict[str, list[str]]:
    """Every command that the AWS CLI makes from a model of botocore, with its options."""
    session = botocore.session.get_session()
    found: dict[str, list[str]] = {}
    for service in SERVICES:
        model = session.get_service_model("s3" if service == "s3api" else service)
        for name in model.operation_names:
            operation = model.operation_model(name)
            members = operation.input_shape.members if operation.input_shape else {}
            own = [f"--{xform_name(member, '-')}" for member in members]
            flags = [f"--no-{option[2:]}" for option in own]
            found[f"aws {service} {xform_name(name, '-')}"] = [*own, *flags, *OF_AWS, *PAGED]
    return found


def captured() -> dict[str, list[str]]:
    """Every command of the tools that the tests stand in for, with the options that it takes."""
    pulumi: dict[str, str] = yaml.safe_load(CAPTURED.read_text("utf-8"))
    shared = pulumi.pop("pulumi")
    rows = {name: f"{options} {shared}" for name, options in pulumi.items()} | FROM_MANUALS
    return of_aws() | {name: options.split() for name, options in rows.items()}


if __name__ == "__main__":
    print(yaml.safe_dump(of_pulumi("pulumi"), width=96), end="")
