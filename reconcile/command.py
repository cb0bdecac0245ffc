"""Runs the command line: one `run`, one `waiting`, or the permissions that they need."""

from __future__ import annotations

import json
import sys
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from audit.accounts.bucket import only_bucket
from audit.accounts.clients import connect
from audit.accounts.errors import COMMAND, AuditError
from audit.accounts.permissions import policy as policy_of
from reconcile import permissions
from reconcile.errors import ReconcileError
from reconcile.exits import COULD_NOT_RUN, DONE, INTERRUPTED
from reconcile.letters import Letters
from reconcile.options import parser
from reconcile.run import ReconcileRun
from reconcile.target import read_target

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    return copy_context().run(_main, words)


def _main(words: Sequence[str]) -> int:
    COMMAND.set("reconcile")
    options = parser().parse_args(words)
    if options.command == "policy":
        granted = permissions.grants(options.bucket, options.thumbnails)
        rights = {each: policy_of(of) for each, of in granted.items()}
        chosen: Any = rights[options.account] if options.account else rights
        sys.stdout.write(json.dumps(chosen, indent=2) + "\n")
        return DONE
    try:
        access = connect(
            options.producer_profile,
            options.storage_profile,
            options.region,
            permissions.operations,
        )
        target = read_target(access, options.bucket or only_bucket(access))
        command = Letters if options.command == "waiting" else ReconcileRun
        return command(access, target, options).run()
    except (AuditError, ReconcileError) as error:
        sys.stderr.write(f"{error}\n")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        sys.stderr.write("stopped; the same command goes on where this one ended\n")
        return INTERRUPTED
