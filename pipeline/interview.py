"""`make init`: asks what a stack needs, checks what it can, and writes its file."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from components.configuration import arns
from components.configuration.accounts import Account, Storage
from components.configuration.options import options_of
from components.configuration.reader import nearest
from pipeline.clients import client_of
from pipeline.errors import PipelineError
from pipeline.preflight import preflight
from pipeline.stack import full_name, settings_of
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

EXAMPLES = ("111111111111", "222222222222")  # the accounts of the example file in the repository
_STACK = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_SSO = re.compile(r"AWSReservedSSO_(?P<set>.+)_[0-9a-f]{16}")
_CALLER = re.compile(
    r"arn:(?P<partition>[^:]+):(?:sts|iam)::\d+:(?:assumed-role|user)/(?P<name>.+)"
)


class WrongAnswer(Exception):  # noqa: N818 - the person is asked again
    """The reason why an answer is not accepted, in a sentence."""


@dataclass(kw_only=True)
class Answers:
    """The answers of the person, and what the accounts answered about them."""

    region: str = ""
    profiles: dict[str, str] = field(default_factory=dict[str, str])
    accounts: dict[str, str] = field(default_factory=dict[str, str])
    uploaders: list[str] = field(default_factory=list[str])
    readers: list[str] = field(default_factory=list[str])
    administrators: list[str] = field(default_factory=list[str])
    bucket: str = ""

    def file(self) -> dict[str, Any]:
        """Return the stack file's content; an empty value keeps its default."""
        sides: dict[str, dict[str, Any]] = {
            side: {"account": self.accounts[side], "profile": self.profiles[side]}
            for side in ("producer", "storage")
        }
        if self.bucket:
            sides["storage"]["bucket"] = self.bucket
        named = {
            "uploaders": self.uploaders,
            "readers": self.readers,
            "administrators": self.administrators,
        }
        access = {key: found for key, found in named.items() if found}
        groups: dict[str, Any] = {"region": self.region, **sides}
        if access:
            groups["access"] = access
        return {"config": {f"thumbx:{key}": value for key, value in groups.items()}}


def write(stack: str) -> None:
    """Ask, check and write `Pulumi.<stack>.yaml`; PipelineError if it may not be written."""
    path = PROJECT / f"Pulumi.{stack}.yaml"
    if not _STACK.fullmatch(stack):
        raise PipelineError(f"{stack!r} is not a stack's name; use letters and digits: STACK=dev")
    if path.is_file() and not all(each in path.read_text("utf-8") for each in EXAMPLES):
        raise PipelineError(f"{path.name} is there already; edit it, or name another: STACK=test")
    answers = _asked(stack)
    text = yaml.safe_dump(answers.file(), sort_keys=False, default_style=None, width=100)
    before = path.read_text("utf-8") if path.is_file() else None
    path.write_text(text, "utf-8")
    try:
        settings_of(stack)
    except PipelineError:
        _put_back(path, before)
        raise
    print(f"\n{path.name} is written.")
    _make_stack(stack)
    try:
        preflight(stack)
    except PipelineError as error:
        print(f"Still missing before `make up STACK={stack}`:\n{error}")
    else:
        print(f"Next: `make up STACK={stack}`")


def _asked(stack: str) -> Answers:
    answers = Answers()
    print("Two accounts: the producer (A) runs the function, the storage account (B) owns the")
    print("pictures. Enter takes the value in brackets.\n")
    for side, letter in (("producer", "A"), ("storage", "B")):
        profile = f"thumbx-{stack}-{side}"
        _ask(
            f"Profile of account {letter} ({side})",
            profile,
            lambda word, s=side: _profile(answers, s, word),
        )
    offered = boto3.Session(profile_name=answers.profiles["storage"]).region_name or "eu-central-1"
    answers.region = _ask("Region of both", offered, _region)
    storage = Account(
        id=answers.accounts["storage"], profile=answers.profiles["storage"], region=answers.region
    )
    who = "ARNs with commas between them; Enter for nobody yet"
    answers.uploaders = _ask(f"Who uploads ({who})", "", lambda text: _people(storage, text))
    answers.readers = _ask(f"Who reads thumbnails ({who})", "", lambda text: _people(storage, text))
    if "bucket" in [each.key for each in options_of(Storage)]:
        answers.bucket = _ask(
            "Name of an existing bucket (Enter for a new one)",
            "",
            lambda name: _bucket(storage, name),
        )
    return answers


