"""The pack's process and the calls that the engine would make."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from tests.policy.examples import PACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.resource import PreviewedResource

# What the engine sends for a text that is not known yet; see pulumi_policy.proxy.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@contextmanager
def running() -> Iterator[Server]:
    """The pack as the engine starts it: unbuffered, in its own folder, a port on its first line."""
    command = [sys.executable, "-u", str(PACK / "__main__.py")]
    with subprocess.Popen(command, cwd=PACK, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = f"127.0.0.1:{int(process.stdout.readline())}"
            with grpc.insecure_channel(address) as channel:
                yield Server(analyzer_pb2_grpc.AnalyzerStub(channel))
        finally:
            process.terminate()


class Server:
    """Asks for what a preview of the resources would report."""

    def __init__(self, stub: Any) -> None:
        self.stub = stub

    def preview(self, resources: Sequence[PreviewedResource]) -> list[Any]:
        """The diagnostics of each resource by itself, then those of the whole stack."""
        found: list[Any] = []
        for each in resources:
            found += self.stub.Analyze(_message(analyzer_pb2.AnalyzeRequest, each)).diagnostics
        whole = analyzer_pb2.AnalyzeStackRequest(
            resources=[_message(analyzer_pb2.AnalyzerResource, each) for each in resources]
        )
        for each, message in zip(resources, whole.resources, strict=True):
            for key, urns in each.refers_to.items():
                message.propertyDependencies[key].urns.extend(urns)
        return found + list(self.stub.AnalyzeStack(whole).diagnostics)


def _message(kind: Any, resource: PreviewedResource) -> Any:
    message = kind(type=resource.type, name=resource.name, urn=resource.urn)
    message.properties.CopyFrom(_struct(resource.properties))
    if resource.provider:
        message.provider.name = resource.provider.name
        message.provider.type = "pulumi:providers:aws"
        message.provider.properties.CopyFrom(_struct(resource.provider.properties))
    return message


def _struct(properties: Any) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(properties), struct_pb2.Struct())
