"""Run the emulator for exactly as long as the process that started it lives.

`emulator.py` starts it as a script. Its standard input is a pipe whose other end only the starter
holds. When the starter ends in any way, a read returns nothing; then the temporary folder is
deleted, and the whole process group (the emulator and the function's workers) is killed. A SIGTERM
handler in the starter would not run on a SIGKILL.
"""

import os
import runpy
import shutil
import signal
import threading


def _end_with_the_starter() -> None:
    # os.read and not sys.stdin, because a thread that is blocked in a buffered reader aborts the
    # shutdown.
    while os.read(0, 1):
        pass
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    runpy.run_module("ministack", run_name="__main__")
