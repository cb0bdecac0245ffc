"""Makes the thumbnails of one file in a process of its own, and tells what that took.

python -m tests.handler.one_picture FILE prints a line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from handler.errors import RefusedError
from handler.thumbs import Plan, make_thumbnails


def main(path: str) -> None:
    """Time is that of the processor, so that a busy machine changes nothing."""
    data = Path(path).read_bytes()
    plan = Plan(sizes={"l": 512, "m": 256, "s": 128}, format="jpeg", quality=80)
    begun = time.process_time()
    try:
        make_thumbnails(data, plan)
        outcome, message = "made", ""
    except RefusedError as error:
        outcome, message = error.reason, error.message
    seconds = time.process_time() - begun
    print(json.dumps([outcome, message, round(seconds, 3), peak()]))


def peak() -> int:
    """The most memory that this process held, in MB. getrusage's would include its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


if __name__ == "__main__":
    main(sys.argv[1])
