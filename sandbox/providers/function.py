"""The function, its event source, and its log group."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pulumi

from sandbox.errors import SandboxError
from sandbox.providers.definition import Call, Definition
from sandbox.providers.request import Created, ResourceRequest


def log_group(request: ResourceRequest) -> Created:
    """A log group; its ARN has no `:*` at the end, as the provider's has none."""
    name = request.need("name")
    logs = request.target.client("logs")
    logs.create_log_group(logGroupName=name)
    retention = request.take("retentionInDays")
    if retention:
        logs.put_retention_policy(logGroupName=name, retentionInDays=retention)
    arn = f"arn:aws:logs:{request.target.region}:{request.target.account}:log-group:{name}"
    return Created(id=name, outputs={"name": name, "arn": arn})


def function(request: ResourceRequest) -> Created:
    """A function from the zipped archive."""
    made = request.target.client("lambda").create_function(
        FunctionName=request.need("name"),
        Code={"ZipFile": zipped(request.need("code"))},
        **_configuration(request),
        **request.present(Architectures="architectures"),
    )
    name, arn = made["FunctionName"], made["FunctionArn"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
    return Created(id=name, outputs={"name": name, "arn": arn, "qualifiedArn": f"{arn}:$LATEST"})


def change_function(request: ResourceRequest, name: str) -> None:
    """Change its code, then its other settings."""
    client = request.target.client("lambda")
    client.update_function_code(
        FunctionName=name,
        ZipFile=zipped(request.need("code")),
        **request.present(Architectures="architectures"),
    )
    client.update_function_configuration(FunctionName=name, **_configuration(request))


def _configuration(request: ResourceRequest) -> dict[str, Any]:
    settings = request.present(
        Description="description", MemorySize="memorySize", Runtime="runtime", Timeout="timeout"
    )
    logging = request.take("loggingConfig")
    if logging:
        settings["LoggingConfig"] = {key[:1].upper() + key[1:]: logging[key] for key in logging}
    environment = request.take("environment", {})
    settings["Environment"] = {"Variables": environment.get("variables", {})}
    return settings | {"Role": request.need("role"), "Handler": request.need("handler")}


def event_source(request: ResourceRequest) -> Created:
    """The queue that feeds the function."""
    made = request.target.client("lambda").create_event_source_mapping(
        EventSourceArn=request.need("eventSourceArn"),
        FunctionName=request.need("functionName"),
        **_mapping(request),
    )
    uuid = made["UUID"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
    return Created(id=uuid, outputs={"uuid": uuid})


def change_event_source(request: ResourceRequest, uuid: str) -> None:
    """Change how the queue is read, and by which function."""
    request.target.client("lambda").update_event_source_mapping(
        UUID=uuid, FunctionName=request.need("functionName"), **_mapping(request)
    )


def _mapping(request: ResourceRequest) -> dict[str, Any]:
    settings = request.present(
        BatchSize="batchSize",
        Enabled="enabled",
        FunctionResponseTypes="functionResponseTypes",
        MaximumBatchingWindowInSeconds="maximumBatchingWindowInSeconds",
    )
    scaling = request.take("scalingConfig")
    if scaling:
        settings["ScalingConfig"] = {"MaximumConcurrency": scaling["maximumConcurrency"]}
    return settings


def change_log_group(request: ResourceRequest, name: str) -> None:
    """Change how long it keeps its lines."""
    logs = request.target.client("logs")
    retention = request.take("retentionInDays")
    if retention:
        logs.put_retention_policy(logGroupName=name, retentionInDays=retention)
    else:
        logs.delete_retention_policy(logGroupName=name)


def zipped(archive: Any) -> bytes:
    """The zip file that the provider would upload for a Pulumi archive."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in sorted(_files(archive, "")):
            bundle.writestr(name, content)
    return body.getvalue()


def _files(asset: Any, name: str) -> list[tuple[str, bytes]]:
    match asset:
        case pulumi.StringAsset():
            return [(name, asset.text.encode())]
        case pulumi.FileAsset():
            return [(name, Path(asset.path).read_bytes())]
        case pulumi.AssetArchive():
            return [
                pair
                for inner, value in asset.assets.items()
                for pair in _files(value, f"{name}/{inner}" if name else inner)
            ]
        case pulumi.FileArchive() if Path(asset.path).is_dir():
            root = Path(asset.path)
            return [
                (str(Path(name, path.relative_to(root))), path.read_bytes())
                for path in root.rglob("*")
                if path.is_file()
            ]
        case _:
            raise SandboxError(
                f"the sandbox cannot zip {type(asset).__name__} for '{name}'; it takes "
                "directories, files and texts (sandbox/providers/function.py)"
            )


DEFINITIONS = {
    "aws:cloudwatch/logGroup:LogGroup": Definition(
        create=log_group,
        update=change_log_group,
        read=(Call("logs", "describe_log_groups", ("logGroupNamePrefix",), expects="logGroups"),),
        delete=Call("logs", "delete_log_group", ("logGroupName",)),
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Definition(
        create=event_source,
        update=change_event_source,
        read=(Call("lambda", "get_event_source_mapping", ("UUID",)),),
        delete=Call("lambda", "delete_event_source_mapping", ("UUID",)),
    ),
    "aws:lambda/function:Function": Definition(
        create=function,
        update=change_function,
        read=(
            Call("lambda", "get_function", ("FunctionName",)),
            Call("lambda", "list_versions_by_function", ("FunctionName",)),
        ),
        delete=Call("lambda", "delete_function", ("FunctionName",)),
    ),
}
