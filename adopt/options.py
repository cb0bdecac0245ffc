"""The command line's options."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from adopt.permissions import GRANTS

if TYPE_CHECKING:
    from collections.abc import Callable

ABOUT = """\
Work on a bucket that existed before the program, as the storage account. The commands change
nothing before they have asked.

  python -m adopt check     what fits, what must be done and by whom; before `pulumi up`
  python -m adopt enable    turn on the bucket's events for EventBridge; after `pulumi up`
  python -m adopt policy    the bucket's policy with our refusals, and who would lose what
  python -m adopt key       the statement that the owner of the bucket's key must add
  python -m adopt release   undo what `enable` and `policy` did; before `pulumi destroy`
  python -m adopt rights check   the permissions that each of these commands needs"""


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    made = _Parser(prog="python -m adopt", description=ABOUT)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, says: str, *more: Callable[[argparse.ArgumentParser], None]) -> None:
        command = commands.add_parser(name, help=says, description=says)
        command.add_argument("--stack", default="dev", help="of Pulumi.<stack>.yaml (%(default)s)")
        for each in more:
            each(command)

    add("check", "what fits, and what must be done by whom", _profile)
    add("enable", "turn on the bucket's events for EventBridge", _profile, _yes)
    add("policy", "the policy with our refusals, and who would lose what", _profile, _write)
    add("key", "the statement that the owner of the bucket's key must add", _profile)
    add("release", "undo what enable and policy did", _profile, _yes, _was_off)
    rights = commands.add_parser("rights", help="the permissions that a command needs")
    rights.add_argument("step", choices=tuple(GRANTS))
    rights.add_argument("--stack", default="dev", help="of Pulumi.<stack>.yaml (%(default)s)")
    return made


def _profile(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--storage-profile", metavar="NAME", help="of ~/.aws/config (the stack file's profile)"
    )


def _yes(to: argparse.ArgumentParser) -> None:
    to.add_argument("--yes", action="store_true", help="do not ask; for programs")


def _write(to: argparse.ArgumentParser) -> None:
    _yes(to)
    to.add_argument("--write", action="store_true", help="write the merged policy, after asking")


def _was_off(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--was-off",
        action="store_true",
        help="EventBridge was off before `enable`: needed if `pulumi destroy` came first, because "
        "it removes the note",
    )


class _Parser(argparse.ArgumentParser):
    """Keeps the lines of a description as they are written."""

    def __init__(self, **options: object) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **options)  # pyright: ignore[reportArgumentType]
