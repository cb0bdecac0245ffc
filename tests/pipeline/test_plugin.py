"""The AWS plugin is installed by a checksum that somebody committed, or not at all."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.pipeline.conftest import Project

ARCHIVE = f"pulumi-resource-aws-v{version('pulumi-aws')}-linux-amd64.tar.gz"
CHECKSUM = "0123456789abcdef" * 4
GH = """\
#!{python} -IS
import pathlib, sys
(pathlib.Path(__file__).parent / "asked").write_text(" ".join(sys.argv[1:]))
print({digest!r})
"""


def test_a_plugin_of_unknown_bytes_is_not_installed(project: Project) -> None:
    """Otherwise the engine would run unknown bytes with the credentials in its environment."""
    _write(project, f"{CHECKSUM}  pulumi-resource-aws-v7.0.0-linux-amd64.tar.gz\n")
    ended = project.run("plugin")
    assert ended.code == 2
    assert ended.err == (
        f"pipeline/aws-plugin.sha256 has no checksum of {ARCHIVE}, so whatever is fetched would be "
        "run; run `make plugin-checksum`, look at the change and commit it\n"
    )
    (project.folder / "pipeline" / "aws-plugin.sha256").unlink()
    assert project.run("plugin").code == 2
    assert project.tools.calls("pulumi") == []


def test_the_plugin_is_installed_by_the_checksum_that_was_written_down(project: Project) -> None:
    """The command that the refusal names writes it down."""
    _gh(project, f"sha256:{CHECKSUM}")
    written = project.run("plugin-checksum")
    assert (written.code, written.out) == (0, f"{CHECKSUM}  {ARCHIVE}\n")
    asked = (project.tools.folder / "asked").read_text()
    assert f"repos/pulumi/pulumi-aws/releases/tags/v{version('pulumi-aws')} --jq " in asked
    assert ARCHIVE in asked
    assert project.run("plugin").code == 0
    assert project.tools.calls("pulumi") == [
        [
            "pulumi",
            "plugin",
            "install",
            "resource",
            "aws",
            version("pulumi-aws"),
            "--exact",
            "--checksum",
            CHECKSUM,
        ]
    ]
    project.tools.pulumi(code=1, says="the checksum did not match")
    assert "the checksum did not match" in project.run("plugin").err


def test_a_release_without_a_checksum_is_not_taken_for_one(project: Project) -> None:
    """GitHub has no checksums of archives from before 2025, and prints an empty line."""
    _write(project, f"{CHECKSUM}  {ARCHIVE}\n")
    _gh(project, "")
    ended = project.run("plugin-checksum")
    assert ended.code == 2
    assert f"GitHub names no SHA-256 of {ARCHIVE}" in ended.err
    assert project.run("plugin").code == 0  # with the one of before


def _write(project: Project, text: str) -> None:
    (project.folder / "pipeline" / "aws-plugin.sha256").write_text(text)


def _gh(project: Project, digest: str) -> None:
    script = project.tools.folder / "gh"
    script.write_text(GH.format(python=sys.executable, digest=digest))
