"""The environment of the function, right and wrong."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from handler.errors import SettingsError
from handler.pictures.limits import Limits
from handler.pictures.thumbs import Plan
from handler.settings import FunctionSettings, read_settings
from tests.handler.conftest import ENVIRONMENT
from tests.handler.fake_aws import BUCKET, OWNER, REFUSED_QUEUE_URL, ROLE_ARN


def test_the_environment_becomes_settings() -> None:
    """Each field is compared, because two exchanged fields would write pictures to the wrong
    place.
    """
    assert read_settings(ENVIRONMENT) == FunctionSettings(
        role_arn=ROLE_ARN,
        bucket=BUCKET,
        bucket_owner=OWNER,
        refused_queue_url=REFUSED_QUEUE_URL,
        originals="originals/",
        thumbnails="thumbnails/",
        plan=Plan(
            sizes={"large": 48, "medium": 24, "small": 12},
            formats=("png",),
            quality=80,
            fit="inside",
            background="#ffffff",
            animated=False,
        ),
        follow=False,
        memory=1769,
        limits=Limits(megabytes=1769),
        max_bytes=80 * 2**20,
        shared=False,
        session_policy="",
        cache_control="",
        log_level="INFO",
    )


def test_animation_the_byte_limit_and_following_can_be_set() -> None:
    """Most users leave each of these at its default."""
    changed = {"ANIMATED": "true", "MAX_BYTES": "1000", "REMOVALS": "follow"}
    settings = read_settings({**ENVIRONMENT, **changed})
    assert settings.plan.animated
    assert settings.follow
    assert settings.max_bytes == 1000


def test_settings_do_not_change() -> None:
    """A container serves many batches with them."""
    settings = read_settings(ENVIRONMENT)
    with pytest.raises(FrozenInstanceError):
        settings.bucket = "another"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("TARGET_ROLE_ARN", "ThumbXRole", "it must match arn:aws"),
        ("TARGET_ROLE_ARN", "arn:aws:iam::222222222222:user/me", "it must match arn:aws"),
        ("BUCKET", "", "it must match .+"),
        ("BUCKET_OWNER", "22222222222", r"it must match \d{12}"),
        ("REFUSED_QUEUE_URL", "refused", "it must match https?://.+"),
        ("ORIGINALS_PREFIX", "originals", "it must match (.+/)?"),
        ("THUMBNAILS_PREFIX", "", "it must match .+/"),
        ("SIZES", "", "it must be a JSON object"),
        ("SIZES", "{", "it must be a JSON object"),
        ("SIZES", "{}", "it must be a JSON object"),
        ("SIZES", "[256]", "it must be a JSON object"),
        ("SIZES", '{"small": 0}', "it must be a JSON object"),
        ("SIZES", '{"small": "256"}', "it must be a JSON object"),
        ("SIZES", '{"small": true}', "it must be a JSON object"),
        ("SIZES", '{"../small": 256}', "it must be a JSON object"),
        ("FORMATS", "", "it must be one or more of jpeg"),
        ("FORMATS", "gif", "it must be one or more of jpeg"),
        ("FORMATS", "jpeg,jpeg", "it must be one or more of jpeg"),
        ("FORMATS", "jpeg, webp", "it must be one or more of jpeg"),
        ("QUALITY", "0", "it must be a whole number, 1 to 100"),
        ("QUALITY", "101", "it must be a whole number, 1 to 100"),
        ("QUALITY", "best", "it must be a whole number, 1 to 100"),
        ("FIT", "fill", "it must match inside|cover|exact"),
        ("BACKGROUND", "white", "it must match #[0-9a-fA-F]{6}"),
        ("ANIMATED", "yes", "it must match true|false"),
        ("REMOVALS", "delete", "it must match keep|follow"),
        ("MAX_BYTES", "-1", "it must be a whole number"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "64", "it must be a whole number, 128 to 10240"),
        ("POWERTOOLS_LOG_LEVEL", "LOUD", "it must match DEBUG|INFO|WARNING|ERROR|CRITICAL"),
        ("POWERTOOLS_SERVICE_NAME", "", "it must match .+"),
        ("POWERTOOLS_METRICS_NAMESPACE", "", "it must match .+"),
    ],
)
def test_a_wrong_value_is_named_with_what_it_should_be(name: str, value: str, wanted: str) -> None:
    """Lambda shows the sentence for a container that does not start, and nothing else."""
    with pytest.raises(SettingsError) as raised:
        read_settings({**ENVIRONMENT, name: value})
    (sentence,) = str(raised.value).splitlines()
    assert sentence.startswith(f"environment variable {name} is {value!r}; {wanted}")


def test_everything_missing_is_reported_at_once() -> None:
    """If only the first fault were reported, each fault would need another deployment."""
    with pytest.raises(SettingsError) as raised:
        read_settings({})
    required = [
        name
        for name in ENVIRONMENT
        if name == "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" or not name.startswith("AWS_")
    ]
    named = [line.split(" ")[2] for line in str(raised.value).splitlines()]
    assert sorted(named) == sorted(required)
    assert all("is not set" in line for line in str(raised.value).splitlines())
