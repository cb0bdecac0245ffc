"""The function's environment, read once, checked and frozen."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from handler.errors import SettingsError
from handler.folder import FOLLOW, REMOVALS
from handler.pictures.formats import ENCODERS
from handler.pictures.geometry import FITS
from handler.pictures.limits import Limits
from handler.pictures.thumbs import Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SIZES_WANTED = 'must be a JSON object from name to longest side in pixels, like {"small": 256}'
FORMATS_WANTED = f"must be one or more of {', '.join(ENCODERS)}, each once, with commas between"


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """The function's settings, from its environment.

    `memory` is the function's size in MB, as Lambda reports it; `limits` follow from it.
    `max_bytes` is the size of the largest original.
    `follow` says whether the thumbnails of a deleted original are deleted.
    `shared` says whether the bucket also holds files that are no pictures.
    `cache_control` the header of each thumbnail, or empty;
    `session_policy` is a JSON document that limits ThumbXRole's sessions, or empty.
    """

    role_arn: str
    bucket: str
    bucket_owner: str
    refused_queue_url: str
    originals: str
    thumbnails: str
    plan: Plan
    follow: bool
    memory: int
    limits: Limits
    max_bytes: int
    shared: bool
    session_policy: str
    cache_control: str
    log_level: str


def read_settings(environment: Mapping[str, str]) -> FunctionSettings:
    """Check the environment; raise one SettingsError that names every fault, one on each line."""
    reader = _Reader(environment)
    memory = reader.number("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 128, 10_240)
    limits = Limits(megabytes=memory)
    settings = FunctionSettings(
        role_arn=reader.matching("TARGET_ROLE_ARN", r"arn:aws[a-z-]*:iam::\d{12}:role/.+"),
        bucket=reader.matching("BUCKET", r".+"),
        bucket_owner=reader.matching("BUCKET_OWNER", r"\d{12}"),
        refused_queue_url=reader.matching("REFUSED_QUEUE_URL", r"https?://.+"),
        originals=reader.matching("ORIGINALS_PREFIX", r"(.+/)?"),
        thumbnails=reader.matching("THUMBNAILS_PREFIX", r".+/"),
        plan=Plan(
            sizes=reader.parsed("SIZES", _parse_sizes, SIZES_WANTED) or {},
            formats=reader.parsed("FORMATS", _parse_formats, FORMATS_WANTED) or (),
            quality=reader.number("QUALITY", 1, 100),
            fit=reader.matching("FIT", "|".join(FITS)),
            background=reader.matching("BACKGROUND", r"#[0-9a-fA-F]{6}"),
            animated=reader.matching("ANIMATED", "true|false") == "true",
        ),
        follow=reader.matching("REMOVALS", "|".join(REMOVALS)) == FOLLOW,
        memory=memory,
        limits=limits,
        max_bytes=reader.number("MAX_BYTES", 1, 5 * 10**12, default=limits.bytes),
        shared=environment.get("SHARED_BUCKET") == "true",
        session_policy=environment.get("SESSION_POLICY", ""),
        cache_control=environment.get("CACHE_CONTROL", ""),
        log_level=reader.matching("POWERTOOLS_LOG_LEVEL", "|".join(LEVELS)),
    )
    # Powertools reads these itself, but would report a missing one at the first image and not at
    # the start.
    reader.matching("POWERTOOLS_SERVICE_NAME", r".+")
    reader.matching("POWERTOOLS_METRICS_NAMESPACE", r".+")
    if reader.faults:
        raise SettingsError("\n".join(reader.faults))
    return settings


class _Reader:
    """Reads variables and collects faults; the value of a faulty variable is never used."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[str] = []

    def matching(self, name: str, pattern: str) -> str:
        value = self._environment.get(name)
        if value is None or not re.fullmatch(pattern, value):
            self._fault(name, f"must match {pattern}")
        return value or ""

    def number(self, name: str, low: int, high: int, default: int | None = None) -> int:
        if default is not None and name not in self._environment:
            return default

        def parse(text: str) -> int:
            if not low <= int(text) <= high:
                raise ValueError
            return int(text)

        return self.parsed(name, parse, f"must be a whole number, {low} to {high}") or 0

    def parsed(self, name: str, parse: Callable[[str], T], wanted: str) -> T | None:
        try:
            return parse(self._environment.get(name, ""))
        except ValueError:
            self._fault(name, wanted)
            return None

    def _fault(self, name: str, wanted: str) -> None:
        value = self._environment.get(name)
        found = "is not set" if value is None else f"is {value!r}"
        self.faults.append(f"environment variable {name} {found}; it {wanted}")


def _parse_sizes(text: str) -> Mapping[str, int]:
    """SIZES: a JSON object from name (part of the output key) to longest side in pixels."""
    sizes: object = json.loads(text)
    if not isinstance(sizes, dict) or not sizes:
        raise ValueError
    for name, side in cast("dict[str, object]", sizes).items():
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or type(side) is not int or side < 1:
            raise ValueError
    return cast("dict[str, int]", sizes)


def _parse_formats(text: str) -> tuple[str, ...]:
    """FORMATS: names of ENCODERS with commas between, each once."""
    formats = tuple(text.split(","))
    if len(set(formats)) < len(formats) or not ENCODERS.keys() >= set(formats):
        raise ValueError
    return formats
