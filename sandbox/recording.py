"""What the program registers: resources with their inputs, provider and order, and no AWS.

The policies that tests, linters and the access matrix read are the recorded program's, not
documents built beside it. `python -m sandbox.recording dev` prints a recording as JSON.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import pulumi_aws as aws
from pulumi.output import Unknown
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks

from components import package
from sandbox.answers import answer
from sandbox.errors import SandboxError
from sandbox.forks import Forks
from sandbox.program import PROJECT, configuration, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNKNOWN = "(unknown)"  # stands for an input that waits for an output, in a preview
KEPT = PROJECT / "build" / "recordings"  # so that tests in several processes share them
RECORDED = ("bootstrap", "components", "handler", "sandbox")
RECORDERS = Forks("sandbox.recording", PROJECT)
SECONDS = 60  # a program waiting for itself, as `depends_on=[component]` makes it, never ends


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
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    waits_for: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A whole run of the program, in order of registration."""

    stack: str
    resources: tuple[Resource, ...]
    exports: dict[str, Any]
    config: dict[str, str]
    """What the program was told, by full key, as the engine hands it over."""

    def of(self, token: str) -> tuple[Resource, ...]:
        """All resources of a type, such as `aws:sqs/queue:Queue`."""
        return tuple(each for each in self.resources if each.token == token)

    def named(self, name: str, token: str = "") -> Resource:
        """The one resource of this logical name (of this type, where names are shared)."""
        found = [each for each in self.resources if each.name == name and token in ("", each.token)]
        if len(found) != 1:
            raise SandboxError(
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
) -> Recording:
    """Run the program in a process of its own and return what it registered.

    `overrides` replaces configuration values by full key (`thumbx:region`); `preview` answers
    nothing, as a first preview does, so that inputs made of outputs are missing. `project` is
    the folder of its Pulumi.yaml in this repository. Raises SandboxError with the program's own
    words where it fails.
    """
    return _record(stack, json.dumps(overrides or {}, sort_keys=True), preview, project)


@functools.cache
def _record(stack: str, overrides: str, preview: bool, project: str) -> Recording:
    arguments = [stack, overrides, "--project", project, *["--preview"] * preview]
    kept = KEPT / _sources() / f"{hashlib.sha256(repr(arguments).encode()).hexdigest()[:16]}.json"
    if kept.is_file():
        text = kept.read_text("utf-8")
    else:
        text = _run(arguments)
        kept.parent.mkdir(parents=True, exist_ok=True)
        own = kept.with_suffix(f".{os.getpid()}")
        own.write_text(text, "utf-8")
        own.rename(kept)  # at once, because tests run in several processes
    found = json.loads(text)
    resources = [
        Resource(**(each | {"waits_for": tuple(each["waits_for"])})) for each in found["resources"]
    ]
    return Recording(
        stack=stack,
        resources=tuple(resources),
        exports=found["exports"],
        config=configuration(stack, json.loads(overrides), PROJECT / project),
    )


def _run(arguments: Sequence[str]) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    done = RECORDERS.run(arguments, environment, SECONDS)
    if done.code == -signal.SIGALRM:
        raise SandboxError(f"the program still runs on stack {arguments[0]} after {SECONDS} s")
    if done.code:
        raise SandboxError(f"the program fails on stack {arguments[0]}:\n{done.err.strip()}")
    return done.out


@functools.cache
def _sources() -> str:
    """A digest of all that a recording depends on: a changed program is recorded anew."""
    digest = hashlib.sha256(sys.version.encode())
    files = [path for folder in RECORDED for path in (PROJECT / folder).rglob("*.py")]
    for pattern in ("*.py", "Pulumi*.yaml", "bootstrap/Pulumi*.yaml", "requirements*.txt"):
        files += PROJECT.glob(pattern)
    for path in sorted(files):
        digest.update(str(path.relative_to(PROJECT)).encode() + path.read_bytes())
    digest.update(str(sorted(path.name for path in package.LAYERS.glob("*.zip"))).encode())
    return digest.hexdigest()[:16]


class _Monitor(MockMonitor):
    """Notes what a mock is not told: parent, protection and what a resource waits for."""

    def __init__(self, mocks: _Recorder) -> None:
        super().__init__(mocks)
        self._recorder = mocks

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name of the protocol
        answer: Any = cast("Any", super()).RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self._recorder.note(request)
        return answer


class _Recorder(Mocks):
    """Answers each registration as AWS might, and refuses a type that it does not know."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview
        self.resources: list[Resource] = []
        self._made: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {}
        self._places: dict[str, tuple[str, str]] = {}

    def call(self, args: Any) -> Any:
        raise SandboxError(f"the program calls {args.token} while it is being defined")

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs: dict[str, Any] = cast("Any", args).inputs
        if args.typ == "pulumi:providers:aws":
            account = json.loads(inputs["allowedAccountIds"])[0]
            self._places[args.name] = (account, inputs["region"])
        account, region = self._place(args.provider)
        region = inputs.get("region", region)
        outputs = answer(args.typ, args.name, inputs, account, region) if args.custom else {}
        if self._preview:
            outputs = {}
        self._made[args.typ, args.name] = (inputs, outputs)
        return outputs.get("id", args.name), inputs | outputs

    def note(self, request: Any) -> None:
        """Keep one registration; `request` is the engine's RegisterResourceRequest."""
        inputs, outputs = self._made[request.type, request.name]
        account, region = self._place(request.provider)
        self.resources.append(
            Resource(
                token=request.type,
                name=request.name,
                parent=_name(request.parent),
                provider=_provider(request.provider),
                account=account,
                region=inputs.get("region", region),
                protect=request.protect,
                inputs={key: _plain(value) for key, value in inputs.items()},
                outputs=outputs,
                waits_for=tuple(sorted({_name(each) for each in request.dependencies} - {""})),
            )
        )

    def _place(self, provider: str | None) -> tuple[str, str]:
        return self._places.get(_provider(provider or ""), ("", ""))


def _provider(reference: str) -> str:
    """The logical name in a provider reference, `<urn>::<id>`."""
    return _name(reference.rpartition("::")[0])


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _plain(value: Any) -> Any:
    """Turn what a mock is given into JSON: archives into paths, unknowns into a word."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[Any]", value)]
    if isinstance(value, Unknown):
        return UNKNOWN
    if hasattr(value, "assets"):
        return {name: _plain(asset) for name, asset in value.assets.items()}
    if hasattr(value, "path"):
        return {"path": str(value.path)}
    return value


def warm_up() -> None:
    """Import what the program will: pulumi_aws loads a service when its first type is asked for."""
    _ = aws.accessanalyzer.Analyzer, aws.cloudtrail.Trail, aws.cloudwatch.LogGroup, aws.iam.Role
    _ = aws.kms.Key, aws.lambda_.Function, aws.s3.Bucket, aws.sns.Topic, aws.sqs.Queue


def main() -> None:
    """Record the stack that the command line names and print it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("stack", help="the name in Pulumi.<stack>.yaml")
    parser.add_argument("overrides", nargs="?", default="{}", help="a JSON object by full key")
    parser.add_argument("--preview", action="store_true", help="leave every output unknown")
    parser.add_argument("--project", default=".", help="the folder of a Pulumi.yaml")
    given = parser.parse_args()
    recorder = _Recorder(preview=given.preview)
    exports = run(
        recorder,
        _Monitor(recorder),
        stack=given.stack,
        overrides=json.loads(given.overrides),
        preview=given.preview,
        project=PROJECT / given.project,
    )
    resources = [asdict(each) for each in recorder.resources]
    json.dump({"exports": exports, "resources": resources}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
