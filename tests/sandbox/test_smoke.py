"""The smoke test of a deployment, on the deployment in the sandbox."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pipeline import billing, smoke
from pipeline.errors import PipelineError
from pipeline.smoke import KEY, StackPictures

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.deployment import Deployment


@pytest.fixture(scope="module")
def place(deployment: Deployment) -> StackPictures:
    stack = deployment.stack
    return StackPictures(
        bucket=deployment.bucket,
        owner=stack.storage,
        originals=stack.originals,
        thumbnails=stack.thumbnails,
        names=stack.names,
    )


@pytest.mark.slow
def test_a_picture_comes_back_and_so_does_the_next_one(
    deployment: Deployment, place: StackPictures
):
    """The second run finds the first run's thumbnails, and must not count them as its own."""
    uploader, reader = (deployment.client("s3", who) for who in ("uploader", "reader"))
    thumbnails = f"{place.thumbnails}{KEY}/{place.names[0]}"
    versions: list[str] = []
    for _ in range(2):
        assert 0 < smoke.smoke(place, uploader, reader, 30) < 30
        versions.append(reader.head_object(Bucket=place.bucket, Key=thumbnails)["VersionId"])
    assert versions[0] != versions[1]


@pytest.mark.slow
def test_what_a_picture_cost_is_read_from_its_own_invocation(
    deployment: Deployment, place: StackPictures, tmp_path: Path
):
    """Users compare architectures on their own pictures: another invocation's bill misleads."""
    mine = tmp_path / "mine.jpg"
    mine.write_bytes(smoke.PICTURE.read_bytes())
    uploader, reader = (deployment.client("s3", who) for who in ("uploader", "reader"))
    logs = deployment.clients.client("logs", deployment.stack.producer, deployment.stack.region)
    group, began = deployment.exports["log_group"], time.time() - 1
    smoke.smoke(place, uploader, reader, 30)
    smoke.smoke(place, uploader, reader, 30, mine)
    keys = [f"{place.originals}smoke/{name}" for name in ("rocket.jpg", "mine.jpg")]
    first, second = (billing.billed(logs, group, key, began) for key in keys)
    assert first
    assert second
    assert first.request != second.request
    assert first.milliseconds > 0
    said = billing.sentence(logs, group, keys[1], began, "x86_64")
    assert re.fullmatch(
        rf"billed {second.milliseconds:.0f} ms of {second.size} MB on x86_64 \(.*\): \$0\.0\d+ by"
        r" the list price of us-east-1, .*",
        said.replace(f", {second.used} MB used", ""),
    )


@pytest.mark.slow
def test_an_uploader_who_is_none_is_told_so(deployment: Deployment, place: StackPictures):
    reader = deployment.client("s3", "reader")
    with pytest.raises(
        PipelineError, match=r"could not be uploaded: .*AccessDenied.*one of thumbx"
    ):
        smoke.smoke(place, reader, reader, 1)


@pytest.mark.slow
def test_a_reader_who_is_none_is_told_so(deployment: Deployment, place: StackPictures):
    """The reader is refused, and cannot distinguish that from a picture that never came."""
    uploader: Any = deployment.client("s3", "uploader")
    with pytest.raises(PipelineError, match=r"or the reader is not one of thumbx:access.readers"):
        smoke.smoke(place, uploader, uploader, 1)


@pytest.mark.slow
def test_thumbnails_that_do_not_come_are_named(deployment: Deployment, place: StackPictures):
    """A key below another prefix reaches no function; the test waits no longer than it says."""
    names = [*place.names, "poster.jpg"]
    more = replace(place, names=names)
    uploader, reader = (deployment.client("s3", who) for who in ("uploader", "reader"))
    with pytest.raises(PipelineError, match=rf"no new .*{KEY}/poster.jpg after 3 s; the function"):
        smoke.smoke(more, uploader, reader, 3)
