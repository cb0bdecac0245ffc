"""Serves the resource providers to Pulumi's real engine over gRPC, as an AWS plugin does.

`PULUMI_DEBUG_PROVIDERS=aws:PORT` makes the engine attach every provider of a program to this port,
each over its own channel, so a provider's configuration belongs to its channel.
"""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from recording.errors import RecordingError
from recording.resource_types import resource_type
from sandbox.errors import SandboxError
from sandbox.providers.resource_providers import ServiceRefusalError
from sandbox.providers.tags import TAGS, ProviderTags
from sandbox.providers.target import ProviderAccount
from sandbox.providers.values import UNKNOWN, from_wire, is_unknown, to_wire

if TYPE_CHECKING:
    from collections.abc import Generator

    from sandbox.providers.resource_providers import ResourceProviders

VERSION = "7.51.1"
_DEFAULTS = "__defaults"  # the inputs that the provider filled in, in the format of Pulumi's bridge
_IN_NO_REGION = ("aws:iam/", "aws:cloudwatch/dashboard:")


class EngineServer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine; every call is about one resource of one provider."""

    def __init__(self, providers: ResourceProviders, delay: float = 0.0) -> None:
        """`delay` is the most seconds that a call waits; each call draws a new number."""
        self.calls: list[tuple[str, str]] = []
        """Create, Update and Delete with the logical name, in order."""
        self._providers = providers
        self._delay = delay
        self._configured: dict[str, tuple[ProviderAccount, ProviderTags]] = {}

    # Names are those of the protocol; each method takes a request and a context.
    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        schema = json.dumps({"name": "aws", "version": VERSION})
        return provider_pb2.GetSchemaResponse(schema=schema)

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accept_outputs=True
        )

    def Attach(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        """A provider's arguments change in place; the version among them is ignored."""
        old, new = from_wire(request.olds), from_wire(request.news)
        changed = [key for key in {*old, *new} - {"version"} if old.get(key) != new.get(key)]
        return _difference(changed, [])

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        given = from_wire(request.args)
        given.pop("version", None)
        with _refusing(context):
            account = ProviderAccount("aws", given)
        self._configured[context.peer()] = account, ProviderTags.read(given)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=True, acceptOutputs=True
        )

    def Check(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Fill in the physical name and the tags that the resource will have."""
        token, name = _of(request)
        inputs, old = from_wire(request.news), from_wire(request.olds)
        try:
            kind = resource_type(token)
        except RecordingError as error:
            failure = provider_pb2.CheckFailure(reason=str(error))
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        defaults: list[str] = []
        if kind.named and kind.named not in inputs:
            digits = random.Random(bytes(request.randomSeed)).randbytes(4).hex()[:7]  # noqa: S311
            kept = old.get(kind.named) if kind.named in old.get(_DEFAULTS, []) else None
            inputs[kind.named] = kept or f"{name}-{digits}"
            defaults.append(kind.named)
        if kind.tagged:
            inputs[TAGS] = self._of(context)[1].all(inputs.get("tags"))
        return provider_pb2.CheckResponse(inputs=to_wire(inputs | {_DEFAULTS: defaults}))

    def Diff(self, request: Any, context: Any) -> Any:  # noqa: N802
        token, _ = _of(request)
        target, _ = self._of(context)
        old, new = from_wire(request.old_inputs), from_wire(request.news)
        named_by_program = [] if new.pop(_DEFAULTS, []) else [resource_type(token).named]
        old.pop(_DEFAULTS, None)
        found = self._providers.diff(token, old, new)
        changed, replaced = list(found.changed), list(found.replaced_by)
        was = from_wire(request.olds).get("region")
        if was and was != (new.get("region") or target.region):
            changed.append("region")
            replaced.append("region")
        # A resource with a name from the program is deleted first, because otherwise its name would
        # be taken.
        first = bool(replaced) and any(key in new for key in named_by_program)
        return _difference(changed, replaced, delete_first=first)

    def Create(self, request: Any, context: Any) -> Any:  # noqa: N802
        token, name = _of(request)
        target, _ = self._of(context)
        inputs = from_wire(request.properties)
        inputs.pop(_DEFAULTS, None)
        if request.preview:
            kind = resource_type(token)
            added = dict.fromkeys([*(["arn"] if kind.arn else []), *kind.outputs], UNKNOWN)
            return provider_pb2.CreateResponse(properties=to_wire(added | inputs))
        self._call("Create", name)
        with _refusing(context):
            if is_unknown(inputs):
                raise ServiceRefusalError(f"{name} depends on values that are not known yet")
            made = self._providers.create(token, name, inputs, target)
        state = inputs | dict(made.outputs) | _region(token, inputs, target)
        return provider_pb2.CreateResponse(id=made.id, properties=to_wire(state))

    def Update(self, request: Any, context: Any) -> Any:  # noqa: N802
        token, name = _of(request)
        target, tags = self._of(context)
        inputs, old = from_wire(request.news), from_wire(request.olds)
        inputs.pop(_DEFAULTS, None)
        kind = resource_type(token)
        kept = {"arn", "id", "region", *kind.outputs}
        state = {key: value for key, value in old.items() if key in kept} | inputs
        if not request.preview:
            self._call("Update", name)
            with _refusing(context):
                region = _where(old, target)
                given = tags.left(inputs, self._providers.read(token, request.id, region, target))
                self._providers.update(token, request.id, region, given, target)
        return provider_pb2.UpdateResponse(properties=to_wire(state))

    def Read(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Read the current resource: the inputs that the state has, with their current values."""
        token, _ = _of(request)
        target, tags = self._of(context)
        state, inputs = from_wire(request.properties), from_wire(request.inputs)
        with _refusing(context):
            found = self._providers.read(token, request.id, _where(state, target), target)
        if found is None:
            return provider_pb2.ReadResponse()
        seen = tags.seen(found.inputs)
        known = {key: seen[key] for key in inputs if key in seen}
        defaults = {_DEFAULTS: inputs[_DEFAULTS]} if _DEFAULTS in inputs else {}
        now = state | seen | found.outputs
        return provider_pb2.ReadResponse(
            id=request.id, properties=to_wire(now), inputs=to_wire(known | defaults)
        )

    def Delete(self, request: Any, context: Any) -> Any:  # noqa: N802
        token, name = _of(request)
        target, _ = self._of(context)
        self._call("Delete", name)
        with _refusing(context):
            region = _where(from_wire(request.properties), target)
            self._providers.delete(token, request.id, region, target)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002
        failure = provider_pb2.CheckFailure(
            reason=f"the sandbox does not answer the call {request.tok}"
        )
        return provider_pb2.InvokeResponse(failures=[failure])

    def _of(self, context: Any) -> tuple[ProviderAccount, ProviderTags]:
        return self._configured[context.peer()]

    def _call(self, operation: str, name: str) -> None:
        time.sleep(random.random() * self._delay)  # noqa: S311
        self.calls.append((operation, name))


@contextmanager
def serving(server: EngineServer) -> Generator[int]:
    """Serve on a free port of this machine until the block ends; yields the port."""
    size = 256 << 20  # a layer is sent as its path, its hash and its size
    grpc_server = grpc.server(
        ThreadPoolExecutor(16),
        options=[("grpc.max_receive_message_length", size), ("grpc.max_send_message_length", size)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(server, grpc_server)
    port = grpc_server.add_insecure_port("127.0.0.1:0")
    grpc_server.start()
    try:
        yield port
    finally:
        grpc_server.stop(grace=None).wait()


@contextmanager
def _refusing(context: Any) -> Generator[None]:
    """Return a refusal as the error that the engine prints; any other error is a bug."""
    try:
        yield
    except (ServiceRefusalError, RecordingError, SandboxError) as error:
        _abort(context, str(error))


def _abort(context: Any, words: str) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, words)
    raise AssertionError("abort raises")


def _of(request: Any) -> tuple[str, str]:
    """Type and logical name in a URN, `…::<parents>$<type>::<name>`."""
    *_, types, name = request.urn.split("::")
    return types.rpartition("$")[2], name


def _where(state: dict[str, Any], target: ProviderAccount) -> str:
    return state.get("region") or target.region


def _region(token: str, inputs: dict[str, Any], target: ProviderAccount) -> dict[str, str]:
    """The resource's region, which the provider stores, except for global resources."""
    if token.startswith(_IN_NO_REGION):
        return {}
    return {"region": inputs.get("region") or target.region}


def _difference(changed: list[str], replaced: list[str], *, delete_first: bool = False) -> Any:
    response = provider_pb2.DiffResponse
    return response(
        changes=response.DIFF_SOME if changed else response.DIFF_NONE,
        diffs=changed,
        replaces=replaced,
        deleteBeforeReplace=delete_first,
    )
