"""The command line's options, with help texts that show examples."""

from __future__ import annotations

import argparse
from typing import NoReturn

from audit.accounts import permissions
from audit.border import plain_lines

ABOUT = """\
Ask deployed accounts who touched what. Reads only, with the rights in docs/audit-policy.json.

  trace   the history of one thumbnail: upload, session, log line, write, and who read it since
  reads   who read an object, what a principal read, from which addresses and agents
  who     every principal that touched the bucket, how often, with which outcome
  check   the deployed state against the program, for people and for cron
  policy  the rights that these commands need in an account

exit code:  0  answered     2  not answered
            3  answered, but some existing evidence cannot be read: `not shown` names it

docs/audit.md is the runbook: the questions that people ask, and the command that answers each."""

SOURCES = """\
Events come from the trail that logs the bucket. If it logs no sessions and changes, these come
from another trail. If there are no files yet, they come from the event history, which every account
keeps for 90 days; it has only management events, so no reads and writes of objects.
--from reads an export instead, a folder with the trail's files, and asks no account."""

TRACE = f"""\
Follow one thumbnail back to its upload, in order of time.

The record of the write names a session of ThumbXRole. The session's name, thumbx-<day>-<32 hex
digits>, belongs to one container of the function, and so leads to its log stream and to the line
with the message id and the request id. The access key in the record shows which AssumeRole call
opened the session. Each thing that cannot be shown has its own line; nothing is guessed.

{SOURCES}

examples:
  python -m audit trace s3://thumbx-images-0a1b2c3/thumbnails/cat.jpg/small.jpg
  python -m audit trace s3://.../small.jpg --from export --logs log.json --json"""

WHO = f"""\
Count calls by principal, action and outcome.

NO marks a caller that the bucket policy does not name, whatever the outcome. For reads and writes
of objects the outcome should be a refusal. The policy never refuses calls on the bucket itself, so
there the caller is usually somebody who manages the account. --role asks instead who assumed
ThumbXRole, and marks every caller except the function. --changes lists changes, and attempts.

{SOURCES}

examples:
  python -m audit who --since 24h
  python -m audit who --role --since 90d
  python -m audit who --changes --since 7d
  python -m audit who --from export --policy bucket-policy.json --json"""

READS = f"""\
Who read an object, or what a principal read: how often, first and last, from which addresses and
with which agents. Refused attempts are listed too. A copy counts as a read of its source.

A principal is the ARN of a role, a user or a session, a unique id (AROA...), a service, or
`anonymous`. The bucket owner's trail has no ARN for a caller of another account: use the caller's
account id or unique id.

{SOURCES}

examples:
  python -m audit reads s3://thumbx-images-0a1b2c3/originals/cat.jpg
  python -m audit reads s3://thumbx-images-0a1b2c3/originals/cat.jpg --thumbnails-too
  python -m audit reads --by arn:aws:iam::222222222222:role/reader --since 7d"""

