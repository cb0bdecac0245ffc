"""The resources that the program registers, with inputs, provider and order. AWS is not called.

The tests, linters and the access matrix read the policies of the recorded program, not documents
that are built for the test. `recording.recorder` makes the recordings, in separate processes.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.producer import package
from recording.errors import RecordingError
from recording.forks import Forks
from recording.program import PROJECT, configuration
from recording.resource_types import resource_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

UNKNOWN = "(unknown)"  # an input that waits for an output, in a preview
KEPT = PROJECT / "build" / "recordings"  # so that tests in several processes share them
RECORDED = ("bootstrap", "components", "handler", "recording")
RECORDERS = Forks("recording.recorder", PROJECT)
# a program that waits for itself never ends, for example with `depends_on=[component]`
SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration. `waits_for`, `parent` and `provider` are logical names."""

    token: str
    name: str
    parent: str
    provider: str
    account: str
    region: str
    protect: bool
    ignores: tuple[str, ...]
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    waits_for: tuple[str, ...]

    @property
    def physical_name(self) -> str:
        """The resource's name in AWS, or its id if it has no name."""
        return self.outputs.get(resource_type(self.token).named) or self.outputs["id"]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A whole run of the program, in order of registration."""

    stack: str
    resources: tuple[Resource, ...]
    exports: dict[str, Any]
    config: dict[str, str]
    """The stack's configuration by full key, as the engine passes it to the program."""

    def of(self, token: str) -> tuple[Resource, ...]:
        """All resources of a type, such as `aws:sqs/queue:Queue`; there may be none.

        Raises RecordingError for an AWS type that the table lacks and for a component that does not
        exist, because a misspelt type would otherwise read as "none".
        """
        found = tuple(each for each in self.resources if each.token == token)
        if not found:
            resource_type(token)
        return found

    def named(self, name: str, token: str = "") -> Resource:
        """The one resource with this logical name (and of this type, if several share the name)."""
        found = [each for each in self.resources if each.name == name and token in ("", each.token)]
        if len(found) != 1:
            raise RecordingError(
                f"{len(found)} resources of the program are named {name}, not one; its names are "
                + ", ".join(sorted({each.name for each in self.resources}))
            )
        return found[0]


def record(
    stack: str,
    overrides: Mapping[str, Any] | None = None,
    *,
    preview: bool = False,
    project: str = ".",
    stacks: str = "",
) -> Recording:
    """Run the program in a separate process and return what it registered.

    `overrides` replaces configuration values by full key (`thumbx:region`). With `preview` no
    outputs are returned, as in a first preview, so that inputs that depend on outputs are missing.
    `project` is the folder of the project's Pulumi.yaml in this repository; `stacks` is the folder
    of its stack files if they are elsewhere. Raises RecordingError with the program's own words if
    the program fails.
    """
    return _record(
        stack, json.dumps(overrides or {}, sort_keys=True), preview, project, stacks or project
    )


@functools.cache
def _record(stack: str, overrides: str, preview: bool, project: str, stacks: str) -> Recording:
    arguments = [stack, overrides, "--project", project, "--stacks", stacks]
    arguments += ["--preview"] * preview
    read = (PROJECT / project / "Pulumi.yaml", PROJECT / stacks / f"Pulumi.{stack}.yaml")
    kept = (
        KEPT / _sources(*read) / f"{hashlib.sha256(repr(arguments).encode()).hexdigest()[:16]}.json"
    )
    if kept.is_file():
        text = kept.read_text("utf-8")
    else:
        text = _run(arguments)
        kept.parent.mkdir(parents=True, exist_ok=True)
        own = kept.with_suffix(f".{os.getpid()}")
        own.write_text(text, "utf-8")
        own.rename(kept)  # atomically, because tests run in several processes
    found = json.loads(text)
    resources = [
        Resource(**(each | {key: tuple(each[key]) for key in ("ignores", "waits_for")}))
        for each in found["resources"]
    ]
    return Recording(
        stack=stack,
        resources=tuple(resources),
        exports=found["exports"],
        config=configuration(stack, json.loads(overrides), PROJECT / project, PROJECT / stacks),
    )


def _run(arguments: Sequence[str]) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    done = RECORDERS.run(arguments, environment, SECONDS)
    if done.code == -signal.SIGALRM:
        raise RecordingError(f"the program still runs on stack {arguments[0]} after {SECONDS} s")
    if done.code:
        raise RecordingError(f"the program fails on stack {arguments[0]}:\n{done.err.strip()}")
    return done.out


@functools.cache
def _sources(*configured: Path) -> str:
    """A digest of everything that a recording depends on, so that a changed program is recorded
    again.
    """
    digest = hashlib.sha256(sys.version.encode())
    files = [path for folder in RECORDED for path in (PROJECT / folder).rglob("*.py")]
    for pattern in ("*.py", "requirements*.txt"):
        files += PROJECT.glob(pattern)
    for path in sorted(files + [each for each in configured if each.is_file()]):
        digest.update(str(path.relative_to(PROJECT)).encode() + path.read_bytes())
    digest.update(str(sorted(path.name for path in package.LAYERS.glob("*.zip"))).encode())
    return digest.hexdigest()[:16]
