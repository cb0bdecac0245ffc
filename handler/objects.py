"""Originals and thumbnails in the storage account's bucket."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from handler.errors import GoneError
from handler.session import translated

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

    from handler.pictures.thumbs import Thumbnail

# HEAD has no body, so botocore has only the status to go by. NoSuchBucket is 404 too, but no
# picture that somebody deleted: it stays a failure.
GONE = ("NoSuchKey", "404")


@dataclass(frozen=True, kw_only=True)
class Original:
    """An original of which only the headers were read so far; `size` in bytes."""

    key: str
    size: int
    etag: str
    stream: StreamingBody

    def read(self) -> bytes:
        """The picture's bytes. Raises FailedError when the connection does not last."""
        with translated(f"reading {self.key}"):
            return self.stream.read()


class Store:
    """The bucket, as ThumbXRole sees it: get originals, put thumbnails.

    The bucket's owner goes along with every call: should the bucket be deleted and its name be
    taken by somebody else, S3 refuses instead of handing our users' pictures to a stranger.
    """

    def __init__(self, s3: S3Client, bucket: str, owner: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._owner = owner
        # Of one picture and of several: a put mostly waits. Threads start only when needed.
        self._puts = ThreadPoolExecutor(max_workers=16, thread_name_prefix="put")

    @contextmanager
    def open(self, key: str) -> Generator[Original]:
        """The newest version of an original, its bytes not yet read.

        Raises GoneError if there is none, FailedError otherwise.
        """
        with self._calling(f"getting {key}"):
            response = self._s3.get_object(
                Bucket=self._bucket, Key=key, ExpectedBucketOwner=self._owner
            )
        stream = response["Body"]
        try:
            yield Original(
                key=key, size=response["ContentLength"], etag=response["ETag"], stream=stream
            )
        finally:
            stream.close()

    def etag(self, key: str) -> str:
        """The ETag of the newest version. Raises GoneError if there is none.

        HeadObject needs no grant beside s3:GetObject.
        """
        with self._calling(f"looking at {key}"):
            response = self._s3.head_object(
                Bucket=self._bucket, Key=key, ExpectedBucketOwner=self._owner
            )
        return response["ETag"]

    def write(self, thumbnails: Sequence[tuple[str, Thumbnail]], original_etag: str) -> None:
        """Put thumbnails at their keys, at once. Raises FailedError if one of the puts fails.

        Returns only when all have ended: a put left behind could come after that of a later round
        and leave an old thumbnail.
        """
        puts = [
            self._puts.submit(self._put, key, thumbnail, original_etag)
            for key, thumbnail in thumbnails
        ]
        wait(puts)
        for put in puts:
            put.result()

    def _put(self, key: str, thumbnail: Thumbnail, original_etag: str) -> None:
        with self._calling(f"putting {key}"):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                ExpectedBucketOwner=self._owner,
                Body=thumbnail.body,
                ContentType=thumbnail.content_type,
                # Needs no grant beside s3:PutObject, and says which picture this was made of.
                Metadata={"original-etag": original_etag.strip('"')},
            )

    @contextmanager
    def _calling(self, action: str) -> Generator[None]:
        with translated(action):
            try:
                yield
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in GONE:
                    raise GoneError(f"{action}: there is no such object") from error
                raise
