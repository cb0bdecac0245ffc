"""`namespace.py CONFIG`: the file system and user of a function in Lambda, then its runtime.

Started below `unshare` as root. The root is a read-only tmpfs with the host's /usr, and Python,
function and layer read-only where Lambda has them. Only /tmp is writable, there is no /dev/shm,
and the user may nothing. Standard library only, because it runs outside the project's environment.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

USER, GROUP = 993, 990
DEVICES = ("null", "zero", "full", "random", "urandom")


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)  # noqa: S607 - the host's own


def bind(source: str, target: Path) -> None:
    if Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount("--bind", source, str(target))
    mount("-o", "remount,bind,ro", str(target))


def enter(config: dict) -> None:
    root = Path(config["root"])
    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", "size=4m,mode=755", "none", str(root))
    for target, source in config["binds"].items():
        bind(source, root / target)
    for link in ("bin", "lib", "lib64", "sbin"):
        (root / link).symlink_to(f"usr/{link}")
    for folder in ("dev", "proc", "tmp", "etc"):
        (root / folder).mkdir(exist_ok=True)
    user = f"sbx_user1051:x:{USER}:{GROUP}::/home/sbx_user1051:/sbin/nologin\n"
    (root / "etc/passwd").write_text(f"root:x:0:0:root:/root:/bin/bash\n{user}")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    for device in DEVICES:
        (root / "dev" / device).touch()
        mount("--bind", f"/dev/{device}", str(root / "dev" / device))
    (root / "dev/fd").symlink_to("/proc/self/fd")
    mount("-t", "proc", "proc", str(root / "proc"))
    mount("-t", "tmpfs", "-o", "size=512m,mode=1777", "none", str(root / "tmp"))
    mount("-o", "remount,ro", str(root))
    for group in config["cgroups"]:
        Path(group, "cgroup.procs").write_text("0")
    os.chroot(root)
    os.chdir("/var/task")
    os.setgroups([])
    os.setgid(GROUP)
    os.setuid(USER)


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text())
    enter(told)
    if child := os.fork():  # so that the runtime's processor time is counted separately
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os.execve(told["command"][0], told["command"], told["environment"])  # noqa: S606 - no shell
