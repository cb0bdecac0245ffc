"""Which calls make, change, read and delete which resource type in the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.providers import cloudwatch, events, function, iam, kms, s3, sns, sqs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.providers.definition import Definition

DEFINITIONS: Mapping[str, Definition] = {
    **cloudwatch.DEFINITIONS,
    **events.DEFINITIONS,
    **function.DEFINITIONS,
    **iam.DEFINITIONS,
    **kms.DEFINITIONS,
    **s3.DEFINITIONS,
    **sns.DEFINITIONS,
    **sqs.DEFINITIONS,
}
