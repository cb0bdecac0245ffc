"""Originals and thumbnails in the storage account's bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from handler.error_codes import STALE, code_of, meaning
from handler.errors import BrokenOffError, GoneError
from handler.pictures.errors import FailedError
from handler.session import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from botocore.response import StreamingBody

    from handler.pictures.thumbs import Thumbnail
    from handler.session import Clients

T = TypeVar("T")

HEAD = 1024  # bytes; every format that is read shows by fewer what it is


@dataclass(frozen=True, kw_only=True)
class Original:
    """An original of which only the headers have been read; `size` is in bytes."""

    key: str
    size: int
    etag: str
    stream: StreamingBody

    def begins(self) -> bytes:
        """Its first bytes, by which it is known whether it is a picture; `read` is then too late.

        Raises FailedError where they cannot be read.
        """
        with translated(f"reading {self.key}"):
            return self.stream.read(HEAD)

    def read(self) -> bytes:
        """The picture's bytes. Raises BrokenOffError if the connection ends early."""
        try:
            with translated(f"reading {self.key}"):
                return self.stream.read()
        except FailedError as error:
            raise BrokenOffError(str(error)) from error


class Store:
    """The bucket, with ThumbXRole's permissions: get originals, put thumbnails, delete them if
    allowed.

    Every call names the bucket's owner: if the bucket is deleted and somebody else takes its name,
    S3 refuses the call and our users' pictures do not go to a stranger.
    """

    def __init__(self, clients: Clients, bucket: str, owner: str, cache_control: str = "") -> None:
        self._clients = clients
        self._bucket = bucket
        self._owner = owner
        # S3 takes no empty header.
        self._headers: dict[str, Any] = {"CacheControl": cache_control} if cache_control else {}
        # Threads for puts and deletes of all pictures, which mostly wait. Threads start only when
        # needed.
        self._changes = ThreadPoolExecutor(max_workers=16, thread_name_prefix="change")

    @contextmanager
    def open(self, key: str) -> Generator[Original]:
        """The newest version of an original; its bytes are not read yet.

        Raises GoneError if there is none, RefusedError if it can never be read, FailedError
        otherwise.
        """
        response = self._call(
            f"getting {key}",
            lambda: self._clients.s3.get_object(
                Bucket=self._bucket, Key=key, ExpectedBucketOwner=self._owner
            ),
        )
        stream = response["Body"]
        try:
            _check_picture(key, response["ContentLength"])
            yield Original(
                key=key, size=response["ContentLength"], etag=response["ETag"], stream=stream
            )
        finally:
            stream.close()

    def etag(self, key: str) -> str:
        """The ETag of the newest version. Raises GoneError if there is none.

        HeadObject needs no grant in addition to s3:GetObject.
        """
        response = self._call(
            f"looking at {key}",
            lambda: self._clients.s3.head_object(
                Bucket=self._bucket, Key=key, ExpectedBucketOwner=self._owner
            ),
        )
        _check_picture(key, response["ContentLength"])
        return response["ETag"]

    def names(self, folder: str) -> list[str]:
        """The names of the objects directly in a folder, a prefix that ends in a slash."""
        listing: dict[str, Any] = {
            "Bucket": self._bucket,
            "Prefix": folder,
            "Delimiter": "/",
            "ExpectedBucketOwner": self._owner,
        }
        found: list[str] = []
        while True:
            page = self._call(
                f"listing {folder}", lambda: self._clients.s3.list_objects_v2(**listing)
            )
            found += [each.get("Key", "").removeprefix(folder) for each in page.get("Contents", [])]
            if not page["IsTruncated"]:
                return found
            listing["ContinuationToken"] = page["NextContinuationToken"]

    def remove(self, keys: Sequence[str]) -> None:
        """Delete objects in parallel; never a version. Raises FailedError if one is not deleted.

        It returns only when all deletions have ended, for the same reason as `write`.
        """
        deletes = [self._changes.submit(self._remove, key) for key in keys]
        wait(deletes)
        for delete in deletes:
            delete.result()

    def write(self, thumbnails: Sequence[tuple[str, Thumbnail]], original_etag: str) -> None:
        """Put thumbnails at their keys in parallel. Raises FailedError if one of the puts fails.

        It returns only when all puts have ended, because a late put could come after one of a later
        round and leave an old thumbnail.
        """
        puts = [
            self._changes.submit(self._put, key, thumbnail, original_etag)
            for key, thumbnail in thumbnails
        ]
        wait(puts)
        for put in puts:
            put.result()

    def _remove(self, key: str) -> None:
        self._call(
            f"deleting {key}",
            lambda: self._clients.s3.delete_object(
                Bucket=self._bucket, Key=key, ExpectedBucketOwner=self._owner
            ),
        )

    def _put(self, key: str, thumbnail: Thumbnail, original_etag: str) -> None:
        self._call(
            f"putting {key}",
            lambda: self._clients.s3.put_object(
                Bucket=self._bucket,
                Key=key,
                ExpectedBucketOwner=self._owner,
                Body=thumbnail.body,
                ContentType=thumbnail.content_type,
                # This needs no grant in addition to s3:PutObject, and says which picture the
                # thumbnail was made from.
                Metadata={"original-etag": original_etag.strip('"')},
                **self._headers,
            ),
        )

    def _call(self, action: str, call: Callable[[], T]) -> T:
        """Call S3, and again with new credentials if the old ones may have caused the error."""
        session = self._clients.sessions
        with translated(action):
            try:
                try:
                    return call()
                except ClientError as error:
                    if not (code_of(error) in STALE and self._clients.renew(session)):
                        raise
                return call()
            except ClientError as error:
                raise meaning(error, action) from error


def _check_picture(key: str, size: int) -> None:
    """Raise GoneError for the empty object that S3's console makes for a folder."""
    if size == 0 and key.endswith("/"):
        raise GoneError(f"{key} is a folder and not a picture")
