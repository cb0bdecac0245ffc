"""From an upload to its thumbnails, through both accounts; and what becomes of the others."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from recording.program import PROJECT
from sandbox import documents, uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.deployment import Deployment
    from sandbox.uploads import TimedUpload

SAMPLES = PROJECT / "samples"


def body(name: str = "rocket.jpg") -> bytes:
    return (SAMPLES / name).read_bytes()


def upload(deployment: Deployment, name: str, content: bytes) -> TimedUpload:
    made = uploads.prepare(deployment, name, content)
    uploads.send(deployment, made)
    return made


def eventually(found: Callable[[], Any], seconds: float = 30) -> Any:
    """What `found` returns, as soon as that is something."""
    deadline = time.monotonic() + seconds
    while not (result := found()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return result


def waiting(deployment: Deployment, queue: str) -> int:
    """The messages in a queue, those being worked on included."""
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = deployment.sqs.get_queue_attributes(
        QueueUrl=deployment.exports[queue], AttributeNames=names
    )
    return sum(map(int, found["Attributes"].values()))


def log_lines(deployment: Deployment, key: str) -> list[dict[str, Any]]:
    """What the function logged about one object."""
    events = deployment.logs.filter_log_events(logGroupName=deployment.exports["log_group"])
    texts = [event["message"] for event in events["events"]]
    lines = [json.loads(text) for text in texts if text.startswith("{")]
    return [line for line in lines if line.get("key") == key]


def test_an_upload_in_b_becomes_thumbnails_that_only_a_reader_of_b_needs_to_see(
    deployment: Deployment, rocket: TimedUpload
) -> None:
    """This is the whole product: if it fails, nothing else matters."""
    thumbnails = uploads.fetch(deployment, rocket)
    sizes = {}
    for key, content in thumbnails.items():
        with Image.open(io.BytesIO(content)) as image:
            sizes[key] = (image.format, *image.size)
    assert sizes == {
        "thumbnails/rocket.jpg/small.jpg": ("JPEG", 128, 85),
        "thumbnails/rocket.jpg/medium.jpg": ("JPEG", 256, 171),
        "thumbnails/rocket.jpg/large.jpg": ("JPEG", 512, 342),
    }


def test_thumbnails_are_served_as_what_they_are(
    deployment: Deployment, rocket: TimedUpload
) -> None:
    """A browser that gets application/octet-stream downloads the thumbnail and shows nothing."""
    key = rocket.thumbnails["small.jpg"]
    got = deployment.client("s3", "reader").get_object(Bucket=deployment.bucket, Key=key)
    assert got["ContentType"] == "image/jpeg"


@pytest.mark.parametrize(
    "name", ["with space.jpg", "Grüße/été+1 %2B&=.jpg", "日本/写真.jpg", "a/b//c.jpg"]
)
def test_keys_that_need_encoding_arrive_as_they_were(deployment: Deployment, name: str) -> None:
    """Notifications encode keys as forms do; if they are not decoded, such a picture is never
    found.
    """
    made = upload(deployment, name, body("chelsea.png"))
    uploads.wait(deployment, [made])
    assert made.seconds, made.trouble


def test_what_is_no_picture_is_set_aside_once_and_not_tried_again(deployment: Deployment) -> None:
    """If it were tried again, a bad upload would become a dead letter and raise an alarm."""
    made = upload(deployment, "notes.jpg", b"these are notes")
    messages = eventually(
        lambda: [
            message
            for message in uploads.messages(deployment, "refused_queue_url")
            if message["key"] == made.key
        ]
    )
    assert [message["reason"] for message in messages] == ["not-an-image"]
    assert eventually(lambda: waiting(deployment, "queue_url") == 0)
    assert waiting(deployment, "dead_letter_queue_url") == 0
    lines = eventually(lambda: log_lines(deployment, made.key))  # written after the answer
    assert [line["outcome"] for line in lines] == ["refused"]


@pytest.fixture
def hasty(deployment: Deployment) -> Iterator[None]:
    """The upload queue with a visibility timeout of 1 s instead of six minutes."""
    url = deployment.exports["queue_url"]
    before = deployment.sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["VisibilityTimeout"]
    )["Attributes"]
    deployment.sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    yield
    deployment.sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


@pytest.mark.usefixtures("hasty")
def test_what_fails_is_tried_five_times_then_kept_and_can_be_sent_again(
    deployment: Deployment,
) -> None:
    """A picture that is lost on the way to B or stuck in A would have no thumbnails."""
    grants = deployment.documents["grants of ThumbXRole"]
    found = grants.read()
    grants.write(documents.without(found, "ReadOriginals"))
    try:
        made = upload(deployment, "unlucky.jpg", body())
        assert eventually(lambda: waiting(deployment, "dead_letter_queue_url") == 1)
    finally:
        grants.write(found)
    lines = log_lines(deployment, made.key)
    assert [(line["outcome"], line["receives"]) for line in lines] == [
        ("failed", receives) for receives in range(1, 6)
    ]
    (dead,) = uploads.messages(deployment, "dead_letter_queue_url")
    deployment.sqs.send_message(
        QueueUrl=deployment.exports["queue_url"], MessageBody=json.dumps(dead)
    )
    uploads.wait(deployment, [made])
    assert made.seconds, "with the grant back the same message makes the thumbnails"
