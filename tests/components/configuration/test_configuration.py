"""Faults come all at once, in sentences, and show no secret."""

from __future__ import annotations

import pulumi
import pytest

from components.configuration.settings import read_settings
from tests.configured import configure, faults


def test_all_faults_are_reported_together_one_a_line():
    """Else a stack file takes as many attempts as it has faults."""
    lines = faults(
        region="nowhere", quality=0, uploaders=["me", "you"], storage={}, hue="", colour=""
    )
    assert [line.split(" is ")[0] for line in lines] == [
        "thumbx:region",
        "thumbx:storage.account",
        "thumbx:quality",
        "thumbx:uploaders[0]",
        "thumbx:uploaders[1]",
        "thumbx:colour",
        "thumbx:hue",
    ]


def test_a_fault_ends_the_program_without_a_traceback():
    """Pulumi prints a RunError's text and a traceback for anything else."""
    configure("dev", {"quality": 0})
    with pytest.raises(pulumi.RunError):
        read_settings()


def test_a_secret_is_refused_and_not_shown():
    """What is configured here ends up in policies and names, for everyone to read."""
    (line,) = faults(secrets=("region",), region="hunter2")
    assert line == (
        "thumbx:region is a secret, but what it says is written in plain sight into policies, "
        "names and tags; set it again without --secret"
    )


def test_the_value_of_an_unknown_key_is_not_shown():
    """Nobody knows what it is: it may be a secret that belongs elsewhere."""
    (line,) = faults(nonsense="hunter2")
    assert "thumbx:nonsense" in line
    assert "hunter2" not in line


def test_a_long_value_is_cut_in_the_message():
    """A pasted document would bury the reason."""
    (line,) = faults(region="x" * 5000)
    assert len(line) < 400


def test_keys_of_other_namespaces_are_left_alone():
    configure("dev", {})
    pulumi.runtime.set_config("aws:skipMetadataApiCheck", "true")
    read_settings()
