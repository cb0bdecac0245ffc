"""Runs a command on this machine, and prints a sentence for an error that a person can fix."""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from recording.errors import RecordingError
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

# A folder that is full, read-only, owned by another user, or a file.
UNWRITABLE = {
    *(errno.EACCES, errno.EPERM, errno.EROFS),
    *(errno.EDQUOT, errno.ENOSPC),
    *(errno.EEXIST, errno.ENOTDIR),
}
FAULT = 2  # an error that a person can fix
INTERRUPTED = 130  # what shells give for Ctrl-C
TERMINATED = 143  # and for SIGTERM


def run(command: Callable[[], int]) -> int:
    """Run the command and return its exit code, or one of the codes above."""
    # Without this, a SIGTERM would end the process without closing its context managers.
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Everything here has keys of its own. A profile that is missing, or a file that botocore cannot
    # parse, would end the demo of somebody who has no AWS account at all.
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        os.environ.pop(name, None)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        os.environ[name] = os.devnull
    try:
        return command()
    except (RecordingError, SandboxError) as error:
        sys.stderr.write(f"{error}\n")
        return FAULT
    except OSError as error:
        if error.errno not in UNWRITABLE and "temporary directory" not in str(error):
            raise
        sys.stderr.write(
            f"{error.filename or 'the temporary folder'} cannot be written ({error.strerror}); "
            "free some space, or run this in a folder and with a TMPDIR that can be written\n"
        )
        return FAULT
    except KeyboardInterrupt:
        sys.stderr.write("stopped; nothing is left running\n")
        return INTERRUPTED


def _terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    sys.exit(TERMINATED)
