"""Keeps the emulator running for people who have the Pulumi CLI: `make sandbox`."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket

from rich.console import Console

from recording.program import PROJECT
from sandbox import limits
from sandbox.actors import Actors
from sandbox.emulator import Emulator
from sandbox.stack import Stack


def run() -> int:
    """Listen at the address in Pulumi.sandbox.yaml, until Ctrl-C or SIGTERM."""
    stack = Stack.read()
    console = Console(highlight=False)
    log = PROJECT / "build" / "sandbox" / "emulator.log"
    with Emulator(port=stack.port, log=log) as emulator:
        stack.ca_bundle.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(emulator.ca_bundle, stack.ca_bundle)
        Actors(emulator.clients, stack).seed()
        console.print(limits.WARNING, style="bold", soft_wrap=True)
        console.print(
            f"\nThe emulator answers at {emulator.endpoint}; Ctrl-C ends it and deletes "
            "everything.\n"
            f"Its certificate authority is {stack.ca_bundle.relative_to(PROJECT)}.\n\n"
            "In another terminal, with the Pulumi CLI:\n"
            "  make stack-layer STACK=sandbox\n"
            "  pulumi login file://./build/sandbox\n"
            "  PULUMI_CONFIG_PASSPHRASE= pulumi stack init sandbox\n"
            "  PULUMI_CONFIG_PASSPHRASE= pulumi up\n"
            "and after Ctrl-C, because the emulator kept nothing (without --preserve-config this "
            "deletes Pulumi.sandbox.yaml):\n"
            "  pulumi stack rm --force --preserve-config sandbox\n\n"
            f"An account id is that account's root access key ({stack.producer}, {stack.storage}), "
            "with any secret.",
            soft_wrap=True,
        )
        if unknown := _unknown_hosts(stack):
            console.print(
                f"\nThe provider reads tags of buckets at {' and '.join(unknown)}, which this "
                "machine does not know. Add to /etc/hosts:\n"
                f"  127.0.0.1 {' '.join(unknown)}",
                soft_wrap=True,
            )
        console.print(limits.NOTICE, style="dim")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    return 0


def _unknown_hosts(stack: Stack) -> list[str]:
    """The host names of S3 Control that do not lead to this machine, because resolvers treat
    *.localhost differently.
    """
    unknown: list[str] = []
    for account in (stack.producer, stack.storage):
        name = f"{account}.localhost"
        try:
            socket.getaddrinfo(name, stack.port)
        except OSError:
            unknown.append(name)
    return unknown
