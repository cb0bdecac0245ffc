"""The subject of a run: the deployed bucket, queues and function, and what the function makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.accounts.errors import aws_errors
from audit.accounts.names import is_ours
from audit.accounts.permissions import PRODUCER, STORAGE
from audit.accounts.wiring import follow
from handler.errors import SettingsError
from handler.folder import file_names
from handler.settings import read_settings
from reconcile.cost import FunctionCapacity
from reconcile.errors import ReconcileError
from reconcile.letterbox import Letterbox
from reconcile.listing import listed
from reconcile.sending import Depths

if TYPE_CHECKING:
    from audit.accounts.clients import AccountClients

COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


@dataclass(frozen=True, kw_only=True)
class ReconciledStack:
    """One deployment, as the function's own environment describes it."""

    bucket: str
    owner: str
    region: str
    originals: str
    thumbnails: str
    names: frozenset[str]
    """The file names of a picture's thumbnails, such as `small.jpg`."""
    function: FunctionCapacity
    uploads_url: str
    refused_url: str
    dead_letters: tuple[Letterbox, ...]
    """The upload queue's dead letters, and EventBridge's if it sends the events."""

    @property
    def is_adopted(self) -> bool:
        """Whether the bucket existed before the program and was therefore not named by it."""
        return not is_ours(self.bucket)

    def lacks(self, access: AccountClients, key: str) -> bool:
        """Whether the original with this whole key exists and lacks a thumbnail."""
        below = key.removeprefix(self.originals)
        originals = listed(access, self.bucket, self.originals, self.owner, below)
        if next(originals, None) is None:
            return False
        folder = f"{self.thumbnails}{below}/"
        there = {each.key for each in listed(access, self.bucket, folder, self.owner)}
        return not self.names <= there

    def depths(self, access: AccountClients) -> Depths:
        """How many messages are in each queue."""
        return Depths(
            waiting=_depth(access, self.uploads_url),
            refused=_depth(access, self.refused_url),
            dead=sum(_depth(access, each.url, each.account) for each in self.dead_letters),
        )


def read_target(access: AccountClients, bucket: str) -> ReconciledStack:
    """The deployment that the bucket belongs to.

    Raises AuditError if it cannot be read, and ReconcileError if the function itself would not
    start with its environment.
    """
    wiring = follow(access, bucket)
    memory = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(wiring.function["MemorySize"])}
    try:
        settings = read_settings(wiring.environment | memory)
    except SettingsError as error:
        raise ReconcileError(
            f"the function cannot start, so no thumbnail can be made: {error}"
        ) from error
    return ReconciledStack(
        bucket=bucket,
        owner=settings.bucket_owner,
        region=wiring.uploads.arn.split(":")[3],
        originals=settings.originals,
        thumbnails=settings.thumbnails,
        names=frozenset(file_names(settings.plan.sizes, settings.plan.formats)),
        function=FunctionCapacity(
            memory=settings.memory,
            architecture=wiring.function.get("Architectures", ["x86_64"])[0],
            concurrency=wiring.concurrency,
            sizes=len(settings.plan.sizes),
            formats=settings.plan.formats,
        ),
        uploads_url=wiring.uploads.url,
        refused_url=wiring.refused.url,
        dead_letters=(
            Letterbox(account=PRODUCER, url=wiring.dead_letters.url),
            *(
                [Letterbox(account=STORAGE, url=wiring.undelivered.url)]
                if wiring.undelivered
                else []
            ),
        ),
    )


def _depth(access: AccountClients, url: str, account: str = PRODUCER) -> int:
    with aws_errors("counting messages", account):
        answer = access.client(account, "sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=list(COUNTS)
        )
    return sum(int(answer["Attributes"][name]) for name in COUNTS)
