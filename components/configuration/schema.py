"""Groups of options about pictures, the function, security and retention.

Each option has its check, default and meaning; `python -m components.configuration` prints them as
docs/options.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.configuration import checks, containers
from components.configuration.options import option
from handler.folder import FOLLOW, KEEP, REMOVALS, file_names
from handler.pictures.formats import ENCODERS
from handler.pictures.geometry import FITS

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# The values that CloudWatch Logs accepts in PutRetentionPolicy; "never" is not allowed here.
LOG_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
# A Signature Version 4 is valid for seven days at most, so a longer limit would have no effect.
LONGEST_SIGNATURE_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, kw_only=True)
class Prefixes:
    """The prefix of originals in the bucket and the prefix of thumbnails; each ends in a slash.

    `originals` is empty if every object of an existing bucket except the thumbnails is an original.
    """

    originals: str
    thumbnails: str


@dataclass(frozen=True, kw_only=True)
class Thumbnails:
    """The thumbnails that the function makes of one original, and the prefixes of both."""

    sizes: Mapping[str, int] = option(
        containers.sizes,
        {"small": 128, "medium": 256, "large": 512},
        "The thumbnails of each picture: a name (a-z, 0-9 and `-`; it becomes the file's name) "
        "and the longest side in pixels, 1 to 4096; 1 to 10 of them. The default sizes suit a "
        "list cell, a card and a preview. Setting it replaces all three.",
    )
    formats: tuple[str, ...] = option(
        containers.each(checks.choice(*ENCODERS), empty=False),
        ("jpeg",),
        f"The formats of each size, of {', '.join(ENCODERS)}: `small.jpg` and `small.webp` in one "
        "folder, from the same pixels. JPEG opens everywhere, mail included; webp and avif are "
        "smaller and keep transparency. One, because each more costs the puts and bytes of all "
        "sizes once again.",
    )
    quality: int = option(
        checks.whole(1, 100),
        80,
        "1 to 100, for jpeg, webp and avif. Above 80, files grow faster than anyone can see.",
    )
    fit: str = option(
        checks.choice(*FITS),
        "inside",
        "`inside` (the whole picture, longest side as given), `cover` (a square, cut to fill it) "
        "or `exact` (the whole picture on a square of the background). No picture is enlarged.",
    )
    background: str = option(
        checks.colour,
        "#ffffff",
        "`'#rrggbb'`, in quotes, because YAML takes an unquoted # for a comment. It is the colour "
        "that jpeg shows behind transparency, and `exact` around the picture. White, because most "
        "pages are white.",
    )
    animated: bool = option(
        checks.boolean,
        False,
        "Keep animations moving in webp; the other formats show a still. Off, because every frame "
        "costs time and bytes.",
    )
    cache_control: str = option(
        checks.cache_control,
        "",
        "The Cache-Control header of each thumbnail, such as `'max-age=86400'`: how long browsers "
        "and a CDN keep it. None by default, because browsers would show the old thumbnails for "
        "that long after a picture is uploaded again under the same name. A change applies to new "
        "thumbnails; `make reconcile` with `--all` makes the existing ones again.",
    )
    originals_prefix: str = option(
        checks.prefix_or_all,
        "originals/",
        "The prefix of originals; it ends in a slash. The event filter, the grants and the "
        "function all take it from here. `''` means the whole bucket except the thumbnails, and "
        "is allowed only for an existing bucket (storage.bucket).",
    )
    thumbnails_prefix: str = option(
        checks.prefix,
        "thumbnails/",
        "The prefix of thumbnails; it ends in a slash. It must not overlap with originalsPrefix, "
        "because each thumbnail would then be taken for an upload.",
    )

    removals: str = option(
        checks.choice(*REMOVALS),
        KEEP,
        "Whether the thumbnails of a deleted original are kept (`keep`) or deleted (`follow`). "
        "With `follow`, the thumbnails are deleted if no older version of the original becomes "
        "current, and ThumbXRole may list and delete thumbnails, but never a version. keep by "
        "default, so that somebody who gets hold of the role can delete nothing. A deletion "
        "leaves a marker and does not erase: the bytes of picture and thumbnails are erased "
        "retention.versionDays later. To erase a picture at once, an administrator deletes it, "
        "then each of its versions, the marker last, then each version below its folder of "
        "thumbnails: docs/security.md has the commands.",
    )

    @property
    def names(self) -> tuple[str, ...]:
        """The file names of a picture's thumbnails, such as `small.jpg`."""
        return file_names(self.sizes, self.formats)

    @property
    def follow(self) -> bool:
        """Whether the thumbnails of a deleted original are deleted."""
        return self.removals == FOLLOW

    @property
    def prefixes(self) -> Prefixes:
        """Both prefixes."""
        return Prefixes(originals=self.originals_prefix, thumbnails=self.thumbnails_prefix)