CHECK = """\
Compare what is deployed with what the program says: names, policies, trust, grants, the bucket's
settings, queue policies, both trails, the log bucket, what the analyzers found, permissions that
nobody used, access keys that are too old. The program itself is run from this folder for --stack,
so neither the Pulumi CLI nor a state is needed.

exit code:  0  everything agrees, or is off by configuration
            1  something differs: the line says what, and what to do
            2  some or all of it could not be checked
            3  the same, because evidence is broken

examples:
  python -m audit check --stack prod --producer-profile audit-a --storage-profile audit-b
  17 6 * * *  cd thumbx && .venv/bin/python -m audit check --stack prod > check.txt || mail ..."""


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command."""
    root = Parser(prog="python -m audit", description=ABOUT)
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    trace = commands.add_parser("trace", description=TRACE, help="the history of one thumbnail")
    trace.add_argument("uri", metavar="s3://BUCKET/KEY", help="the thumbnail")
    _sources(trace, "two hours before the thumbnail was written; 90d with --from")
    trace.add_argument(
        "--logs",
        metavar="FILE",
        help="what `aws logs filter-log-events --output json` printed, for the log group itself",
    )
    _policy(trace)
    _prefixes(trace)
    reads = commands.add_parser("reads", description=READS, help="who read what")
    reads.add_argument("uri", metavar="s3://BUCKET/KEY", nargs="?", default="", help="the object")
    reads.add_argument("--by", metavar="PRINCIPAL", default="", help="only by this caller")
    reads.add_argument(
        "--thumbnails-too",
        action="store_true",
        help="the object is an original: also who read one of its thumbnails",
    )
    _sources(reads, "90d")
    _bucket(reads)
    _prefixes(reads)
    who = commands.add_parser("who", description=WHO, help="who touched the bucket")
    kind = who.add_mutually_exclusive_group()
    kind.add_argument("--role", action="store_true", help="who assumed ThumbXRole")
    kind.add_argument("--changes", action="store_true", help="which changes were made, by whom")
    _sources(who, "24h")
    _bucket(who)
    _policy(who)
    check = commands.add_parser("check", description=CHECK, help="the deployed state")
    _sources(check, "30d: the window of unused permissions")
    _bucket(check)
    check.add_argument(
        "--stack", default="dev", help="of Pulumi.<stack>.yaml in this folder (%(default)s)"
    )
    check.add_argument(
        "--key-days", type=int, default=90, metavar="N", help="the oldest access key (%(default)s)"
    )
    rights = commands.add_parser("policy", help="the rights that the audit needs")
    rights.add_argument(
        "account",
        choices=tuple(permissions.GRANTS),
        nargs="?",
        help="in which account; both, by name, without one",
    )
    rights.add_argument(
        "--partition",
        metavar="NAME",
        default="aws",
        help="of the accounts' regions (%(default)s)",
    )
    rights.add_argument(
        "--bucket",
        metavar="NAME",
        default=permissions.OWN_BUCKET,
        help="the pictures' bucket, if it was there before the program (%(default)s)",
    )
    return root


class Parser(argparse.ArgumentParser):
    """Keeps the lines of a description as they are written."""

    def __init__(self, **options: object) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **options)  # pyright: ignore[reportArgumentType]

    def error(self, message: str) -> NoReturn:
        """Report the wrong option; its text is escaped, because it may come from a file."""
        super().error(plain_lines(message))


def _sources(to: argparse.ArgumentParser, since: str) -> None:
    """The options that say where to read and how far back."""
    to.add_argument(
        "--since", metavar="WHEN", help=f"90m, 24h, 7d, 2w ago, or a date or time ({since})"
    )
    to.add_argument("--until", metavar="WHEN", help="the same (now)")
    to.add_argument(
        "--from",
        dest="where",
        metavar="WHERE",
        help="a folder with trail files, at any depth, or s3://bucket/prefix",
    )
    to.add_argument("--json", action="store_true", help="print JSON, for programs")
    for account in ("producer", "storage"):
        to.add_argument(
            f"--{account}-profile",
            metavar="NAME",
            help=f"of ~/.aws/config, for the {account} account (the environment's credentials)",
        )
    to.add_argument("--region", metavar="NAME", help="of both accounts (the profile's)")


def _prefixes(to: argparse.ArgumentParser) -> None:
    for prefix in ("originals", "thumbnails"):
        to.add_argument(
            f"--{prefix}",
            metavar="PREFIX",
            default=f"{prefix}/",
            help=f"the prefix of {prefix}, with --from; else the function is asked (%(default)s)",
        )


def _policy(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--policy", metavar="FILE", help="the bucket policy, JSON; else the bucket is asked"
    )


def _bucket(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--bucket",
        metavar="NAME",
        help="the pictures' bucket (the one that the stack names, or the account's only "
        "thumbx-images-*)",
    )
