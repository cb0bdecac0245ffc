"""Pulumi's real engine with our providers attached: a folder for its files, and a pretend cloud."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import yaml

from recording.forks import Forks
from recording.program import PROJECT, override
from sandbox.cloud.things import Cloud
from sandbox.providers.engine_server import EngineServer, serving
from sandbox.providers.resource_providers import ResourceProviders
from tests.recorded import STACKS, configuration

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from sandbox.cloud.things import Thing

SECONDS = 240
_FORKS = Forks("tests.engine.operation", PROJECT)


class Start(Protocol):
    """Starts an engine on a stack of the tests; see `engine`."""

    def __call__(self, stack: str, **arguments: Any) -> Engine: ...


class EngineError(Exception):
    """What the engine printed when an operation failed."""


@dataclass(frozen=True)
class Step:
    """One thing that the engine does or, in a preview, would do."""

    operation: str
    type: str
    name: str
    diffs: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What an operation did."""

    steps: tuple[Step, ...]
    violations: tuple[tuple[str, str], ...]
    """Rules of a policy pack with what they say; the operation failed where there are any."""

    def names(self, operation: str, kind: str = "") -> set[str]:
        """The logical names of the steps of one operation, of one type."""
        return {
            each.name
            for each in self.steps
            if each.operation == operation and kind in ("", each.type)
        }


@dataclass
class Engine:
    """One stack of one project, and the cloud that it is in."""

    folder: Path
    stack: str
    cloud: Cloud
    server: EngineServer
    port: int
    project: str = "."
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """Options that differ from the tests' stack file, by their path (`storage.deletable`)."""
    layers: str = "layer"
    """The folder of build/ in which the layers are."""
    environment: dict[str, str] = field(default_factory=dict[str, str])
    """Variables beside those of the tests; none of AWS is handed on."""

    def preview(self, **arguments: Any) -> Result:
        """`pulumi preview`."""
        return self._run("preview", arguments)

    def up(self, **arguments: Any) -> Result:
        """`pulumi up`."""
        return self._run("up", arguments)

    def destroy(self, *, skip_preview: bool = False, **arguments: Any) -> Result:
        """`pulumi destroy`, which makes a preview first and stops at protected resources."""
        if not skip_preview:
            self._run("destroy", arguments | {"preview_only": True})
        return self._run("destroy", arguments)

    def clean(self) -> None:
        """A preview that refreshes first and finds nothing to do; EngineError if it finds
        something.
        """
        self._run("preview", {"refresh": True, "expect_no_changes": True})

    def unprotect(self, urn: str) -> None:
        """`pulumi state unprotect`, which pulumi.automation does not offer."""
        words = ["pulumi", "state", "unprotect", urn, "--yes", "--stack", self.stack]
        variables = os.environ | self.variables()
        subprocess.run(words, cwd=self.folder, env=variables, check=True, capture_output=True)

    def state(self) -> str:
        """The state as the backend keeps it."""
        (kept,) = (self.folder / "state" / ".pulumi" / "stacks").glob(f"*/{self.stack}.json")
        return kept.read_text("utf-8")

    def outputs(self) -> dict[str, Any]:
        """What the program exported at the last update."""
        (stack,) = [each for each in self.resources() if each["type"] == "pulumi:pulumi:Stack"]
        return stack["outputs"]

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state."""
        return json.loads(self.state())["checkpoint"]["latest"]["resources"]

    def urns(self) -> list[str]:
        """The URN of each."""
        return [each["urn"] for each in self.resources()]

    def variables(self) -> dict[str, str]:
        """The variables that make Pulumi's command line use this stack and our provider."""
        return {
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DEBUG_PROVIDERS": f"aws:{self.port}",
            # The state is written at the end and not after each step: a third less time.
            "PULUMI_EXPERIMENTAL": "1",
            "PULUMI_SKIP_CHECKPOINTS": "1",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
        }

    def named(self, name: str, token: str = "") -> Thing:
        """The one thing in the cloud of this logical name."""
        found = [each for each in self.cloud if each.name == name and token in ("", each.token)]
        (thing,) = found
        return thing

    def _run(self, operation: str, arguments: dict[str, Any]) -> Result:
        self._write_stack()
        request = {
            "folder": str(self.folder),
            "project": self.project,
            "name": self._declared()["name"],
            "stack": self.stack,
            "operation": operation,
            "layers": self.layers,
            "arguments": arguments,
            "environment": self.variables(),
        }
        environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS")}
        environment |= request["environment"] | self.environment
        ended = _FORKS.run([json.dumps(request)], environment, SECONDS)
        if ended.code:
            raise EngineError(f"{operation} ended with {ended.code}:\n{_telling(ended.err)}")
        found = json.loads(ended.out)
        steps = [Step(**(each | {"diffs": tuple(each["diffs"])})) for each in found["steps"]]
        violations = tuple((rule, message) for rule, message in found["violations"])
        return Result(tuple(steps), violations)

    def _declared(self) -> dict[str, Any]:
        return yaml.safe_load((self.folder / "Pulumi.yaml").read_text("utf-8"))

    def _write_stack(self) -> None:
        """The tests' stack file with the options; the salt that the engine wrote is kept."""
        path = self.folder / f"Pulumi.{self.stack}.yaml"
        given = PROJECT / STACKS / self.project / path.name
        content = yaml.safe_load(given.read_text("utf-8")) if given.is_file() else {"config": {}}
        for option, value in self.options.items():
            override(content["config"], option, value, self._declared()["name"])
        kept = yaml.safe_load(path.read_text("utf-8")) if path.is_file() else {}
        salt = {key: value for key, value in kept.items() if key != "config"}
        path.write_text(yaml.safe_dump(content | salt), "utf-8")


def _telling(output: str) -> str:
    """The lines that report changes or errors, without the hundred or so lines about
    unchanged resources.
    """
    kept = [line for line in output.splitlines() if not re.search(r" refresh(ing)?$", line)]
    signs = ("~", "+", "-")
    start = next((n for n, line in enumerate(kept) if line.startswith("Diagnostics")), len(kept))
    changes = [line for line in kept[:start] if line.strip().startswith(signs)]
    rest = [line for line in kept[:start] if "error" in line and line not in changes]
    return "\n".join(changes + rest + kept[start:]) or output


@contextmanager
def engine(
    folder: Path,
    stack: str,
    *,
    options: Mapping[str, Any] | None = None,
    project: str = ".",
    delay: float = 0.0,
    server: type[EngineServer] = EngineServer,
) -> Generator[Engine]:
    """An engine on a stack of the tests, with its own cloud and its own copy of the checkout.

    In the copy, folders are links, because the engine writes only beside Pulumi.yaml.
    """
    for each in ("build", "handler"):
        (folder / each).symlink_to(PROJECT / each)
    shutil.copy(PROJECT / project / "Pulumi.yaml", folder)
    for name in ("home", "state"):
        (folder / name).mkdir()
    cloud = Cloud(outside=people(stack, options or {}, project))
    serves = server(ResourceProviders(cloud), delay)
    with serving(serves) as port:
        yield Engine(folder, stack, cloud, serves, port, project, dict(options or {}))


def people(stack: str, options: Mapping[str, Any], project: str = ".") -> set[str]:
    """Every ARN in the configuration: these resources exist and are not the program's."""
    if not (PROJECT / STACKS / project / f"Pulumi.{stack}.yaml").is_file():
        return set()
    text = "\n".join(configuration(stack, options, project).values())
    return {word for word in text.replace('"', " ").split() if word.startswith("arn:")}