@dataclass(frozen=True, kw_only=True)
class Function:
    """The size of the Lambda function, and how many of it run at once."""

    memory: int = option(
        checks.whole(128, 10240, "MB"),
        1769,
        "MB, 128 to 10240. Lambda gives processor time in proportion to memory, and 1769 MB gives "
        "one whole vCPU. With less memory, pictures take longer and cost the same.",
    )
    timeout: int = option(
        # The function reserves one second of each timeout for the report about the batch.
        checks.whole(3, 900, "seconds"),
        60,
        "Seconds for one batch, 3 to 900. The queue hides a message for six times as long, so a "
        "longer timeout also delays retries.",
    )
    architecture: str = option(
        checks.choice("arm64", "x86_64"),
        "x86_64",
        "`x86_64` or `arm64`; `make layer` builds for it. All figures are measured on x86_64. "
        "arm64 has no SIMD for resampling and no HEIC. It costs 4 % less if its vCPU is as fast, "
        "and more if it is 3 to 23 % slower (docs/handler.md): compare by `make smoke`.",
    )
    concurrency: int = option(
        checks.whole(2, 1000, "functions at once"),
        10,
        "How many copies of the function run at once, 2 to 1000 (Lambda's limits). The default is "
        "low, because all functions of an account share one quota, which is small in a new "
        "account: with few copies, very many uploads wait in the queue and take nothing from "
        "other functions.",
    )
    log_level: str = option(
        checks.choice(*LOG_LEVELS),
        "INFO",
        f"One of {', '.join(LOG_LEVELS)}. INFO writes one line for each picture, which the audit "
        "needs.",
    )


@dataclass(frozen=True, kw_only=True)
class Security:
    """Restrictions that platform teams ask for in addition to least privilege."""

    session_policy: bool = option(
        checks.boolean,
        False,
        "Limit each container's session of ThumbXRole to the program's grants, so that a grant "
        "that somebody else attaches to the role does not reach the function. Off, because it "
        "repeats what the role's grants say. Each prefix may then have at most 200 characters (60 "
        "if thumbnails.removals is follow), because STS accepts no longer session policy.",
    )
    presigned_minutes: int = option(
        checks.whole(0, LONGEST_SIGNATURE_MINUTES, "minutes"),
        0,
        "The age in minutes after which a presigned URL, or the form of a presigned POST, is "
        f"refused, whatever lifetime its signer gave it: 1 to {LONGEST_SIGNATURE_MINUTES}, or 0 "
        "for that lifetime alone. 0 by default, because only uploaders and readers can sign one "
        "that works, and they know how long theirs must be valid.",
    )
    one_account: bool = option(
        checks.boolean,
        False,
        "Allow producer and storage to be the same account. Off, because two equal ids are "
        "usually a mistake.",
    )


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long things are kept, in days."""

    log_days: int = option(
        checks.days_of(LOG_DAYS),
        90,
        "How many days the function's log and the events of alarms are kept; one of the numbers "
        "that CloudWatch Logs offers. 90 by default, as long as CloudTrail's event history, so "
        "that a session that is found there still has its log lines.",
    )
    version_days: int = option(
        checks.whole(1, 3650, "days"),
        30,
        "How many days an overwritten or deleted picture can still be restored, 1 to 3650. A "
        "month by default, so that somebody who was on holiday can still notice the loss.",
    )
    trail_days: int = option(
        checks.whole(1, 3650, "days"),
        365,
        "How many days the trail's files are kept, 1 to 3650. A year by default, because most "
        "auditors ask about a year; 100,000 events take about 15 MB, which cost $0.0003 a month.",
    )
