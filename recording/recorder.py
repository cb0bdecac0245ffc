"""Makes one recording: runs the program under a monitor that notes what it registers.

`python -m recording.recorder dev` prints the recording as JSON; each process makes only one.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any, cast

import pulumi_aws as aws
from pulumi.output import Unknown
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks

from recording.errors import RecordingError
from recording.program import PROJECT, run
from recording.recording import UNKNOWN, Resource
from recording.resource_types import Chosen, outputs, resource_type


class _Monitor(MockMonitor):
    """Notes what Pulumi does not tell a mock: the parent, protection and dependencies of a
    resource.
    """

    def __init__(self, mocks: _Recorder) -> None:
        super().__init__(mocks)
        self._recorder = mocks

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the protocol fixes the name
        registered: Any = cast("Any", super()).RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self._recorder.note(request)
        return registered


class _Recorder(Mocks):
    """Answers each registration as AWS might, from the table of resource types."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview
        self.resources: list[Resource] = []
        self._made: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {}
        self._places: dict[str, tuple[str, str]] = {}

    def call(self, args: Any) -> Any:
        raise RecordingError(f"the program calls {args.token} while it is being defined")

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs: dict[str, Any] = cast("Any", args).inputs
        if args.typ == "pulumi:providers:aws":
            account = json.loads(inputs["allowedAccountIds"])[0]
            self._places[args.name] = (account, inputs["region"])
        account, region = self._place(args.provider)
        region = inputs.get("region", region)
        mock_outputs: dict[str, Any] = {}
        if args.custom:
            resource_type(args.typ)  # raises for a type that the table lacks, in a preview too
        if args.custom and not self._preview:
            chosen = Chosen(
                name=f"{args.name}-0a1b2c3",
                unique=f"{args.name.upper():0<16.16}",
                account=account,
                region=region,
            )
            mock_outputs = outputs(args.typ, inputs, chosen)
        self._made[args.typ, args.name] = (inputs, mock_outputs)
        return mock_outputs.get("id", args.name), inputs | mock_outputs

    def note(self, request: Any) -> None:
        """Keep one registration; `request` is the engine's RegisterResourceRequest."""
        inputs, mock_outputs = self._made[request.type, request.name]
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
                ignores=tuple(request.ignoreChanges),
                inputs={key: _plain(value) for key, value in inputs.items()},
                outputs=mock_outputs,
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
    """Turn a mock's inputs into JSON: archives become paths, unknown values become a word."""
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
    """Import the program's modules, because pulumi_aws loads a service only when its first type
    is used.
    """
    _ = aws.accessanalyzer.Analyzer, aws.cloudtrail.Trail, aws.cloudwatch.LogGroup, aws.iam.Role
    _ = aws.kms.Key, aws.lambda_.Function, aws.s3.Bucket, aws.sns.Topic, aws.sqs.Queue


def main() -> None:
    """Record the stack that the command line names and print it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("stack", help="the name in Pulumi.<stack>.yaml")
    parser.add_argument("overrides", nargs="?", default="{}", help="a JSON object by full key")
    parser.add_argument("--preview", action="store_true", help="leave every output unknown")
    parser.add_argument("--project", default=".", help="the folder of a Pulumi.yaml")
    parser.add_argument("--stacks", help="the folder of the stack file (that of the project)")
    given = parser.parse_args()
    recorder = _Recorder(preview=given.preview)
    exports = run(
        recorder,
        _Monitor(recorder),
        stack=given.stack,
        overrides=json.loads(given.overrides),
        preview=given.preview,
        project=PROJECT / given.project,
        stacks=PROJECT / (given.stacks or given.project),
    )
    resources = [asdict(each) for each in recorder.resources]
    json.dump({"exports": exports, "resources": resources}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
