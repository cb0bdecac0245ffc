"""Get and put in the storage account, with exactly these parameters."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from handler.errors import GoneError
from handler.objects import Store
from handler.pictures.errors import FailedError
from handler.pictures.thumbs import Thumbnail
from tests.handler.fake_aws import ANYWHERE, BUCKET, OWNER

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "originals/a.png"
ADDRESS = {"Bucket": BUCKET, "Key": KEY, "ExpectedBucketOwner": OWNER}
THUMBNAIL = Thumbnail(
    name="small", body=b"tiny", content_type="image/webp", extension="webp", width=1, height=1
)


@pytest.fixture(scope="module")
def client() -> Any:
    return botocore.session.Session().create_client("s3", **ANYWHERE)


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    """A stand-in for S3 that gives a test's answers, and checks each parameter."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def store(client: Any) -> Store:
    clients: Any = SimpleNamespace(s3=client, sessions=0, renew=lambda _: False)
    return Store(clients, BUCKET, OWNER)


class Broken(io.RawIOBase):
    """A connection that ends early."""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return b""


def body(stream: Any, size: int) -> dict[str, Any]:
    return {"Body": StreamingBody(stream, size), "ContentLength": size, "ETag": '"e"'}


def test_an_original_is_read_by_key_and_owner(stub: Stubber, store: Store) -> None:
    """Without the owner, a bucket of the same name in another account would answer."""
    stub.add_response("get_object", body(io.BytesIO(b"picture"), 7), ADDRESS)
    with store.open(KEY) as original:
        assert (original.size, original.etag) == (7, '"e"')
        assert original.read() == b"picture"


def test_the_newest_version_is_looked_at_by_key_and_owner(stub: Stubber, store: Store) -> None:
    """A head with the version id would always find the version that the function has read."""
    stub.add_response("head_object", {"ETag": '"e"', "ContentLength": 7}, ADDRESS)
    assert store.etag(KEY) == '"e"'


def test_a_thumbnail_is_put_with_its_type_and_its_originals_etag(
    stub: Stubber, store: Store
) -> None:
    """No ACL, tag or storage class: each would need a grant that the role does not have."""
    expected = {
        "Bucket": BUCKET,
        "Key": "thumbnails/a.png/small.webp",
        "ExpectedBucketOwner": OWNER,
        "Body": b"tiny",
        "ContentType": "image/webp",
        "Metadata": {"original-etag": "e"},
    }
    stub.add_response("put_object", {"ETag": '"t"'}, expected)
    store.write([("thumbnails/a.png/small.webp", THUMBNAIL)], '"e"')


def test_a_thumbnail_is_cached_for_as_long_as_the_stack_says(client: Any, stub: Stubber) -> None:
    """By default there is no such header, as the test above holds parameter by parameter."""
    clients: Any = SimpleNamespace(s3=client, sessions=0, renew=lambda _: False)
    cached = Store(clients, BUCKET, OWNER, "public, max-age=60")
    expected = {
        "Bucket": BUCKET,
        "ExpectedBucketOwner": OWNER,
        "Key": "thumbnails/a.png/small.webp",
        "Body": b"tiny",
        "ContentType": "image/webp",
        "Metadata": {"original-etag": "e"},
        "CacheControl": "public, max-age=60",
    }
    stub.add_response("put_object", {"ETag": '"t"'}, expected)
    cached.write([("thumbnails/a.png/small.webp", THUMBNAIL)], '"e"')


def test_thumbnails_are_listed_by_folder_and_deleted_without_a_version(
    stub: Stubber, store: Store
) -> None:
    """A delete with a version id would destroy the bytes. A delete without the owner could reach
    somebody else's bucket.
    """
    owner = {"Bucket": BUCKET, "ExpectedBucketOwner": OWNER}
    listing = {**owner, "Prefix": "thumbnails/a.png/", "Delimiter": "/"}
    first = {"Contents": [{"Key": "thumbnails/a.png/large.webp"}]}
    more = {"IsTruncated": True, "NextContinuationToken": "next"}
    stub.add_response("list_objects_v2", {**first, **more}, listing)
    second = {"Contents": [{"Key": "thumbnails/a.png/small.webp"}], "IsTruncated": False}
    stub.add_response("list_objects_v2", second, {**listing, "ContinuationToken": "next"})
    assert store.names("thumbnails/a.png/") == ["large.webp", "small.webp"]
    stub.add_response("delete_object", {}, {**owner, "Key": "thumbnails/a.png/small.webp"})
    store.remove(["thumbnails/a.png/small.webp"])


@pytest.mark.parametrize("code", ["NoSuchKey", "404"])
def test_a_missing_original_is_gone(stub: Stubber, store: Store, code: str) -> None:
    """A get says NoSuchKey; a head has no body to say it in."""
    stub.add_client_error("get_object", code, http_status_code=404)
    with pytest.raises(GoneError), store.open(KEY):
        pass


@pytest.mark.parametrize(
    ("code", "status"), [("NoSuchBucket", 404), ("AccessDenied", 403), ("403", 403)]
)
def test_everything_else_is_a_failure_with_its_cause(
    stub: Stubber, store: Store, code: str, status: int
) -> None:
    """A bucket that is missing or locked is no picture that somebody deleted."""
    stub.add_client_error("head_object", code, http_status_code=status)
    with pytest.raises(FailedError, match=f"looking at {KEY} failed: .*{code}") as raised:
        store.etag(KEY)
    assert raised.value.__cause__


def test_a_connection_that_ends_early_is_a_failure(stub: Stubber, store: Store) -> None:
    """Half a picture must not be refused as truncated: the original is whole."""
    stub.add_response("get_object", body(Broken(), 7), ADDRESS)
    with (
        pytest.raises(FailedError, match=f"reading {KEY} failed: 0 read, but total"),
        store.open(KEY) as original,
    ):
        original.read()
