"""Thumbnails of formats whose readers cannot be trusted, made in a process of its own.

The native readers of TIFF, AVIF and HEIC allocate by what they find behind the header, report to
standard error, and one of them crashes. So each such picture gets a process, bounded by the kernel:
it may die, and the nine other pictures of the batch live. That isolates crashes, hangs and hunger
for memory. It is no security boundary: the process has the function's rights on its machine, and
only its credentials are not handed over.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import re
import resource
import signal
import subprocess
import sys
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from handler.pictures import thumbs
from handler.pictures.errors import FailedError, RefusedError
from handler.pictures.formats import ENCODERS
from handler.pictures.limits import DEFAULT, INTERPRETER, Limits
from handler.pictures.opening import read_apart, readers
from handler.pictures.thumbs import Plan, Result, Thumbnail

# No site-packages of its own and no current folder: where to import from is handed over.
PROGRAM = (sys.executable, "-S", "-s", "-P", "-m", "handler.pictures.isolation")

# What it writes when its imports are done and its limits set: what follows is the picture's doing.
READY = b"ready\n"

# Seconds of the clock until it is killed, should it wait for something. Long, because Lambda gives
# a small function a fourteenth of a vCPU, and freezes both processes between two invocations.
PATIENCE = 120

# Linux's prctl.h
PR_SET_DUMPABLE = 4

# A format that is not usually decoded in a process of its own has no bound on the processor there;
# honest animations take longest.
PATIENT = 5

# How a reader ends that goes wrong. Any other signal is somebody else's, as the kernel's when the
# function's memory is used up.
CRASHES = (
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGTRAP,
)


# What readers say when the kernel refuses them memory: they raise no MemoryError. -9 is Pillow's
# own code for it, IMAGING_CODEC_MEMORY. libheif calls its own limits so too, which damaged files
# meet.
STARVED = re.compile(
    r"(?s)decoder error -9|^(?=.*(out of memory|bad_alloc|memory allocation error))"
    r"(?!.*(security limit|exceed|maximum))",
    re.IGNORECASE,
)

# Reason and sentence of a refusal.
CRASHING = (
    "damaged",
    "The picture crashes the reader of its format; save it again as JPEG or PNG.",
)


class Bounds(NamedTuple):
    """Bytes of address space beyond what it begins with, and seconds of the processor."""

    memory: int
    seconds: int


def make_thumbnails(
    data: bytes,
    plan: Plan,
    limits: Limits = DEFAULT,
    *,
    apart: bool = False,
    seconds: float = PATIENCE,
) -> Result:
    """Do the same as thumbs.make_thumbnails, for some formats in a process of its own.

    For every format with `apart`, because a picture that came again may have ended the process of
    the function. Such a process is killed after so many `seconds` of the clock.

    Raises RefusedError as that does, and where a picture is the end of the process; FailedError
    where the process does not start, or ends for another reason.
    """
    if read_apart(data):
        bounds = Bounds(limits.memory - INTERPRETER, limits.seconds)
    elif apart:
        # Here file and encoder count beside the limits, and no time was bounded before.
        memory = limits.memory + len(data) + INTERPRETER
        bounds = Bounds(memory, limits.seconds * PATIENT)
    else:
        return thumbs.make_thumbnails(data, plan, limits)
    return _made_apart(data, plan, limits, bounds, min(seconds, PATIENCE))


def _too_large(what: str) -> tuple[str, str]:
    return ("too-large", f"Decoding takes more than {what}, the limit; save the picture as JPEG.")


@cache
def _hide() -> None:
    """Let no process of the same user read this one's memory and environment: a reader that was
    taken over finds the credentials there. Before the first such process, once.
    """
    if prctl := getattr(ctypes.CDLL(None), "prctl", None):  # Linux's alone
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _made_apart(data: bytes, plan: Plan, limits: Limits, bounds: Bounds, seconds: float) -> Result:
    _hide()
    told = {"plan": asdict(plan), "limits": asdict(limits), "bounds": bounds, "size": len(data)}
    try:
        run = subprocess.run(
            [*PROGRAM, json.dumps(told)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libtiff has a line for each bad one of a million
            env=_environment(),
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FailedError(
            f"the process that decodes the picture was ended after {seconds:.1f} s, when no time "
            "was left; the queue brings it again"
        ) from error
    except OSError as error:
        raise FailedError(f"the process that decodes the picture: {error}") from error
    if run.returncode == -signal.SIGXCPU:
        raise RefusedError(*_too_large(f"{bounds.seconds} seconds"))
    if run.stdout.startswith(READY) and -run.returncode in CRASHES:
        raise RefusedError(*CRASHING)
    if run.returncode:
        raise FailedError(
            f"the process that decodes the picture ended with {run.returncode}, which is not the"
            " picture's doing; if it stays so, give the function more memory"
        )
    return _result(run.stdout.removeprefix(READY), plan)


def _environment() -> dict[str, str]:
    """What the process needs of ours, and none of its credentials."""
    paths = os.pathsep.join(str(Path(each).absolute()) for each in sys.path)
    # A thread of a reader would otherwise reserve 64 MB of the address space that is bounded.
    environment = {"PYTHONPATH": paths, "MALLOC_ARENA_MAX": "1"}
    if libraries := os.environ.get("LD_LIBRARY_PATH"):  # where Lambda's Python has its own
        environment["LD_LIBRARY_PATH"] = libraries
    return environment


def _result(answer: bytes, plan: Plan) -> Result:
    head, _, bodies = answer.partition(b"\n")
    told: dict[str, Any] = json.loads(head)
    if "refused" in told:
        raise RefusedError(*told["refused"])
    if "failed" in told:
        raise FailedError(f"the process that decodes the picture failed: {told['failed']}")
    encoder = ENCODERS[plan.format]
    made: list[Thumbnail] = []
    for name, (width, height, length) in zip(plan.sizes, told["thumbnails"], strict=True):
        body, bodies = bodies[:length], bodies[length:]
        made.append(
            Thumbnail(
                name=name,
                body=body,
                content_type=encoder.content_type,
                extension=encoder.extension,
                width=width,
                height=height,
            )
        )
    return Result(
        thumbnails=tuple(made), width=told["width"], height=told["height"], format=told["format"]
    )


def main() -> None:
    """Read a picture from standard input, and write a line of JSON and the thumbnails' bytes."""
    told = json.loads(sys.argv[1])
    plan, limits = Plan(**told["plan"]), Limits(**told["limits"])
    starved = _too_large(f"{limits.memory / 2**20:.0f} MB")
    picture = os.fdopen(0, "rb")
    # Before there is a bound: its module too may be left compiled.
    readers(picture.peek())
    _bound(Bounds(*told["bounds"]))
    out = sys.stdout.buffer
    out.write(READY)
    out.flush()
    try:
        answer, bodies = _answer(picture.read(told["size"]), plan, limits)
    except RefusedError as error:
        told = (error.reason, error.message)
        answer, bodies = {"refused": starved if STARVED.search(str(error.__cause__)) else told}, ()
    except MemoryError:
        answer, bodies = {"refused": starved}, ()
    except Exception as error:
        answer, bodies = {"failed": repr(error)}, ()
    out.write(json.dumps(answer).encode() + b"\n")
    out.writelines(bodies)


def _answer(data: bytes, plan: Plan, limits: Limits) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    result = thumbs.make_thumbnails(data, plan, limits)
    answer = {
        "width": result.width,
        "height": result.height,
        "format": result.format,
        "thumbnails": [(each.width, each.height, len(each.body)) for each in result.thumbnails],
    }
    return answer, tuple(each.body for each in result.thumbnails)


def _bound(most: Bounds) -> None:
    """Bound what this process may take from now on; for a reader, because it cannot be told."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = math.ceil(used.ru_utime + used.ru_stime)
    bounds = {
        resource.RLIMIT_CPU: spent + most.seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
    }
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        mapped = pages * resource.getpagesize()
        bounds[resource.RLIMIT_AS] = mapped + most.memory
    for kind, value in bounds.items():
        hard = resource.getrlimit(kind)[1]
        soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (soft, hard))


if __name__ == "__main__":
    main()
