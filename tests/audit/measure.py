"""`make bench-audit`: `who` and `trace` over 100,000 events, beside `zcat | jq` on the same files.

Times, by the processor, and memory are of whole processes, started and ended.
"""

from __future__ import annotations

import gzip
import resource
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.audit import events

EVENTS = 100_000
PICTURES_AN_HOUR = 100
KEY = "p42-3.jpg"  # shorter than the prefixes, which every file contains
URI = f"s3://{events.BUCKET}/{events.THUMBNAILS}{KEY}/small.jpg"

# Runs the audit and says, last on stderr, the most memory (kB) that it ever had. By its own
# high-water mark: ru_maxrss would also count the process that it was started from.
MEASURED = """
import pathlib, re, sys
from audit.command import main
code = main(sys.argv[1:])
status = pathlib.Path("/proc/self/status").read_text()
sys.stderr.write("\\n" + re.search(r"VmHWM:\\s+(\\d+) kB", status)[1] + "\\n")
sys.exit(code)
"""

# The same counts as `who` makes: caller, action, outcome.
JQ = (
    '.Records[] | select(.requestParameters.bucketName == "{bucket}") | '
    "[(.userIdentity.sessionContext.sessionIssuer.arn // .userIdentity.type), .eventName, "
    '(.errorCode // "ok")] | @tsv'
)


def write_export(folder: Path, count: int) -> int:
    """Write at least `count` events, an hour's pictures at a time; returns how many.

    One hour is made as the tests make events, and the others from its text: making the export
    must take neither the time nor the memory that is to be measured.
    """
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    trail = events.RecordedTrail()
    for picture in range(PICTURES_AN_HOUR):
        time_ = hour + timedelta(seconds=20 * picture)
        trail.picture(time_, f"p0-{picture}.jpg", picture % 4, events.access_key(picture))
    in_first = trail.write(folder)
    first = [(path, gzip.decompress(path.read_bytes()).decode()) for path in _files(folder)]
    written, number = in_first, 0
    while written < count:
        number += 1
        earlier = hour - timedelta(hours=number)
        for path, text in first:
            moved = text.replace(f"{hour:%Y-%m-%dT%H}", f"{earlier:%Y-%m-%dT%H}")
            moved = moved.replace("p0-", f"p{number}-")
            moved = moved.replace('"eventID":"00000000-', f'"eventID":"{number:08x}-')
            name = path.name.replace(f"{hour:%Y%m%dT%H}", f"{earlier:%Y%m%dT%H}")
            (path.parent / name).write_bytes(gzip.compress(moved.encode(), 1))
        written += in_first
    return written


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.json.gz") if "Digest" not in path.name]


def main() -> None:
    """Print a table of times and memory."""
    with tempfile.TemporaryDirectory(prefix="thumbx-audit-") as where:
        folder = Path(where)
        count = write_export(folder, EVENTS)
        files = _files(folder)
        size = sum(path.stat().st_size for path in files) / 1e6
        print(f"{count:,} events in {len(files):,} files, {size:.0f} MB packed")
        for name, words in {"who": ["who", "--since", "7d"], "trace": ["trace", URI]}.items():
            command = [sys.executable, "-c", MEASURED, *words, "--from", where, "--json"]
            seconds, done = _timed(command)
            memory = int(done.stderr.split()[-1]) / 1024
            print(f"{name:<14}{seconds:6.1f} s {memory:6.0f} MB")
        if not shutil.which("jq"):
            print("zcat | jq      skipped: no jq here (apt-get install jq)")
            return
        program = JQ.replace("{bucket}", events.BUCKET)
        script = """find "$1" -name '*_CloudTrail_*.gz' -print0 | xargs -0 zcat |
            jq -r "$2" | sort | uniq -c"""
        seconds, _ = _timed(["bash", "-c", script, "bash", where, program])
        print(f"{'zcat | jq':<14}{seconds:6.1f} s")


def _timed(command: list[str]) -> tuple[float, subprocess.CompletedProcess[str]]:
    before = _processor()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return _processor() - before, done


def _processor() -> float:
    """Seconds of the processor in all children that have ended; a busy machine changes little."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
