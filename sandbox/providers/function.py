"""The function, what feeds it, and where it logs."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pulumi

from sandbox.errors import SandboxError
from sandbox.providers.request import Created, Order


def log_group(order: Order) -> Created:
    """A log group; its ARN has no `:*` at the end, as the provider's has none."""
    name = order.physical_name()
    logs = order.target.client("logs")
    logs.create_log_group(logGroupName=name)
    retention = order.take("retentionInDays")
    if retention:
        logs.put_retention_policy(logGroupName=name, retentionInDays=retention)
    arn = f"arn:aws:logs:{order.target.region}:{order.target.account}:log-group:{name}"
    return Created(id=name, outputs={"name": name, "arn": arn})


def function(order: Order) -> Created:
    """A function from the zipped archive."""
    environment = order.take("environment", {})
    logging = order.take("loggingConfig")
    settings = order.present(
        Architectures="architectures",
        Description="description",
        MemorySize="memorySize",
        Runtime="runtime",
        Timeout="timeout",
    )
    if logging:
        settings["LoggingConfig"] = {key[:1].upper() + key[1:]: logging[key] for key in logging}
    made = order.target.client("lambda").create_function(
        FunctionName=order.physical_name(),
        Role=order.need("role"),
        Handler=order.need("handler"),
        Code={"ZipFile": zipped(order.need("code"))},
        Environment={"Variables": environment.get("variables", {})},
        **settings,
    )
    name, arn = made["FunctionName"], made["FunctionArn"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
    return Created(id=name, outputs={"name": name, "arn": arn, "qualifiedArn": f"{arn}:$LATEST"})


def event_source(order: Order) -> Created:
    """The queue that feeds the function."""
    settings = order.present(
        BatchSize="batchSize",
        Enabled="enabled",
        FunctionResponseTypes="functionResponseTypes",
        MaximumBatchingWindowInSeconds="maximumBatchingWindowInSeconds",
    )
    scaling = order.take("scalingConfig")
    if scaling:
        settings["ScalingConfig"] = {"MaximumConcurrency": scaling["maximumConcurrency"]}
    made = order.target.client("lambda").create_event_source_mapping(
        EventSourceArn=order.need("eventSourceArn"),
        FunctionName=order.need("functionName"),
        **settings,
    )
    uuid = made["UUID"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
    return Created(id=uuid, outputs={"uuid": uuid})


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
