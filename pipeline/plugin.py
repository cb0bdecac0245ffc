"""Pulumi's AWS plugin, installed by its checksum before there is any credential.

The engine would fetch a missing plugin by itself, in the step that has the credentials, and take
what it gets. `aws-plugin.sha256` holds the checksum as `sha256sum` writes it; `make
plugin-checksum` asks GitHub for the one of the pinned version.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.tools import output_of

CHECKSUMS = Path(__file__).with_name("aws-plugin.sha256")
RELEASES = "repos/pulumi/pulumi-aws/releases/tags"
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def archive() -> str:
    """Return the name of the archive that GitHub's runners take, of the pinned version."""
    return f"pulumi-resource-aws-v{version('pulumi-aws')}-linux-amd64.tar.gz"


def install() -> None:
    """Install the plugin; PipelineError where its checksum is not known or is another."""
    text = CHECKSUMS.read_text("ascii") if CHECKSUMS.is_file() else ""
    known = {name: checksum for checksum, name in _LINE.findall(text)}
    if archive() not in known:
        raise PipelineError(
            f"pipeline/{CHECKSUMS.name} has no checksum of {archive()}, so whatever is fetched "
            "would be run; run `make plugin-checksum`, look at the change and commit it"
        )
    checksum = known[archive()]
    of = ("resource", "aws", version("pulumi-aws"))
    output_of("pulumi", "plugin", "install", *of, "--exact", "--checksum", checksum)


def write_checksum() -> str:
    """Replace the file by the line of the pinned version, as GitHub's release has it; return it."""
    select = f'.assets[] | select(.name == "{archive()}") | .digest'
    digest = output_of("gh", "api", f"{RELEASES}/v{version('pulumi-aws')}", "--jq", select)
    checksum = digest.strip().removeprefix("sha256:")
    line = f"{checksum}  {archive()}"
    if not _LINE.fullmatch(line):
        raise PipelineError(
            f"GitHub names no SHA-256 of {archive()} but {digest.strip()!r}; "
            "download the archive, look at it, and write the line of `sha256sum` into "
            f"pipeline/{CHECKSUMS.name}"
        )
    CHECKSUMS.write_text(f"{line}\n", "ascii")
    return line
