"""What is deployed is compiled, is loaded without checks, and has the same bytes on every
machine.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from typing import TYPE_CHECKING, cast

import pytest

from components.producer import bytecode, package
from tests.handler.conftest import upload
from tests.handler.pictures import quadrants, saved
from tests.runtime.box import isolates
from tests.runtime.deployed import ARCHITECTURE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pulumi

    from tests.runtime.box import Box
    from tests.runtime.deployed import Deployed
    from tests.runtime.services import Services

pytestmark = [pytest.mark.xdist_group("runtime"), pytest.mark.timeout(300)]

# Writes, for each loaded module, here and in the process of a picture, where its bytecode is and
# how it is checked (PEP 552: 1 is a hash that nobody checks).
PROBE = """
import importlib.util, json, os, subprocess, sys
import handler.entry
from handler.pictures import isolation

LOADED = '''
import importlib.util, json, sys
found = {}
for name, module in list(sys.modules.items()):
    path = getattr(module, "__file__", None) or ""
    inside = path.startswith((OPT, TASK)) and path.endswith(".py")
    if inside and name != "probe":
        with open(importlib.util.cache_from_source(path), "rb") as file:
            head = file.read(8)
        found[name] = [head[:4] == importlib.util.MAGIC_NUMBER, head[4]]
print(json.dumps(found))
'''
OPT, TASK = os.environ["THUMBX_OPT"], os.environ["LAMBDA_TASK_ROOT"]


def handler(event, context):
    lines = f"OPT, TASK = {OPT!r}, {TASK!r}" + LOADED
    program = "import handler.pictures.isolation, PIL.TiffImagePlugin, pi_heif;" + lines
    child = [sys.executable, *isolation.PROGRAM[1:-2], "-c", program]
    told = subprocess.run(child, env=isolation._environment(), capture_output=True, text=True)
    import contextlib, io
    with contextlib.redirect_stdout(io.StringIO()) as here:
        exec(lines, {})
    return {"here": json.loads(here.getvalue()), "child": json.loads(told.stdout)}
"""


def test_every_module_is_loaded_from_bytecode_that_nobody_checks(
    box: Callable[..., Box], deployed: Deployed, tmp_path: Path
) -> None:
    """The files of an archive are dated 1980, so bytecode that is checked by date is never used."""
    shutil.copytree(deployed.task, tmp_path / "task")
    (tmp_path / "task" / "probe.py").write_text(PROBE)
    tmp_path.chmod(0o755)
    function = box(handler="probe.handler", task=tmp_path / "task")
    kind, seen = function.invoke()
    assert kind == "response", function.log()
    here, child = seen["here"], seen["child"]
    assert {"handler.entry", "PIL.Image", "aws_lambda_powertools"} <= set(here)
    assert {"handler.pictures.isolation", "PIL.TiffImagePlugin", "pi_heif"} <= set(child)
    assert {tuple(found) for found in (*here.values(), *child.values())} == {(True, 1)}


def test_compiled_again_the_bytes_are_those_that_would_be_deployed(
    deployed: Deployed, tmp_path: Path
) -> None:
    """Other bytes would be another deployment: a preview on one machine would differ from the
    plan on another.
    """
    if deployed.python.version != bytecode.named_patch():
        reason = f"only Python {deployed.python.version} is here"
        (pytest.fail if os.environ.get("THUMBX_RUNTIME") == "required" else pytest.skip)(reason)
    again = package.write_layer(ARCHITECTURE, deployed.python, tmp_path / "layer")
    there = package.PROJECT / package.layer_archive(ARCHITECTURE, compiled=True).path
    with zipfile.ZipFile(again) as first, zipfile.ZipFile(there) as second:
        differing = [name for name in second.namelist() if first.read(name) != second.read(name)]
    assert differing == []
    assert again.read_bytes() == there.read_bytes()
    package.write_function(deployed.python, tmp_path / "function")
    archive = package.function_archive(ARCHITECTURE, compiled=True)
    assets = {name: cast("pulumi.FileAsset", each).path for name, each in archive.assets.items()}
    written = {
        str(path.relative_to(tmp_path / "function")): path.read_bytes()
        for path in (tmp_path / "function").rglob("*.py*")
        if path.is_file()
    }
    assert written == {name: (package.PROJECT / path).read_bytes() for name, path in assets.items()}
    assert len([name for name in written if name.endswith(".pyc")]) * 2 == len(written)


READ_PARENT = """
import json, os, sys
parent, tried = os.getppid(), {}
for name in ("environ", "mem", "maps", "fd"):
    try:
        path = f"/proc/{parent}/{name}"
        os.listdir(path) if name == "fd" else open(path, "rb").read(1)
        tried[name] = "read"
    except OSError as error:
        tried[name] = type(error).__name__
os.write(1, b"ready\\n" + json.dumps({"refused": ["damaged", json.dumps(tried)]}).encode())
"""


def test_the_process_of_a_picture_reads_nothing_of_the_functions(
    box: Callable[..., Box], services: Services, deployed: Deployed, tmp_path: Path
) -> None:
    """The function's environment and memory hold the credentials of both sessions."""
    shutil.copytree(deployed.task, tmp_path / "task")
    (tmp_path / "task" / "probe.py").write_text(
        "import sys\nfrom handler.entry import handler\nfrom handler.pictures import isolation\n"
        f"isolation.PROGRAM = (sys.executable, '-c', {READ_PARENT!r})\n"
    )
    tmp_path.chmod(0o755)
    function = box(handler="probe.handler", task=tmp_path / "task")
    assert (
        function.invoke(upload(services, "originals/a.tif", saved(quadrants(), "TIFF")))[0]
        == "response"
    )
    (line,) = function.lines()
    assert line["outcome"] == "refused", line
    expected = dict.fromkeys(("environ", "mem", "maps", "fd"), "PermissionError")
    if not os.getuid() and not isolates():
        pytest.skip("as root nothing is refused, and this machine allows no namespaces")
    assert json.loads(line["error"]) == expected
