"""Makes thumbnails of formats with untrusted readers in a separate process.

The native readers of TIFF, AVIF and HEIC allocate memory by what the file says, write to standard
error, and one of them crashes. Each such picture gets a process with limits in the kernel: if it
dies, the nine other pictures of the batch are still made. That isolates crashes, hangs and hunger
for memory. It is no security boundary: the process has the function's rights on its machine; only
the credentials are not passed to it.
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

# Without site-packages and current folder: the parent passes the folders to import from.
PROGRAM = (sys.executable, "-S", "-s", "-P", "-m", "handler.pictures.isolation")

# Written when imports are done and limits set; a failure after it is caused by the picture.
READY = b"ready\n"

# Seconds of wall-clock time until the process is killed. Long, because Lambda gives a small
# function a fourteenth of a vCPU, and freezes both processes between two invocations.
PATIENCE = 120

# Linux's prctl.h
PR_SET_DUMPABLE = 4

# How much longer a format may take that has no processor limit in the function's own process.
PATIENT = 5

# The signals by which a faulty reader ends. Other signals come from elsewhere, for example from the
# kernel when the function's memory is used up.
CRASHES = (
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGTRAP,
)


# What readers report when the kernel refuses them memory; they raise no MemoryError. -9 is Pillow's
# code for it, IMAGING_CODEC_MEMORY. libheif uses the same words for its own limits, which damaged
# files exceed.
STARVED = re.compile(
    r"(?s)decoder error -9|^(?=.*(out of memory|bad_alloc|memory allocation error))"
    r"(?!.*(security limit|exceed|maximum))",
    re.IGNORECASE,
)

# The reason and the sentence of a refusal.
CRASHING = (
    "damaged",
    "The picture crashes the reader of its format; save it again as JPEG or PNG.",
)


class Bounds(NamedTuple):
    """Limits: bytes of address space to add after start, and seconds of processor time."""

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
    """Do the same as thumbs.make_thumbnails, in a separate process for some formats.

    With `apart`, every format gets a separate process, because a picture that the queue brings
    again may have killed the function's process before. The process is killed after `seconds` of
    wall-clock time.

    Raises RefusedError as thumbs.make_thumbnails does, and also if the picture ends the process.
    Raises FailedError if the process does not start, or ends for another reason.
    """
    if read_apart(data):
        bounds = Bounds(limits.memory - INTERPRETER, limits.seconds)
    elif apart:
        # File and encoder count here too, and processor time was not limited before.
        memory = limits.memory + len(data) + INTERPRETER
        bounds = Bounds(memory, limits.seconds * PATIENT)
    else:
        return thumbs.make_thumbnails(data, plan, limits)
    return _made_apart(data, plan, limits, bounds, min(seconds, PATIENCE))


def _too_large(what: str) -> tuple[str, str]:
    return ("too-large", f"Decoding takes more than the limit of {what}; save the picture as JPEG.")


@cache
def _hide() -> None:
    """Stop processes of the same user from reading this process's memory and environment, where the
    credentials are. It runs once, before the first such process starts.
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
            stderr=subprocess.DEVNULL,  # libtiff writes a line for each bad strip
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
            f"the process that decodes the picture ended with {run.returncode}, which the picture "
            "did not cause; if it happens again, give the function more memory"
        )
    return _result(run.stdout.removeprefix(READY), plan)


def _environment() -> dict[str, str]:
    """The environment variables that the process needs; none holds credentials."""
    paths = os.pathsep.join(str(Path(each).absolute()) for each in sys.path)
    # Otherwise, each thread of a reader would reserve 64 MB of the limited address space.
    environment = {"PYTHONPATH": paths, "MALLOC_ARENA_MAX": "1"}
    if libraries := os.environ.get("LD_LIBRARY_PATH"):  # where Lambda's Python has its libraries
        environment["LD_LIBRARY_PATH"] = libraries
    return environment


def _result(answer: bytes, plan: Plan) -> Result:
    head, _, bodies = answer.partition(b"\n")
    told: dict[str, Any] = json.loads(head)
    if "refused" in told:
        raise RefusedError(*told["refused"])
    if "failed" in told:
        raise FailedError(f"the process that decodes the picture failed: {told['failed']}")
    made: list[Thumbnail] = []
    for (name, output), numbers in zip(plan.outputs, told["thumbnails"], strict=True):
        encoder, (width, height, length) = ENCODERS[output], numbers
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
    # This import comes before the limits are set, because the module may need to be compiled.
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
    """Limit what this process may use from now on; the readers have no setting for it."""
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
