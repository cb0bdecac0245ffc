"""Deploys the program into an emulator: `python -m sandbox.providers ENDPOINT CA_BUNDLE`.

Standard input is a JSON object: `deployers`, from account to credentials, and `options` of the
stack by path, which override those of its file.

It runs in a separate process, because Pulumi's runtime cannot be used again after a failed run. It
prints exports and resources as JSON; for an error that a person can fix, it prints a sentence and
exits with code 2.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import pulumi
from pulumi.runtime.mocks import MockMonitor

from recording import program
from recording.errors import RecordingError
from sandbox.clients import Credentials
from sandbox.errors import SandboxError
from sandbox.providers.monitor import Monitor
from sandbox.stack import STACK, Stack


def main(endpoint: str, ca_bundle: str) -> int:
    """Run the program; return the exit code."""
    told = json.load(sys.stdin)
    stack = Stack.read(told["options"])
    deployers = {key: Credentials(**each) for key, each in told["deployers"].items()}
    monitor = Monitor(deployers, stack.people)
    try:
        exports = program.run(
            monitor,
            MockMonitor(monitor),
            stack=STACK,
            overrides=stack.at(endpoint, ca_bundle) | told["options"],
        )
    except (RecordingError, SandboxError, pulumi.RunError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    deployed = [asdict(each) for each in monitor.deployed]
    json.dump({"exports": exports, "resources": deployed}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
