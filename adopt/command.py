"""Runs one command on a bucket that existed before the program."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from adopt import notification, policy, rule, show
from adopt.check import Status, check
from adopt.errors import AdoptError
from adopt.facts import read_facts, refuse_other_account
from adopt.options import parser
from adopt.permissions import BUCKET, GRANTS, operations
from adopt.stack import AdoptedStack, read_stack
from audit.accounts.clients import connect
from audit.accounts.errors import AuditError, aws_errors
from audit.accounts.permissions import STORAGE
from audit.accounts.permissions import policy as policy_of
from audit.consent import agreed

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from audit.accounts.clients import AccountClients

DONE, LEFT, COULD_NOT_RUN = 0, 1, 2
INTERRUPTED = 130  # the shell's exit code for Ctrl-C


def main(words: Sequence[str]) -> int:
    """Run the command line; 0 if nothing is left to do, 1 if something is, 2 if it failed."""
    options = parser().parse_args(words)
    try:
        return _Command(options, read_stack(options.stack)).run()
    except (AdoptError, AuditError) as error:
        sys.stderr.write(f"{error}\n")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return INTERRUPTED


class _Command:
    """One run of the program."""

    def __init__(self, options: Namespace, stack: AdoptedStack) -> None:
        self._options = options
        self._stack = stack
        self._wanted = stack.wanted
        self._out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())

    def run(self) -> int:
        """Run it; return the exit code."""
        match self._options.command:
            case "check":
                return self._check()
            case "enable":
                return self._enable()
            case "policy":
                return self._policy()
            case "key":
                return self._key()
            case "release":
                return self._release()
            case _:
                return self._rights()

    def _check(self) -> int:
        facts = read_facts(self._access(), self._wanted)
        found = list(check(facts, self._wanted, self._stack.partition))
        show.lines(self._out, found)
        return LEFT if any(line.status is Status.STOP for line in found) else DONE

    def _enable(self) -> int:
        access, wanted = self._access(), self._wanted
        refuse_other_account(access, wanted.account)
        our_rule = rule.find(access, wanted.bucket)
        if notification.read(access, wanted.bucket, wanted.account).is_on:
            self._out.print(f"{wanted.bucket} sends its events to EventBridge already.")
            return DONE
        self._out.print(f"S3 will send all events of {wanted.bucket}: {show.PRICE}.")
        # The note comes before the switch, because the switch must not be on without the note.
        rule.remember(access, our_rule)
        if not self._switch(access, on=True):
            rule.forget(access, our_rule)
            return LEFT
        self._out.print(f"{wanted.bucket} sends its events to EventBridge. {notification.DELAY}")
        show.infrastructure_as_code(self._out, wanted.bucket)
        return DONE

    def _release(self) -> int:
        access, wanted = self._access(), self._wanted
        refuse_other_account(access, wanted.account)
        left = DONE if self._give_back(access) else LEFT
        self._out.print(
            "The thumbnails stay. This command deletes them, but keeps every version of them:"
        )
        where = f"s3://{wanted.bucket}/{wanted.thumbnails}"
        self._out.print(Text(f"  aws s3 rm --recursive {where}"))
        theirs = self._read_policy(access)
        if theirs and policy.without(theirs) != theirs:
            self._out.print("The bucket's policy has statements of ours. Without them, it is:")
            self._print(policy.without(theirs))
            left = LEFT
        return left

    def _give_back(self, access: AccountClients) -> bool:
        """Turn EventBridge off if `enable` turned it on; return whether nothing is left to do.

        `enable` notes that on our rule, so that nobody knows it any more after `pulumi destroy`.
        """
        wanted = self._wanted
        our_rule = rule.search(access, wanted.bucket)
        noted = our_rule is not None and rule.was_off(access, our_rule)
        if not notification.read(access, wanted.bucket, wanted.account).is_on:
            self._out.print(f"{wanted.bucket} sends no events to EventBridge.")
        elif noted or self._options.was_off:
            if not self._switch(access, on=False):
                return False
        elif our_rule is None:
            show.note_is_gone(self._out, wanted.bucket)
            return False
        else:
            self._out.print("EventBridge was on before thumbx was deployed, so it stays on.")
        if noted and our_rule:
            rule.forget(access, our_rule)
        return True

    def _policy(self) -> int:
        access, wanted = self._access(), self._wanted
        refuse_other_account(access, wanted.account)
        theirs = self._read_policy(access)
        merged = policy.merged(theirs, self._stack.refusals(rule.thumbx_role(access)["RoleId"]))
        self._print(merged)
        size = len(json.dumps(merged, separators=(",", ":")))
        self._out.print(f"{size:,} of at most {policy.LARGEST:,} bytes.")
        show.losses(self._out, policy.losses(theirs, merged, wanted, self._stack.partition))
        if not self._options.write or merged == theirs:
            return DONE
        if not self._agreed(f"Write this policy to {wanted.bucket}?"):
            return LEFT
        if self._read_policy(access) != theirs:
            raise AdoptError(
                f"somebody changed the policy of {wanted.bucket} while you decided, so nothing was "
                "written; start again"
            )
        with aws_errors(f"writing the policy of {wanted.bucket}", STORAGE):
            access.client(STORAGE, "s3").put_bucket_policy(
                Bucket=wanted.bucket, Policy=json.dumps(merged), ExpectedBucketOwner=wanted.account
            )
        written = self._read_policy(access)
        if written is None or not policy.same(written, merged):
            raise AdoptError(
                f"the policy of {wanted.bucket} is not what was written; somebody else changes it "
                f"too. The policy before was:\n{json.dumps(theirs, indent=2)}"
            )
        self._out.print("Written.")
        return DONE

    def _key(self) -> int:
        if not self._wanted.key:
            self._out.print("storage.bucketKey is not set, so no key needs a grant.")
            return DONE
        access = self._access()
        refuse_other_account(access, self._wanted.account)
        self._out.print(f"The owner of {self._wanted.key} adds this statement to its policy:")
        self._print(self._stack.key_statement(rule.thumbx_role(access)["Arn"]))
        return DONE

    def _rights(self) -> int:
        bucket = f"arn:{self._stack.partition}:s3:::{self._wanted.bucket}"
        document = policy_of(GRANTS[self._options.step], self._stack.partition)
        self._print(json.loads(json.dumps(document).replace(BUCKET, bucket)))
        return DONE

    def _switch(self, access: AccountClients, *, on: bool) -> bool:
        def accepted(difference: str) -> bool:
            self._out.print(Text(difference))
            return self._agreed("Write this?")

        wanted = self._wanted
        return notification.switch(access, wanted.bucket, wanted.account, on=on, agreed=accepted)

    def _read_policy(self, access: AccountClients) -> dict[str, Any] | None:
        return policy.read(access, self._wanted.bucket, self._wanted.account)

    def _agreed(self, question: str) -> bool:
        return agreed(self._out, question, yes=self._options.yes)

    def _access(self) -> AccountClients:
        profile = self._options.storage_profile or self._stack.profile
        step = self._options.command
        return connect(None, profile, self._stack.region, lambda _: operations(step))

    def _print(self, document: object) -> None:
        self._out.print(Text(json.dumps(document, indent=2)))
