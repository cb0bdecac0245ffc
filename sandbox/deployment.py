"""Deploys the real program into the emulator, with what tests and the demo need of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from recording.program import PROJECT
from sandbox.actors import INSIDER, STRANGER, Actors
from sandbox.documents import BucketPolicy, Grants, PublicAccessBlock, TrustPolicy
from sandbox.emulator import Emulator
from sandbox.errors import SandboxError
from sandbox.providers.monitor import Deployed
from sandbox.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from sandbox.clients import Credentials, SandboxClients
    from sandbox.documents import Document

DEPLOY_SECONDS = 60  # it takes two


@contextmanager
def deployed(
    *, log: Path | None = None, options: Mapping[str, Any] | None = None
) -> Generator[Deployment]:
    """Start an emulator on a free port with the program deployed into it, until the block ends.

    `options` override those of the stack's file, by path (`thumbnails.removals`).
    """
    stack = Stack.read(options)
    with Emulator(log=log) as emulator:
        actors = Actors(emulator.clients, stack)
        actors.seed()
        yield deploy(emulator.clients, stack, actors, options=options)


def deploy(
    clients: SandboxClients,
    stack: Stack,
    actors: Actors,
    deployers: Mapping[str, Credentials] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Deployment:
    """Run the program against an emulator; SandboxError with the program's words if it fails.

    `deployers` has the caller that deploys into each account; the account's root if none is named.
    """
    started = time.monotonic()
    told = {
        "deployers": {key: asdict(each) for key, each in (deployers or {}).items()},
        "options": dict(options or {}),
    }
    command = [sys.executable, "-m", "sandbox.providers", clients.endpoint, str(clients.ca_bundle)]
    try:
        ended = subprocess.run(
            command,
            cwd=PROJECT,
            input=json.dumps(told),
            capture_output=True,
            text=True,
            timeout=DEPLOY_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise SandboxError(
            f"the program did not end within {DEPLOY_SECONDS} s; something waits for itself, "
            "probably a resource for the component to which it belongs"
        ) from error
    except subprocess.CalledProcessError as error:
        raise SandboxError(f"the program failed:\n{error.stderr.strip()}") from error
    said = json.loads(ended.stdout)
    return Deployment(
        stack=stack,
        clients=clients,
        actors=actors,
        exports=said["exports"],
        resources=[Deployed(**each) for each in said["resources"]],
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The deployed program: its exports, its resources, and clients for every actor."""

    stack: Stack
    clients: SandboxClients
    actors: Actors
    exports: Mapping[str, Any]
    resources: Sequence[Deployed]
    seconds: float
    _sessions: dict[str, Credentials | None] = field(default_factory=dict[str, Any], repr=False)

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.exports["bucket"]

    @property
    def s3(self) -> S3Client:
        """S3 as the root of B, who passes every policy: only to look and clean up, never for a
        test.
        """
        return self.clients.client("s3", self.stack.storage, self.stack.region)

    @property
    def sqs(self) -> SQSClient:
        """SQS as the root of A."""
        return self.clients.client("sqs", self.stack.producer, self.stack.region)

    @property
    def lambda_(self) -> LambdaClient:
        """Lambda as the root of A."""
        return self.clients.client("lambda", self.stack.producer, self.stack.region)

    @property
    def logs(self) -> CloudWatchLogsClient:
        """CloudWatch Logs as the root of A."""
        return self.clients.client("logs", self.stack.producer, self.stack.region)

    def iam(self, account: str) -> IAMClient:
        """IAM as the root of an account."""
        return self.clients.client("iam", account, self.stack.region)

    @cached_property
    def execution_role(self) -> str:
        """The ARN of the function's role, as Lambda has it."""
        function = self.lambda_.get_function_configuration(
            FunctionName=self.exports["function_name"]
        )
        return function["Role"]  # pyright: ignore[reportTypedDictNotRequiredAccess]

    @cached_property
    def names(self) -> dict[str, str]:
        """The names that attempts and statements may have in braces, in addition to those of
        `about`.
        """
        stack = self.stack
        return {
            "bucket": self.bucket,
            "originals": stack.originals,
            "thumbnails": stack.thumbnails,
            "producer": stack.producer,
            "storage": stack.storage,
            "thumbx_role": self.exports["thumbx_role_arn"],
            "execution_role": self.execution_role,
            "stranger_role": f"arn:aws:iam::{stack.producer}:role/{STRANGER}",
            "insider_role": f"arn:aws:iam::{stack.storage}:role/{INSIDER}",
        }

    def about(self, original: str, thumbnail: str) -> None:
        """Make the attempts use the picture with this key, and this thumbnail of it."""
        self.names.update(original=original, thumbnail=thumbnail)

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """The deployed policies that can refuse a call, by title."""
        s3, iam = self.s3, self.iam(self.stack.storage)
        thumbx = self.exports["thumbx_role_arn"].rpartition("/")[2]
        execution = self.execution_role.rpartition("/")[2]
        found: tuple[Document, ...] = (
            BucketPolicy(s3, self.bucket),
            PublicAccessBlock(s3, self.bucket),
            TrustPolicy(iam, thumbx, "trust policy of ThumbXRole"),
            Grants(iam, thumbx, "grants of ThumbXRole"),
            Grants(self.iam(self.stack.producer), execution, "grants of the execution role"),
        )
        return {document.title: document for document in found}

    def session(self, actor: str) -> Credentials | None:
        """The credentials of an actor; None for anonymous."""
        if actor not in self._sessions:
            self._sessions[actor] = self._session(actor)
        return self._sessions[actor]

    def _session(self, actor: str) -> Credentials | None:
        match actor:
            case "anonymous":
                return None
            case "uploader" | "reader" | "administrator":
                return self.actors.assume(getattr(self.stack, actor))
            case "stranger" | "insider":
                return self.actors.assume(self.names[f"{actor}_role"])
            case "execution role":
                return self.actors.borrow(self.execution_role)
            case "ThumbXRole":
                by = self.session("execution role")
                return self.actors.assume(self.exports["thumbx_role_arn"], by)
            case _:
                raise SandboxError(f"the sandbox knows no actor '{actor}'")

    def client(self, service: str, actor: str, *, plain_http: bool = False) -> Any:
        """A client as an actor; with `plain_http`, the emulator treats it as unencrypted."""
        make: Any = self.clients.client
        return make(service, self.session(actor), self.stack.region, plain_http=plain_http)
