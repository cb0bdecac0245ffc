"""Faults come all at once, in sentences, and show no secret."""

from __future__ import annotations

import pulumi
import pytest

from components.configuration.settings import read_settings
from tests.configured import configure, faults

REFUSED = (
    " is a secret (secure:), but its value is readable in policies, names and tags; set it again "
    "without --secret"
)


def test_all_faults_of_all_groups_are_reported_together_one_a_line():
    """Otherwise a stack file would need as many attempts as it has faults."""
    lines = faults(
        {
            "region": "nowhere",
            "storage": {},
            "access.uploaders": ["me", "you"],
            "thumbnails.quality": 0,
            "function.memory": "much",
            "function.tmeout": 60,
            "security.presignedMinutes": -1,
            "watch": "off",
            "retention.logDays": 8,
            "hue": "",
            "colour": "",
        }
    )
    assert [line.split(" is ")[0] for line in lines] == [
        "thumbx:region",
        "thumbx:storage.account",
        "thumbx:access.uploaders[0]",
        "thumbx:access.uploaders[1]",
        "thumbx:thumbnails.quality",
        "thumbx:function.tmeout",
        "thumbx:function.memory",
        "thumbx:security.presignedMinutes",
        "thumbx:watch",
        "thumbx:retention.logDays",
        "thumbx:colour",
        "thumbx:hue",
    ]


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("memory", "thumbx:function.memory"),
        ("sizes", "thumbx:thumbnails.sizes"),
        ("encryption", "thumbx:storage.encryption"),
        ("administrator", "thumbx:access.administrators"),
        ("function", "thumbx:function"),
    ],
)
def test_a_key_that_is_a_field_of_a_group_is_told_where_it_belongs(key: str, meant: str):
    """A person who leaves out the group, or misspells it, meant one of our options."""
    misspelt = key if key != "function" else "functions"
    assert faults({misspelt: 1}) == [
        f"thumbx:{misspelt} is set, but this project has no such key; did you mean {meant}?"
    ]


def test_a_field_set_without_path_is_told_how_to_set_it():
    """`pulumi config set thumbx:function.memory` makes a separate key with a dot in its name."""
    configure("dev")
    pulumi.runtime.set_config("thumbx:function.memory", "512")
    with pytest.raises(pulumi.RunError) as caught:
        read_settings()
    assert str(caught.value) == (
        "thumbx:function.memory is set, but this project has no such key; to set a field of "
        "thumbx:function, use: pulumi config set --path 'thumbx:function.memory' (and remove this "
        "one: pulumi config rm 'thumbx:function.memory')"
    )


def test_a_fault_ends_the_program_without_a_traceback():
    """Pulumi prints a RunError's text and a traceback for anything else."""
    configure("dev", {"thumbnails.quality": 0})
    with pytest.raises(pulumi.RunError):
        read_settings()


def test_a_secret_is_refused_and_not_shown():
    """What is configured here ends up in policies and names, for everyone to read."""
    (line,) = faults({"region": "hunter2"}, secrets=("region",))
    assert line == f"thumbx:region{REFUSED}"


def test_a_group_that_holds_a_secret_is_refused_and_not_shown():
    """One `--secret` inside makes the whole group a secret to the engine."""
    changes = {"access.uploaders": ["hunter2"]}
    assert faults(changes, secrets=("access",)) == [f"thumbx:access{REFUSED}"]


def test_a_field_in_its_encrypted_form_is_refused_and_not_shown():
    """The stack file's encrypted form, for commands that read the file without the engine."""
    changes = {"storage.account": {"secure": "v1:hunter2"}, "watch.alertEmail": {"secure": "v1:x"}}
    refused = ("thumbx:storage.account", "thumbx:watch.alertEmail")
    assert faults(changes) == [f"{path}{REFUSED}" for path in refused]


def test_the_value_of_an_unknown_key_is_not_shown():
    """The value may be a secret that belongs elsewhere."""
    (line,) = faults({"nonsense": "hunter2"})
    assert "thumbx:nonsense" in line
    assert "hunter2" not in line


def test_a_long_value_is_cut_in_the_message():
    """A pasted document would bury the reason."""
    (line,) = faults({"region": "x" * 5000})
    assert len(line) < 400


def test_keys_of_the_engine_are_left_alone() -> None:
    """`pulumi:disable-default-providers` stands in the project's own file."""
    configure("dev", {})
    pulumi.runtime.set_config("pulumi:disable-default-providers", '["*"]')
    assert read_settings().region


@pytest.mark.parametrize("key", ["thumx:region", "aws:skipMetadataApiCheck"])
def test_a_namespace_that_nobody_reads_is_refused(key: str) -> None:
    """For a misspelt namespace the option would keep its default, and nobody would notice."""
    configure("dev", {})
    pulumi.runtime.set_config(key, "true")
    with pytest.raises(pulumi.RunError, match=f"{key} is set, but nothing reads the namespace"):
        read_settings()
