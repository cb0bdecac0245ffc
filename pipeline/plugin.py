"""Installs Pulumi's AWS plugin with its checksum, before there is any credential.

Otherwise the engine would download a missing plugin itself, in the step that has the credentials,
and accept any bytes. `aws-plugin.sha256` holds the checksum in the format of `sha256sum`; `make
plugin-checksum` reads the checksum of the pinned version from GitHub.
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
    """Return the name of the archive for GitHub's runners, for the pinned version."""
    return f"pulumi-resource-aws-v{version('pulumi-aws')}-linux-amd64.tar.gz"


def install() -> None:
    """Install the plugin; PipelineError if its checksum is not known or differs."""
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
    """Replace the file by the line of the pinned version from GitHub's release; return the line."""
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
