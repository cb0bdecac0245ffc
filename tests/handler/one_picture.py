"""Makes the thumbnails of one file as the function does, and tells what that took.

python -m tests.handler.one_picture FILE prints a line of JSON. What the process that isolates a
format takes counts too.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from handler.errors import RefusedError
from handler.isolation import make_thumbnails
from handler.thumbs import Plan


def main(path: str) -> None:
    """Time is that of the processor, so that a busy machine changes nothing."""
    data = Path(path).read_bytes()
    plan = Plan(sizes={"l": 512, "m": 256, "s": 128}, format="jpeg", quality=80)
    begun = spent()
    try:
        make_thumbnails(data, plan)
        outcome, message = "made", ""
    except RefusedError as error:
        outcome, message = error.reason, error.message
    print(json.dumps([outcome, message, round(spent() - begun, 3), peak()]))


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
    main(sys.argv[1])
