"""The preflight's reports on EventBridge's switch and on versions, from the bucket's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from pipeline import events
from pipeline.clients import client_of
from pipeline.errors import PipelineError
from recording.program import settings_from
from tests.recorded import configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.configuration.settings import Settings

ON: dict[str, Any] = {"EventBridgeConfiguration": {}}
FOLLOW = {"storage.bucket": "theirs", "thumbnails.removals": "follow"}


def asked(
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    answer: Mapping[str, Any] | str,
    options: Mapping[str, Any],
) -> None:
    """Run the check against an S3 that gives this answer, or this error code."""
    settings: Settings = settings_from(configuration("dev", options))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")

    def client(account: Any, service: str) -> Any:
        made = client_of(type(account)(id=account.id, region=account.region), service)
        stub = Stubber(made)
        if isinstance(answer, str):
            stub.add_client_error(operation, answer)
        else:
            stub.add_response(operation, dict(answer))
        stub.activate()
        return made

    monkeypatch.setattr(events, "client_of", client)
    events.check(settings, "thumbx-images-1a2b3c4")


def test_a_switch_that_is_on_and_not_in_the_options_stops_the_update(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`up` would turn it off, and whoever listens would hear nothing and see no error."""
    with pytest.raises(PipelineError) as refusal:
        asked(monkeypatch, "get_bucket_notification_configuration", ON, {})
    assert str(refusal.value) == (
        "thumbx-images-1a2b3c4 sends its events to EventBridge, and thumbx:storage.eventBridge is "
        "false, so `up` would turn it off, and its subscribers would get no more events; set it to "
        "true, or turn it off yourself when there are no subscribers"
    )


@pytest.mark.parametrize("answer", [{}, "AccessDenied"])
def test_a_switch_that_is_off_or_cannot_be_seen_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, answer: Mapping[str, Any] | str
) -> None:
    asked(monkeypatch, "get_bucket_notification_configuration", answer, {})


def test_with_the_option_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, "get_bucket_versioning", {}, {"storage.eventBridge": True})


def test_removals_are_not_followed_in_a_bucket_without_versions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is deleted there is gone."""
    with pytest.raises(PipelineError, match="theirs keeps no versions"):
        asked(monkeypatch, "get_bucket_versioning", {"Status": "Suspended"}, FOLLOW)
    asked(monkeypatch, "get_bucket_versioning", {"Status": "Enabled"}, FOLLOW)
