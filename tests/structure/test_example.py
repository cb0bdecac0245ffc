"""The stack files are data: the tests pass whatever a user writes into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.structure.copied import copy_of_the_project, run_tests

if TYPE_CHECKING:
    from pathlib import Path

# `pulumi config set` writes each value as text, in quotes.
OURS = """\
encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
config:
  thumbx:region: us-west-2
  thumbx:producer:
    account: "012345678901"
    profile: pictures
  thumbx:storage:
    account: "987654321098"
    deletable: "true"
  thumbx:thumbnails:
    sizes:
      tiny: 64
      poster: 2048
    formats: [webp, jpeg]
    quality: "70"
  thumbx:access:
    uploaders:
      - arn:aws:iam::987654321098:role/web/uploads
    administrators: []
"""


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_a_user_s_own_stacks_fail_no_test_of_the_program(tmp_path: Path) -> None:
    """Other ids, region, sizes and format, values as the CLI writes them, the salt of a state in a
    bucket, one more stack, and none of the original stacks."""
    copy = copy_of_the_project(tmp_path)
    for folder in (copy, copy / "bootstrap"):
        for file in folder.glob("Pulumi.*.yaml"):
            if file.name != "Pulumi.sandbox.yaml":
                file.unlink()
    for stack in ("dev", "staging"):
        (copy / f"Pulumi.{stack}.yaml").write_text(OURS, "utf-8")
    without = "--ignore=tests/components/test_package.py"  # about the layer, and slow
    folders = ("tests/components", "tests/bootstrap/test_program.py", "tests/adopt")
    audits = ("tests/audit/test_runbook.py", "tests/audit/test_check.py")
    done = run_tests(copy, "-vv", without, *folders, *audits, "tests/proof/test_access.py")
    assert done.returncode == 0, done.stdout[-5000:]
    assert "test_each_stack_file_is_accepted[Pulumi.staging.yaml] PASSED" in done.stdout
