"""One execution environment of Lambda, as close to it as this machine allows."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any, Self

from tests.handler.conftest import ENVIRONMENT, HEX
from tests.runtime.runtime_api import Invocation, RuntimeApi
from tests.runtime.services import OWN_SECRET, OWN_TOKEN

if TYPE_CHECKING:
    from types import TracebackType

    from tests.runtime.deployed import Deployed
    from tests.runtime.services import Services

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 60  # seconds for a start
LIBRARIES = "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/opt/lib"


@cache
def isolates() -> bool:
    """Whether this machine allows mounts in a new namespace."""
    command = ["unshare", "-m", "-p", "-f", "mount", "-t", "tmpfs", "none", "/mnt"]
    return (
        not os.getuid() and not subprocess.run(command, capture_output=True, check=False).returncode
    )


class Box:
    """Starts the function as Lambda would, and hands it events; a context manager."""

    def __init__(
        self,
        deployed: Deployed,
        services: Services,
        *,
        handler: str = "handler.entry.handler",
        task: Path | None = None,
        megabytes: int = 1769,
        level: str = "INFO",
        **changes: str,
    ) -> None:
        self.api = RuntimeApi()
        self._folder = Path(tempfile.mkdtemp(prefix="thumbx-box-"))
        self._log = (self._folder / "log").open("wb")
        self._deployed = deployed
        self._task = task or deployed.task
        self.environment = _environment(deployed, services, self.api, megabytes, level) | {
            "_HANDLER": handler,
            **changes,
        }
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            self._command(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **({} if isolates() else {"env": self._bare(), "cwd": self._task}),
        )

    def _command(self) -> list[str]:
        program = [f"{self._deployed.python.prefix}/bin/python3", str(HERE / "bootstrap.py")]
        if not isolates():
            return program
        root = self._folder / "root"
        root.mkdir()
        config = {
            "root": str(root),
            "binds": {
                "usr": "/usr",
                "etc/ld.so.cache": "/etc/ld.so.cache",
                "var/lang": self._deployed.python.prefix,
                self._deployed.site_inside[1:]: str(self._deployed.site),
                "var/task": str(self._task),
                "opt": str(self._deployed.layer),
                "var/runtime/bootstrap.py": str(HERE / "bootstrap.py"),
            },
            "cgroups": [],
            "command": ["/var/lang/bin/python3", "/var/runtime/bootstrap.py"],
            "environment": self.environment,
        }
        (self._folder / "config.json").write_text(json.dumps(config))
        started = [sys.executable, str(HERE / "namespace.py"), str(self._folder / "config.json")]
        return ["unshare", "-m", "-p", "-f", "--kill-child", *started]

    def _bare(self) -> dict[str, str]:
        """Without a namespace: the same search paths, at their real places."""
        return self.environment | {
            "LAMBDA_TASK_ROOT": str(self._task),
            "THUMBX_OPT": str(self._deployed.layer),
            "PYTHONPATH": str(self._deployed.site),
            "LD_LIBRARY_PATH": f"{self._deployed.python.prefix}/lib",
        }

    def started(self) -> Self:
        """Wait until the function has been imported, or has failed to be."""
        end = time.monotonic() + PATIENCE
        while not self.api.ready.wait(0.05):
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
        return self

    def invoke(
        self, *messages: dict[str, Any], seconds: float = 60, patience: float = 90
    ) -> tuple[str, Any]:
        """Hand over a batch; return `response` or `error` with its body, or `end` if the process
        ended.

        `seconds` is the remaining time that the function is told; the box itself does not end it.
        """
        self.last = Invocation({"Records": list(messages)}, seconds)
        self.api.events.put(self.last)
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                return self.last.answers.get(timeout=0.02)
            except Empty:
                if self._process.poll() is not None:
                    return "end", self._process.returncode
        raise AssertionError(f"no answer within {patience} s:\n{self.log()}")

    @property
    def milliseconds(self) -> float:
        """The wall-clock time of the last invocation."""
        return (self.last.ended - self.last.began) * 1000

    def processor(self) -> float:
        """The processor milliseconds that the runtime's own process has used so far."""
        return sum(_ticks(pid) for pid in self.pids()) * 1000 / TICKS

    def pids(self) -> list[int]:
        """The runtime's process and its children."""
        every = _below(self._process.pid)
        return every[1:] if isolates() else [self._process.pid, *every]

    def log(self) -> str:
        """All output so far."""
        return (self._folder / "log").read_text("utf-8", errors="replace")

    def lines(self) -> list[dict[str, Any]]:
        """The uploads' lines."""
        parsed = (json.loads(line) for line in self.log().splitlines() if line.startswith("{"))
        return [line for line in parsed if line.get("message") == "upload"]

    def __enter__(self) -> Self:
        return self.started()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()
        self.api.shutdown()
        self.api.server_close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _environment(
    deployed: Deployed, services: Services, api: RuntimeApi, megabytes: int, level: str
) -> dict[str, str]:
    return ENVIRONMENT | {
        "AWS_ACCESS_KEY_ID": "ASIAFUNCTION",
        "AWS_SECRET_ACCESS_KEY": OWN_SECRET,
        "AWS_SESSION_TOKEN": OWN_TOKEN,
        "AWS_ENDPOINT_URL": services.address,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{deployed.python.version.rpartition('.')[0]}",
        "AWS_LAMBDA_FUNCTION_NAME": "ThumbX-function-a06432c",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(megabytes),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": level,
        "AWS_LAMBDA_LOG_GROUP_NAME": "ThumbX-logs-bee7e9d",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"2026/11/28/ThumbX-function-a06432c[$LATEST][{HEX}]",
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": LIBRARIES,
        "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
        "PYTHONPATH": "/var/runtime",
        "REFUSED_QUEUE_URL": f"{services.address}/111111111111/refused",
        "THUMBX_OPT": "/opt",
        "TZ": ":UTC",
    }


def _below(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [found for child in children for found in (int(child), *_below(int(child)))]


def _ticks(pid: int) -> int:
    """The ticks of the process and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))
