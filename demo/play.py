"""Keeps a deployment running for trying things out: the program in an emulator, and profiles for
`aws` and boto3.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
from typing import TYPE_CHECKING

from rich.console import Console

from components.producer import package
from recording.program import PROJECT
from sandbox import limits
from sandbox.clients import Credentials, root_of
from sandbox.deployment import Deployment, deployed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = PROJECT / "build" / "play"
PICTURE = "samples/rocket.jpg"
ACTORS = ("uploader", "reader", "administrator", "stranger", "insider")


def run() -> int:
    """Deploy, print how to use it, and keep it running until Ctrl-C or SIGTERM."""
    console = Console(highlight=False, soft_wrap=True)
    package.build_layer("x86_64")
    with deployed(log=FOLDER / "emulator.log") as deployment:
        config = FOLDER / "config"
        _write(config, deployment)
        console.print(f"thumbx is deployed at {deployment.clients.endpoint}; Ctrl-C ends it.")
        console.print(limits.WARNING, style="dim")
        console.print("\nIn another terminal, in this folder:\n")
        for line in commands(deployment, config):
            console.print(f"  {line}", markup=False)
        console.print(
            f"\nThe profiles are {', '.join(ACTORS)}, and the accounts' roots producer and "
            "storage. With boto3: boto3.Session(profile_name='uploader').client('s3')."
        )
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
        config.unlink()  # its sessions are from an emulator that has ended
    return 0


def commands(deployment: Deployment, config: Path) -> list[str]:
    """The commands to type: the environment, a first upload, its thumbnail, and a refused call."""
    stack, bucket = deployment.stack, deployment.bucket
    key = f"{stack.originals}rocket.jpg"
    thumbnails = f"s3://{bucket}/{stack.thumbnails}rocket.jpg/"
    return [
        # The last two are in the profiles too; a shell that has them set would call another
        # address.
        f"export AWS_CONFIG_FILE={shlex.quote(str(config))}",
        f"export AWS_CA_BUNDLE={shlex.quote(str(deployment.clients.ca_bundle))}",
        f"export AWS_ENDPOINT_URL={deployment.clients.endpoint} NO_PROXY=localhost",
        f"aws s3 cp --profile uploader {PICTURE} s3://{bucket}/{key}",
        f"aws s3 cp --profile reader {thumbnails}{stack.names[0]} build/play/",
        f"aws s3 cp --profile reader s3://{bucket}/{key} build/play/  # refused",
    ]


def _write(path: Path, deployment: Deployment) -> None:
    """Write a profile for each actor and for each account's root, readable only by the file's
    owner.
    """
    stack, clients = deployment.stack, deployment.clients
    callers: dict[str, Credentials | None] = {
        **{actor: deployment.session(actor) for actor in ACTORS},
        "producer": root_of(stack.producer),
        "storage": root_of(stack.storage),
    }
    text = ""
    for name, keys in callers.items():
        said: Mapping[str, str | None] = {
            "region": stack.region,
            "endpoint_url": clients.endpoint,
            "ca_bundle": str(clients.ca_bundle),
            "aws_access_key_id": keys and keys.access_key,
            "aws_secret_access_key": keys and keys.secret_key,
            "aws_session_token": keys and keys.token,
        }
        text += f"[profile {name}]\n"
        text += "".join(f"{key} = {value}\n" for key, value in said.items() if value)
        text += "s3 =\n  addressing_style = path\n\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
