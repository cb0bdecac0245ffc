"""Makes the thumbnails of files as the function does, and tells what each took.

python -m tests.handler.one_picture FILE... prints a line of JSON for each: the outcome, a message,
seconds and MB. Each is made in a fork of its own, so that none counts for the next; what the
process that isolates a format takes counts too.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path

from handler.pictures.errors import RefusedError
from handler.pictures.isolation import make_thumbnails
from handler.pictures.thumbs import Plan


def main(path: str) -> None:
    """Time is that of the processor, so that a busy machine changes nothing."""
    data = Path(path).read_bytes()
    plan = Plan(sizes={"l": 512, "m": 256, "s": 128}, formats=("jpeg",), quality=80)
    begun = spent()
    try:
        make_thumbnails(data, plan)
        outcome, message = "made", ""
    except RefusedError as error:
        outcome, message = error.reason, error.message
    print(json.dumps([outcome, message, round(spent() - begun, 3), peak()]), flush=True)


def fork(path: str) -> None:
    """Run that in a separate process; report if the process crashes or takes too long."""
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        if status:
            print(json.dumps(["crashed", f"{path} ended with {status}", 0, 0]), flush=True)
        return
    signal.alarm(30)
    status = 1
    try:
        main(path)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def spent() -> float:
    """Seconds of the processor, here and in the process that isolates."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


def peak() -> int:
    """The most memory that this process held and its child did, in MB.

    getrusage's of this process would include its parent's. The child's includes ours, but a child
    is started before anything is decoded here.
    """
    status = Path("/proc/self/status").read_text()
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (int(status.split("VmHWM:")[1].split()[0]) + child) // 1024


if __name__ == "__main__":
    for each in sys.argv[1:]:
        fork(each)
