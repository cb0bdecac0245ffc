"""The workflows and the Makefile, read as data."""

from __future__ import annotations

import re
from typing import Any

import yaml

from recording.program import PROJECT

FOLDER = PROJECT / ".github" / "workflows"
TEXTS = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.yml")}
ACTION = (PROJECT / ".github" / "actions" / "prepare" / "action.yml").read_text("utf-8")
# PyYAML reads YAML 1.1, in which the key `on` is True.
WORKFLOWS: dict[str, dict[Any, Any]] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
PREPARE: dict[str, Any] = yaml.safe_load(ACTION)

JOBS = [
    (workflow, name, job)
    for workflow in WORKFLOWS
    for name, job in WORKFLOWS[workflow]["jobs"].items()
]
IDS = [f"{workflow}/{name}" for workflow, name, _ in JOBS]
STEPS = [step for _, _, job in JOBS for step in job.get("steps", ())]
STEPS += PREPARE["runs"]["steps"]


def make_targets() -> set[str]:
    """The names that `make` takes."""
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
