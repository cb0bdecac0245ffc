"""The Lambda function: its layer, its archive and its environment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.producer import package, wheels
from handler import capacity

if TYPE_CHECKING:
    from components.configuration.schema import Function, Thumbnails

# The alarms and the dashboard find the function's metrics by these names.
METRICS_NAMESPACE = "ThumbX"
METRICS_SERVICE = "thumbx"


@dataclass(frozen=True, kw_only=True)
class ThumbFunctionArgs:
    """The function's settings; `role_arn` is the execution role's ARN, available after its grants.

    `shared_bucket` says that the bucket also holds files that are no pictures; `on_lambda` is false
    on an emulator.
    """

    role_arn: pulumi.Input[str]
    thumbx_role_arn: pulumi.Input[str]
    session_policy: pulumi.Input[str] | None
    bucket_name: pulumi.Input[str]
    bucket_owner: str
    shared_bucket: bool
    refused_queue_url: pulumi.Input[str]
    log_group_name: pulumi.Input[str]
    thumbnails: Thumbnails
    function: Function
    on_lambda: bool


def require_code(architecture: str, *, on_lambda: bool) -> None:
    """Raise LayerError, before the first resource is made, unless layer and archive are built."""
    package.layer_archive(architecture, compiled=on_lambda)
    package.function_archive(architecture, compiled=on_lambda)


class ThumbFunction(pulumi.ComponentResource):
    """The Lambda function and the layer that it needs."""

    arn: pulumi.Output[str]
    name: pulumi.Output[str]
    layer_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: ThumbFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the layer and the function; LayerError if `make layer` was not run."""
        super().__init__("thumbx:producer:ThumbFunction", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        shape = args.function
        if short := capacity.shortage(shape.memory):
            pulumi.warn(short, self)
        layer = aws.lambda_.LayerVersion(
            f"{name}-layer",
            layer_name=f"{name}-{pulumi.get_stack()}",
            description="Pillow, pi-heif and Powertools, built by `make layer`",
            code=package.layer_archive(shape.architecture, compiled=args.on_lambda),
            compatible_architectures=[shape.architecture],
            compatible_runtimes=[wheels.RUNTIME],
            opts=inside,
        )
        function = aws.lambda_.Function(
            f"{name}-function",
            description="Reads an original from account B and writes its thumbnails there",
            runtime=wheels.RUNTIME,
            handler="handler.entry.handler",
            code=package.function_archive(shape.architecture, compiled=args.on_lambda),
            # An emulator runs the function on this machine's Python. A layer would put wheels for
            # Lambda's platform before this machine's packages, and they could not be imported.
            layers=[layer.arn] if args.on_lambda else None,
            role=args.role_arn,
            architectures=[shape.architecture],
            memory_size=shape.memory,
            timeout=shape.timeout,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=_environment(args)),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(
                log_format="JSON",
                log_group=args.log_group_name,
                # Not above INFO, because metrics are lines without a level, which count as INFO.
                # Not below INFO, because Lambda's runtime would set the root logger's level, and
                # botocore then logs credentials.
                application_log_level="INFO",
            ),
            opts=inside,
        )
        self.arn = function.arn
        self.name = function.name
        self.layer_name = layer.layer_name
        self.register_outputs({"arn": self.arn, "name": self.name})


def _environment(args: ThumbFunctionArgs) -> dict[str, pulumi.Input[str]]:
    """Return the function's environment, which `handler.settings` reads."""
    thumbnails = args.thumbnails
    variables: dict[str, pulumi.Input[str]] = {
        "TARGET_ROLE_ARN": args.thumbx_role_arn,
        "BUCKET": args.bucket_name,
        "BUCKET_OWNER": args.bucket_owner,
        "REFUSED_QUEUE_URL": args.refused_queue_url,
        "ORIGINALS_PREFIX": thumbnails.prefixes.originals,
        "THUMBNAILS_PREFIX": thumbnails.prefixes.thumbnails,
        "SIZES": json.dumps(dict(thumbnails.sizes)),
        "FORMATS": ",".join(thumbnails.formats),
        "QUALITY": str(thumbnails.quality),
        "FIT": thumbnails.fit,
        "BACKGROUND": thumbnails.background,
        "ANIMATED": str(thumbnails.animated).lower(),
        "REMOVALS": thumbnails.removals,
        "POWERTOOLS_LOG_LEVEL": args.function.log_level,
        "POWERTOOLS_SERVICE_NAME": METRICS_SERVICE,
        "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
    }
    if args.shared_bucket:
        variables["SHARED_BUCKET"] = "true"
    if thumbnails.cache_control:
        variables["CACHE_CONTROL"] = thumbnails.cache_control
    if args.session_policy is not None:
        variables["SESSION_POLICY"] = args.session_policy
    return variables
