"""Reads a trail's files in a folder or in S3, one record at a time, and checks each file to its
end.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from audit.accounts.errors import AuditError, BrokenEvidenceError, aws_errors
from audit.accounts.permissions import STORAGE
from audit.evidence.events import fault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from audit.accounts.clients import AccountClients
    from audit.evidence.events import Record
    from audit.evidence.window import Window

CHUNK = 1 << 20  # characters that are in memory at a time, in addition to one record
OPENING = 1000  # the list of Records must begin within this number of characters
LONGEST_RECORD = 16 << 20  # characters; CloudTrail's own limit is 1 MB with its enrichments
IN_MEMORY = 8 << 20  # bytes of a file from S3; a larger one is kept on disk
AGAIN = "copy the file again"

# AccountID_CloudTrail_RegionName_YYYYMMDDTHHmmZ_UniqueString.json.gz (CloudTrail user guide)
_NAME = re.compile(r"(\d{12})_CloudTrail_[a-z0-9-]+_(\d{8}T\d{4})Z_")
# CloudTrail's digests and insights, which are in separate folders beside the trail's files.
_BESIDE = re.compile(r"(^|/)\d{12}_CloudTrail-[A-Za-z]+_[^/]*\.json\.gz$")
_OPENING = re.compile(r'\s*\{\s*"Records"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_END = re.compile(r"\s*\}\s*")


@dataclass(frozen=True, kw_only=True)
class TrailFile:
    """One file; `size` is in bytes as stored, and `open` returns the stored bytes from the
    start, seekable.
    """

    name: str
    size: int
    open: Callable[[], IO[bytes]]

    @property
    def delivered(self) -> datetime | None:
        """The time in the file's name; None for a file with another name, which is always read."""
        found = _NAME.search(self.name)
        if not found:
            return None
        try:
            return datetime.strptime(found[2], "%Y%m%dT%H%M").replace(tzinfo=UTC)
        except ValueError:
            return None

    @property
    def account(self) -> str:
        """The account whose calls the file holds, from its name; empty for a file with another
        name.
        """
        found = _NAME.search(self.name)
        return found[1] if found else ""


def in_folder(folder: Path) -> list[TrailFile]:
    """The trail's files anywhere below a folder; AuditError if there are none."""
    found: list[TrailFile] = []

    def fail(error: OSError) -> None:
        raise AuditError(f"{error.filename} cannot be read ({error}), so no answer is complete")

    for path, _, names in os.walk(folder, onerror=fail) if folder.is_dir() else ():
        for name in sorted(names):
            file = Path(path) / name
            if _BESIDE.search(name) and _is_no_list(file):
                continue
            if name.endswith((".json", ".gz")) or _NAME.search(name):
                found.append(
                    TrailFile(
                        name=file.relative_to(folder).as_posix(),
                        size=file.stat().st_size,
                        open=lambda file=file: file.open("rb"),
                    )
                )
    if not found:
        raise AuditError(
            f"{folder} contains no file of a trail (*.json.gz); copy some there, for example with "
            "aws s3 sync s3://<the trail's bucket>/AWSLogs <folder>"
        )
    return sorted(found, key=lambda each: each.name)


def _is_no_list(file: Path) -> bool:
    """Whether a file with the name of a digest is a digest: an object without Records."""
    try:
        with file.open("rb") as raw:
            beginning = io.TextIOWrapper(_unpacked(raw), "utf-8").read(OPENING)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        return False
    return beginning.lstrip().startswith("{") and not _OPENING.match(beginning)


def in_bucket(access: AccountClients, bucket: str, prefix: str, window: Window) -> list[TrailFile]:
    """The files below a prefix that may hold events of the window."""
    listed = access.pages(
        STORAGE, "s3", "list_objects_v2", "Contents", Bucket=bucket, Prefix=prefix
    )
    files = [
        TrailFile(name=each["Key"], size=each["Size"], open=_download(access, bucket, each["Key"]))
        for each in listed
        if each["Key"].endswith((".json", ".gz")) and not _BESIDE.search(each["Key"])
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
    files: Iterable[TrailFile], window: Window, broken: dict[str, str]
) -> Iterator[Record]:
    """The valid records of the window.

    Every file that may contain some is read to its end, whatever the question is; a fault in a file
    is added to `broken` with the file's name. Only one record is in memory at a time.
    """
    first, last = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (window.start, window.end))
    for file in files:
        if not window.may_be_in(file.delivered):
            continue
        faults: list[str] = []
        try:
            with file.open() as raw:
                for number, record in enumerate(read_records(raw), 1):
                    fault = fault_of(record)
                    if fault:
                        faults.append(f"record {number} {fault}")
                    # Times in this format can be sorted as text.
                    elif first <= record["eventTime"] <= last:
                        yield record
        except BrokenEvidenceError as error:
            faults.append(str(error))
        except OSError as error:
            faults.append(f"it cannot be read ({error}); {AGAIN}")
        if faults:
            more = f", and {len(faults) - 1:,} more faults" if len(faults) > 1 else ""
            broken[file.name] = f"The file {file.name} is not shown completely: {faults[0]}{more}."


def read_records(raw: IO[bytes]) -> Iterator[Any]:
    """Yield the records in one file, `{"Records": [...]}`, compressed or not.

    Raises BrokenEvidenceError if the file has another format or is incomplete; records before that
    point are valid.
    """
    raw.seek(0)
    text = io.TextIOWrapper(_unpacked(raw), "utf-8")
    try:
        yield from _read_list(text, _open(text))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BrokenEvidenceError(f"it cannot be read ({error}); {AGAIN}") from error
    finally:
        text.detach()


def _open(text: IO[str]) -> str:
    """Read up to the start of the list; return the text after it."""
    buffer = text.read(CHUNK)
    while True:
        opening = _OPENING.match(buffer)
        if opening:
            return buffer[opening.end() :]
        chunk = text.read(CHUNK) if len(buffer) < OPENING else ""
        if not chunk:
            break
        buffer += chunk
    raise BrokenEvidenceError("it has no list of Records, so it is not a trail file")


def _read_list(text: IO[str], buffer: str) -> Iterator[Any]:
    decode = json.JSONDecoder().raw_decode
    at, count = 0, 0
    while True:
        while True:
            at = _skip(buffer, at)
            if buffer.startswith("]", at):
                _read_to_the_end(text, buffer[at + 1 :])
                return
            try:
                record, at = decode(buffer, at)
            except ValueError:
                break  # the record continues in the next chunk
            except RecursionError as error:
                raise BrokenEvidenceError(
                    f"record {count + 1} is nested too deeply; what follows it is not shown either"
                ) from error
            count += 1
            yield record
        chunk = text.read(CHUNK)
        if not chunk or len(buffer) - at > LONGEST_RECORD:
            raise BrokenEvidenceError(
                f"it ends or is damaged after {count:,} whole records; {AGAIN}"
            )
        buffer, at = buffer[at:] + chunk, 0


def _read_to_the_end(text: IO[str], rest: str) -> None:
    """Only the end of the object may follow; for a compressed file, the checksum at its end is
    checked.
    """
    while chunk := text.read(CHUNK):
        rest = (rest + chunk)[: 2 * OPENING]
    if not _END.fullmatch(rest):
        raise BrokenEvidenceError(f"more follows after its list of Records; {AGAIN}")


def _skip(buffer: str, at: int) -> int:
    found = _BETWEEN.match(buffer, at)
    return found.end() if found else at


def _unpacked(raw: IO[bytes]) -> Any:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw, mode="rb") if packed else raw
