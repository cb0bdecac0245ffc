"""What platform teams ask for beyond least privilege, each off until it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.configuration import checks

if TYPE_CHECKING:
    from components.configuration.reader import Configuration

# A Signature Version 4 lasts seven days at most, so a longer limit would limit nothing.
LONGEST_SIGNATURE_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, kw_only=True)
class Security:
    """`session_policy` bounds each container's session of ThumbXRole.

    `presigned_minutes` is the age beyond which a presigned URL or form is refused, 0 for no limit.
    """

    session_policy: bool
    presigned_minutes: int


def read_security(config: Configuration) -> Security:
    """Read the keys of this group; faults are recorded in `config`."""
    return Security(
        session_policy=config.read("sessionPolicy", checks.boolean),
        presigned_minutes=config.read(
            "presignedMinutes", checks.whole(0, LONGEST_SIGNATURE_MINUTES, "minutes")
        ),
    )
