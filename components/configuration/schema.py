"""Groups of options about pictures, the function, security and retention.

Each option has its check, default and meaning; `python -m components.configuration` prints them as
docs/options.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.configuration import checks, containers
from components.configuration.options import option
from handler.folder import FOLLOW, KEEP, REMOVALS
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

    `originals` is empty where all of a bucket that was there before is originals, but for the
    thumbnails.
    """

    originals: str
    thumbnails: str


@dataclass(frozen=True, kw_only=True)
class Thumbnails:
    """What the function makes of one original, and the prefixes of both."""

    sizes: Mapping[str, int] = option(
        containers.sizes,
        {"small": 128, "medium": 256, "large": 512},
        "The thumbnails of each picture: a name (a-z, 0-9 and `-`; it becomes the file's name) "
        "and the longest side in pixels, 1 to 4096; 1 to 10 of them. By default a list cell, a "
        "card and a preview. Setting it replaces all three.",
    )
    format: str = option(
        checks.choice(*ENCODERS),
        "jpeg",
        f"One of {', '.join(ENCODERS)}. JPEG opens everywhere, mail included; webp and avif are "
        "smaller and keep transparency.",
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
        "or `exact` (the whole picture on a square of the background). None enlarges.",
    )
    background: str = option(
        checks.colour,
        "#ffffff",
        "`'#rrggbb'`, in quotes, or YAML takes it for a comment: what jpeg shows behind "
        "transparency, and `exact` around the picture. White, as most pages are.",
    )
    animated: bool = option(
        checks.boolean,
        False,
        "Keep animations moving; webp only. Off, because every frame costs time and bytes.",
    )
    cache_control: str = option(
        checks.cache_control,
        "",
        "The Cache-Control header of each thumbnail, such as `'max-age=86400'`: how long browsers "
        "and a CDN keep it. None, because a picture that is uploaded again under its name then "
        "shows its old thumbnails for as long. A change is for new thumbnails; `make reconcile` "
        "with `--all` makes the old ones again.",
    )
    originals_prefix: str = option(
        checks.prefix_or_all,
        "originals/",
        "Where uploads go; ends in a slash. Filter, grants and function all take it from here. "
        "`''` is the whole bucket but for the thumbnails, for one that was there before "
        "(storage.bucket).",
    )
    thumbnails_prefix: str = option(
        checks.prefix,
        "thumbnails/",
        "Where thumbnails go; ends in a slash. It must not overlap with originalsPrefix, or each "
        "thumbnail would be taken for an upload.",
    )

    removals: str = option(
        checks.choice(*REMOVALS),
        KEEP,
        "What becomes of thumbnails when their original is deleted and no older version comes to "
        "light: `keep`, or `follow`, which deletes them and lets ThumbXRole list and delete "
        "thumbnails, never a version. keep, so that whoever takes the role over deletes nothing. "
        "Deleted is not erased: a deletion leaves a marker, and the bytes of picture and "
        "thumbnails go retention.versionDays later. To erase a picture for good, an administrator "
        "deletes it, then each of its versions, the marker last, then each version below its "
        "folder of thumbnails: docs/security.md has the commands.",
    )

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
        "MB, 128 to 10240. Lambda gives processor by memory, and 1769 is one whole vCPU; with "
        "less, pictures take longer and cost the same.",
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
        "`x86_64` or `arm64`; `make layer` builds for it. What is measured is measured on x86_64. "
        "arm64 costs 4 % less by docs/handler.md where its vCPU is as fast, has no SIMD for "
        "resampling and HEIC, and loses where it is 3 to 23 % slower: compare by `make smoke`.",
    )
    concurrency: int = option(
        checks.whole(2, 1000, "functions at once"),
        10,
        "How many copies of the function run at once, 2 to 1000 (Lambda's limits). Few, because "
        "all functions of an account share one quota, small in a new account: a flood of uploads "
        "waits in the queue and starves nothing else.",
    )
    log_level: str = option(
        checks.choice(*LOG_LEVELS),
        "INFO",
        f"One of {', '.join(LOG_LEVELS)}. INFO has one line for each picture; the audit needs it.",
    )


@dataclass(frozen=True, kw_only=True)
class Security:
    """Restrictions that platform teams ask for in addition to least privilege."""

    session_policy: bool = option(
        checks.boolean,
        False,
        "Bound each container's session of ThumbXRole by today's grants, so that whatever somebody "
        "else attaches to the role does not reach the function. Off, because it says the same "
        "twice. The prefixes may then have 200 characters at most (60 where thumbnails.removals is "
        "follow), because STS takes no longer policy.",
    )
    presigned_minutes: int = option(
        checks.whole(0, LONGEST_SIGNATURE_MINUTES, "minutes"),
        0,
        "Minutes after which a presigned URL, or the form of a presigned POST, is refused, "
        f"whatever lifetime it was given: 1 to {LONGEST_SIGNATURE_MINUTES}, or 0 for no limit but "
        "that lifetime. 0, because only uploaders and readers can sign one that works, and they "
        "know how long theirs must live.",
    )
    one_account: bool = option(
        checks.boolean,
        False,
        "Allow producer and storage to be the same account. Off, because two equal ids are more "
        "often a slip than a wish.",
    )


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long things are kept, in days."""

    log_days: int = option(
        checks.days_of(LOG_DAYS),
        90,
        "The function's log and the events of alarms; one of the numbers that CloudWatch Logs "
        "offers. 90, as long as CloudTrail's event history: a session found there still has its "
        "log lines.",
    )
    version_days: int = option(
        checks.whole(1, 3650, "days"),
        30,
        "How long an overwritten or deleted picture can still be brought back, 1 to 3650. A "
        "month, so that somebody back from holiday can still notice.",
    )
    trail_days: int = option(
        checks.whole(1, 3650, "days"),
        365,
        "The trail's files, 1 to 3650. A year, as long as most auditors ask about; 100,000 events "
        "take some 15 MB, $0.0003 a month.",
    )
