"""Run the emulator for exactly as long as the process that started it lives.

Started by `emulator.py` as a script. Its standard input is a pipe whose other end only the
starter holds; when the starter ends, however it ends, a read returns nothing, the temporary folder
goes, and the whole process group is killed: the emulator and the function's workers. A handler for
SIGTERM in the starter could not do that for a SIGKILL.
"""

import os
import runpy
import shutil
import signal
import threading


def _end_with_the_starter() -> None:
    # os.read and not sys.stdin: a thread blocked inside a buffered reader aborts the shutdown.
    while os.read(0, 1):
        pass
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    runpy.run_module("ministack", run_name="__main__")
