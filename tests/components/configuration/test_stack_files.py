"""Pulumi.yaml and the stack files: what the engine and the program both accept."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
import yaml

from components.configuration.accounts import Access, Account, Storage
from components.configuration.schema import Function, Retention, Security, Thumbnails
from components.configuration.settings import GROUPS, Settings
from components.configuration.watch import Watch
from recording.program import PROJECT
from tests.configured import declarations, faults, read
from tests.filled import filled
from tests.recorded import STACKS

A, B = "111111111111", "222222222222"
# Users edit those at the root: what is asked of them here holds for every good stack file.
STACK_FILES = sorted(
    str(path.relative_to(PROJECT))
    for folder in (PROJECT, PROJECT / STACKS)
    for path in folder.glob("Pulumi.*.yaml")
)
TYPES = {"string": str, "boolean": bool, "object": dict}


def test_a_stack_is_read_whole():
    """Every value that the program takes from Pulumi.yaml and from nowhere else, written out."""
    assert read() == Settings(
        region="eu-central-1",
        producer=Account(
            id=A, region="eu-central-1", emulator_policies=False, profile="thumbx-dev-producer"
        ),
        storage=Storage(
            id=B,
            region="eu-central-1",
            emulator_policies=False,
            profile="thumbx-dev-storage",
            encryption="s3",
            deletable=False,
        ),
        thumbnails=Thumbnails(
            sizes={"small": 128, "medium": 256, "large": 512},
            formats=("jpeg",),
            quality=80,
            fit="inside",
            background="#ffffff",
            animated=False,
            originals_prefix="originals/",
            thumbnails_prefix="thumbnails/",
        ),
        access=Access(
            uploaders=(f"arn:aws:iam::{B}:role/uploader",),
            readers=(f"arn:aws:iam::{B}:role/reader",),
            administrators=(
                f"arn:aws:iam::{B}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*",
            ),
        ),
        function=Function(
            memory=1769, timeout=60, architecture="x86_64", concurrency=10, log_level="INFO"
        ),
        retention=Retention(log_days=90, version_days=30, trail_days=365),
        security=Security(session_policy=False, presigned_minutes=0, one_account=False),
        watch=Watch(
            trail="create",
            trail_bucket=None,
            management_events="create",
            data_events="all",
            storage_analyzer="create",
            producer_analyzer="create",
            alarms=True,
            access_alarms=True,
            refused_percent=20,
            alert_email=None,
            dashboards=True,
        ),
        tags={"cost-centre": "4711", "environment": "dev", "owner": "pictures"},
    )


@pytest.mark.parametrize("file", STACK_FILES)
def test_each_stack_file_is_accepted(file: str):
    assert faults(stack=PROJECT / file) == []


def test_the_sandbox_is_the_dev_stack_on_an_emulator():
    """Any other difference would be deployed by users and tested by nobody."""
    dev, sandbox = read(), read(stack="sandbox")
    there: dict[str, Any] = {
        "profile": None,
        "emulator_policies": True,
        "endpoint": "https://localhost:4566",
        "ca_bundle": "build/sandbox/tls/server.crt",
    }
    assert sandbox == dataclasses.replace(
        dev,
        producer=dataclasses.replace(dev.producer, **there),
        storage=dataclasses.replace(dev.storage, deletable=True, **there),
        access=dataclasses.replace(
            dev.access, administrators=(f"arn:aws:iam::{B}:role/administrator",)
        ),
        watch=dataclasses.replace(
            dev.watch,
            trail="off",
            management_events="off",
            access_alarms=False,
            storage_analyzer="off",
            producer_analyzer="off",
        ),
        tags={"environment": "sandbox"},
    )


def test_each_declared_key_is_read_and_no_other():
    """A key that is declared and not read would be refused as unknown wherever it is set, and one
    that is read and not declared could not be described by `pulumi config`."""
    read_keys = {"region", *GROUPS, "tags", "emulatorPolicies"}
    assert {key.removeprefix("thumbx:") for key in declarations()} == read_keys


@pytest.mark.parametrize(("key", "says"), sorted(declarations().items()))
def test_each_declaration_is_one_that_the_engine_takes(key: str, says: dict[str, Any]):
    """Pulumi's project schema: its types, no nested properties, a default of the declared type. A
    fault here stops every command of the CLI."""
    assert set(says) <= {"type", "default", "description"}
    assert says["type"] in TYPES
    assert ("default" in says) == (key != "thumbx:region")
    if "default" in says:
        assert type(says["default"]) is TYPES[says["type"]]


@pytest.mark.parametrize(("key", "says"), sorted(declarations().items()))
def test_each_key_is_described(key: str, says: dict[str, Any]):
    """In a whole sentence: `pulumi config` users and the README's table have nothing else."""
    assert re.fullmatch(r"[^\n]{40,}[.*]", says["description"])


@pytest.mark.parametrize("file", ["Pulumi.yaml", *STACK_FILES])
def test_no_value_depends_on_who_parses_the_yaml(file: str):
    """`no`, `on` and 012 mean something else to PyYAML, which the tests use, than to the engine."""
    tokens = yaml.scan((PROJECT / file).read_text())
    plain = [each.value for each in tokens if isinstance(each, yaml.ScalarToken) and each.plain]
    for value in filled(plain):
        assert not re.fullmatch(r"(?i)yes|no|on|off|y|n|~|0[0-9]+|[0-9]+:[0-9:]+", value)


def test_default_providers_are_disabled_in_every_stack():
    """Otherwise a resource without a provider would use whatever account the shell's credentials
    belong to.
    """
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
    assert project["config"]["pulumi:disable-default-providers"] == ["*"]
    assert project["name"] == "thumbx"


def test_the_engine_installs_the_pinned_requirements():
    """`pulumi up` works on a machine with the CLI and nothing prepared."""
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
    options = {"toolchain": "pip", "virtualenv": ".venv"}
    assert project["runtime"] == {"name": "python", "options": options}
    assert (PROJECT / "requirements.txt").is_file()