def _ask(question: str, offered: str, check: Callable[[str], T]) -> T:
    while True:
        sys.stdout.write(f"{question}{f' [{offered}]' if offered else ''}: ")
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            raise PipelineError(
                "\nthe answers ended before the questions; nothing was written. Run `make init` "
                "in a terminal, or give a line for each"
            )
        try:
            return check(line.strip() or offered)
        except WrongAnswer as wrong:
            print(f"  {wrong}")


def _profile(answers: Answers, side: str, profile: str) -> None:
    """Ask the profile's account for its id; the storage side's caller becomes administrator."""
    try:
        known = boto3.Session().available_profiles
        if profile not in known:
            near = nearest(profile, known)
            hint = f"did you mean {near[0]}? " if near else ""
            raise WrongAnswer(
                f"{profile} is not in ~/.aws/config; {hint}In another terminal: "
                f"aws configure sso --profile {profile}"
            )
        region = boto3.Session(profile_name=profile).region_name or "us-east-1"
        caller: Any = client_of(Account(id="", profile=profile, region=region), "sts")
        found = caller.get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise WrongAnswer(
            f"{error}; in another terminal: aws sso login --profile {profile}"
        ) from None
    account = str(found["Account"])
    if account in answers.accounts.values():
        raise WrongAnswer(f"{profile} is of account {account} too; the two sides need two accounts")
    answers.profiles[side], answers.accounts[side] = profile, account
    print(f"  account {account}, as {found['Arn']}")
    if side == "storage":
        answers.administrators = administrators_of(str(found["Arn"]), account)
        if not answers.administrators:
            print("  no administrator of the pictures is named; name a role in the file later")


def administrators_of(caller: str, account: str) -> list[str]:
    """Return the pattern of the calling role or user, who then may access every picture.

    Return nobody for root, because no pattern can name it. A session of IAM Identity Center is
    identified by its permission set, for which AWS makes a role with a random suffix in each
    account.
    """
    match = _CALLER.fullmatch(caller)
    if not match:
        return []
    start = f"arn:{match['partition']}:iam::{account}"
    if ":user/" in caller:
        return [f"{start}:user/{match['name']}"]
    role = match["name"].partition("/")[0]
    if permission := _SSO.fullmatch(role):
        path = "role/aws-reserved/sso.amazonaws.com"
        return [f"{start}:{path}/*AWSReservedSSO_{permission['set']}_*"]
    # A session's ARN does not contain its role's path.
    return [f"{start}:role/{role}", f"{start}:role/*/{role}"]


def _region(name: str) -> str:
    known = [region.value for region in arns.Region]
    if name in known:
        return name
    near = nearest(name, known)
    raise WrongAnswer(f"{name} is not an AWS region{f'; did you mean {near[0]}?' if near else ''}")


def _people(storage: Account, text: str) -> list[str]:
    """ARNs of roles and users; those of the storage account are looked up, as S3 does."""
    found = [word.strip() for word in text.split(",") if word.strip()]
    for arn in found:
        _, _, what = arn.partition(":iam::")
        kind, _, name = what.partition(":")[2].partition("/")
        if kind not in ("role", "user") or not name or "*" in name:
            raise WrongAnswer(
                f"{arn} is not the ARN of one role or user, such as "
                f"arn:aws:iam::{storage.id}:role/uploader"
            )
        if arns.account_of(arn) != storage.id:
            continue
        iam, last = client_of(storage, "iam"), name.rpartition("/")[2]
        try:
            if kind == "role":
                iam.get_role(RoleName=last)
            else:
                iam.get_user(UserName=last)
        except (BotoCoreError, ClientError) as error:
            raise WrongAnswer(
                f"{arn} cannot be looked up ({error}); S3 refuses a policy that names nobody: make "
                "it first, or leave it out and add it later"
            ) from None
    return found


def _bucket(storage: Account, name: str) -> str:
    if name:
        try:
            client_of(storage, "s3").head_bucket(Bucket=name, ExpectedBucketOwner=storage.id)
        except (BotoCoreError, ClientError) as error:
            raise WrongAnswer(
                f"{name} is not a bucket of {storage.id} that can be reached: {error}"
            ) from None
    return name


def _make_stack(stack: str) -> None:
    """Make the stack in Pulumi's state, if somebody is logged in; else the preflight says so."""
    try:
        subprocess.run(
            ["pulumi", "stack", "select", "--create", "--stack", full_name(stack)],  # noqa: S607
            cwd=PROJECT,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return


def _put_back(path: Path, before: str | None) -> None:
    if before is None:
        path.unlink()
    else:
        path.write_text(before, "utf-8")
