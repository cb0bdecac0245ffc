"""The command line's options, with a help text that says what a listing cannot show."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from audit.options import Parser
from reconcile.permissions import ACCOUNTS, THUMBNAILS

ABOUT = """\
Compares the originals in the bucket with their thumbnails, says what is missing, what it costs and
how long it takes, and after a yes sends what is missing to the function. It reads no picture.

  python -m reconcile run        make what is missing or older than its original
  python -m reconcile waiting    refused pictures and dead letters, by reason; sends them again
  python -m reconcile policy     the rights that each profile needs"""

RUN = """\
Lists originals and thumbnails, counts what must be made, names the price and the time, asks, and
sends. At the end it lists again and names what is still missing, with the reason.

A listing cannot show two changes: the deletion of an original's newest version (the older version
that becomes current keeps its old time), and an overwrite by a multipart upload that began before
the thumbnails were made. The function gets events about both. If events were lost, use --verify,
which asks for each thumbnail, as a reader, of which original it was made, or --all, which makes
every thumbnail again.

A run that was stopped is continued by the same command: it sends no picture twice, except those
of the last batch of ten.

exit code:  0  nothing is missing, or what was missing was sent and made
            1  something is still missing, or the run was not started
            2  it could not run"""

WAITING = """\
Shows the messages in the refused queue and in the dead-letter queues, by reason, and which of their
pictures still lack thumbnails. --send-again sends them to the function again: all of them, those of
one --reason (such as too-large, or "dead letter"), or those of one --key."""


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    made = Parser(prog="python -m reconcile", description=ABOUT)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", description=RUN, help="compare, ask, send"))
    waiting = commands.add_parser(
        "waiting", description=WAITING, help="refused pictures and dead letters"
    )
    waiting.add_argument(
        "--send-again", action="store_true", help="send the pictures to the function again"
    )
    only = waiting.add_mutually_exclusive_group()
    only.add_argument("--reason", metavar="WORD", help="only messages of this reason")
    only.add_argument("--key", metavar="KEY", help="only messages of this original")
    _add_work(waiting)
    _add_accounts(waiting)
    rights = commands.add_parser("policy", help="the rights that each profile needs")
    rights.add_argument("account", choices=ACCOUNTS, nargs="?", help="both without one")
    rights.add_argument(
        "--bucket", default="", metavar="NAME", help="for thumbx:storage.bucket, an existing bucket"
    )
    rights.add_argument(
        "--thumbnails",
        default=THUMBNAILS,
        metavar="PREFIX",
        help="thumbx:thumbnails.thumbnailsPrefix (%(default)s)",
    )
    return made


def _add_run(run: argparse.ArgumentParser) -> None:
    what = run.add_mutually_exclusive_group()
    what.add_argument("--all", action="store_true", help="make every thumbnail again")
    what.add_argument(
        "--before",
        type=_time,
        metavar="WHEN",
        help="make thumbnails again that were made before this date or time, for new settings "
        "(2026-11-28)",
    )
    what.add_argument(
        "--verify",
        action="store_true",
        help="ask for each thumbnail, as a reader, of which original it was made",
    )
    run.add_argument(
        "--prefix",
        default="",
        metavar="KEYS",
        help="only originals whose keys begin like this, after their prefix",
    )
    run.add_argument(
        "--max", type=int, metavar="N", help="stop if more pictures than this would be sent"
    )
    run.add_argument("--yes", action="store_true", help="do not ask; for programs")
    run.add_argument(
        "--remove",
        action="store_true",
        help="delete thumbnails without an original, and of sizes no longer configured",
    )
    _add_work(run)
    _add_accounts(run)


def _add_work(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--work",
        type=Path,
        default=Path("build/reconcile"),
        metavar="DIR",
        help="where unfinished runs and lists are kept (%(default)s)",
    )


def _add_accounts(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--bucket", metavar="NAME", help="the pictures' bucket (the account's only thumbx-images-*)"
    )
    to.add_argument("--producer-profile", metavar="NAME", help="of ~/.aws/config: may send")
    to.add_argument("--storage-profile", metavar="NAME", help="of ~/.aws/config: may list")
    to.add_argument("--region", metavar="NAME", help="of both accounts (the profile's)")


def _time(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date or time; write 2026-11-28 or 2026-11-28T09:00"
        ) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)
