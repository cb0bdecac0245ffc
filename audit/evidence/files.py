"""The files of a trail, in a folder or in S3, read one record at a time."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

from audit.accounts.errors import AuditError, aws_errors
from audit.accounts.permissions import STORAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from audit.accounts.clients import AccountClients
    from audit.evidence.events import Record
    from audit.evidence.window import Window

CHUNK = 1 << 20  # characters that are held at a time, beside one record
OPENING = 1000  # characters, in which the list of Records must have begun
LONGEST_RECORD = 16 << 20  # CloudTrail's own limit is far below: 1 MB with its enrichments
IN_MEMORY = 8 << 20  # bytes of a file from S3, which is on disk beyond

# AccountID_CloudTrail_RegionName_YYYYMMDDTHHmmZ_UniqueString.json.gz (CloudTrail user guide)
_NAME = re.compile(r"(\d{12})_CloudTrail_[a-z0-9-]+_(\d{8}T\d{4})Z_")
_OPENING = re.compile(r'\s*\{\s*"Records"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


@dataclass(frozen=True, kw_only=True)
class TrailFile:
    """One file; `size` is in bytes as stored, `open` gives them from the start, seekable."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]

    @property
    def delivered(self) -> datetime | None:
        """The time in its name."""
        found = _NAME.search(self.name)
        if not found:
            return None
        return datetime.strptime(found[2], "%Y%m%dT%H%M").replace(tzinfo=UTC)

    @property
    def account(self) -> str:
        """Whose calls it holds, by its name; empty for a file of another name."""
        found = _NAME.search(self.name)
        return found[1] if found else ""


def in_folder(folder: Path) -> list[TrailFile]:
    """The trail's files anywhere below a folder, once each; AuditError where there is none."""
    found: dict[str, TrailFile] = {}
    for path in sorted(folder.rglob("*.json*")) if folder.is_dir() else []:
        # Digests and insights lie beside the trail's files and have another form.
        if path.name.endswith((".json", ".json.gz")) and "CloudTrail-" not in str(
            path.relative_to(folder)
        ):
            found[path.name] = TrailFile(
                name=path.name, size=path.stat().st_size, open=lambda path=path: path.open("rb")
            )
    if not found:
        raise AuditError(
            f"{folder} holds no file of a trail (*.json.gz); copy some there, for example with "
            "aws s3 sync s3://<the trail's bucket>/AWSLogs <folder>"
        )
    return list(found.values())


def in_bucket(access: AccountClients, bucket: str, prefix: str, window: Window) -> list[TrailFile]:
    """The files below a prefix that may hold events of the window."""
    listed = access.pages(
        STORAGE, "s3", "list_objects_v2", "Contents", Bucket=bucket, Prefix=prefix
    )
    files = [
        TrailFile(name=each["Key"], size=each["Size"], open=_download(access, bucket, each["Key"]))
        for each in listed
        if each["Key"].endswith(".json.gz") and "/CloudTrail-" not in each["Key"]
    ]
    return [each for each in files if window.may_be_in(each.delivered)]


def _download(access: AccountClients, bucket: str, key: str) -> Callable[[], IO[bytes]]:
    def fetch() -> IO[bytes]:
        spool = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the caller closes it
        with aws_errors(f"reading s3://{bucket}/{key}", STORAGE):
            body = access.client(STORAGE, "s3").get_object(Bucket=bucket, Key=key)["Body"]
            shutil.copyfileobj(body, spool)
        spool.seek(0)
        return spool

    return fetch


def read_files(
    files: Iterable[TrailFile], window: Window, needles: Sequence[str] = ()
) -> Iterator[Record]:
    """The records of the window; with `needles` only of files that hold one of these texts.

    One record is in memory at a time. A needle is searched in the raw bytes, which is some ten
    times as fast as reading the JSON: see `needle`.
    """
    first, last = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (window.start, window.end))
    for file in files:
        if not window.may_be_in(file.delivered):
            continue
        with file.open() as raw:
            if needles and not _holds(file, raw, [each.encode() for each in needles]):
                continue
            for record in read_records(raw, file.name):
                # Times of this form sort as text.
                if first <= record.get("eventTime", "") <= last:
                    yield record


def needle(text: str) -> str:
    """The longest part of a text that JSON writes as it is, whoever writes it."""
    return max(re.findall(r"[A-Za-z0-9._ -]+", text), key=len, default="")


def read_records(raw: IO[bytes], name: str) -> Iterator[Record]:
    """The records of one file, `{"Records": [...]}`, packed or not; AuditError if it is another."""
    raw.seek(0)
    text = io.TextIOWrapper(_unpacked(raw), "utf-8")
    decoder = json.JSONDecoder()
    buffer, at, opened = "", 0, False
    try:
        while True:
            chunk = text.read(CHUNK)
            buffer, at = buffer[at:] + chunk, 0
            if not opened:
                opening = _OPENING.match(buffer)
                if not opening:
                    if chunk and len(buffer) < OPENING:
                        continue
                    raise AuditError(f"{name} is no file of a trail: it has no list of Records")
                at, opened = opening.end(), True
            while True:
                at = _skip(buffer, at)
                if buffer.startswith("]", at):
                    return
                try:
                    record, at = decoder.raw_decode(buffer, at)
                except ValueError:
                    break  # it goes on in the next chunk
                yield record
            if not chunk or len(buffer) - at > LONGEST_RECORD:
                raise AuditError(f"{name} ends in the middle of a record; copy the file again")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise AuditError(f"{name} cannot be read ({error}); copy the file again") from error
    finally:
        text.detach()


def _skip(buffer: str, at: int) -> int:
    found = _BETWEEN.match(buffer, at)
    return found.end() if found else at


def _holds(file: TrailFile, raw: IO[bytes], needles: Sequence[bytes]) -> bool:
    raw.seek(0)
    unpacked, tail = _unpacked(raw), b""
    overlap = max(map(len, needles))
    try:
        while chunk := unpacked.read(CHUNK):
            if any(each in tail + chunk for each in needles):
                return True
            tail = chunk[-overlap:]
    except (OSError, EOFError, zlib.error) as error:
        raise AuditError(f"{file.name} cannot be read ({error}); copy the file again") from error
    return False


def _unpacked(raw: IO[bytes]) -> Any:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw, mode="rb") if packed else raw
