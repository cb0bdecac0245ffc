"""The program's resources and settings, under their deployed names.

The program is run without Pulumi's engine and without its state: `recording.recording` notes what
it registers for a stack file. The recording's invented names are then replaced by the deployed
names that `accounts.wiring` found. An auditor needs the repository at the deployed commit and the
stack file, but neither the Pulumi CLI nor access to the state, which may hold secrets.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from audit.accounts.errors import AuditError
from audit.accounts.names import IMAGES, RULE, SENDER_ROLE, is_named
from components.configuration.options import options_of
from components.configuration.watch import Watch
from recording.errors import RecordingError
from recording.program import settings_from
from recording.recording import Recording, record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.accounts.wiring import Wiring

ROLE = "aws:iam/role:Role"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
FUNCTION = "aws:lambda/function:Function"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
BUCKET = "aws:s3/bucket:Bucket"
KEY = "aws:kms/key:Key"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
TRAIL = "aws:cloudtrail/trail:Trail"


class Expected:
    """The recorded program, with the names of one deployment."""

    def __init__(self, recording: Recording, wiring: Wiring, thumbx_role_id: str) -> None:
        """`thumbx_role_id` is the unique id (AROA…) that IAM gave ThumbXRole."""
        self._recording = recording
        self.stack = recording.stack
        self.adopts = adopted(recording)
        found = {
            **(
                {
                    (ROLE, SENDER_ROLE): wiring.sender_role.rpartition("/")[2],
                    (EVENT_RULE, RULE): wiring.rule,
                }
                if self.adopts
                else {(BUCKET, IMAGES): wiring.bucket}
            ),
            (ROLE, "ThumbXRole"): wiring.thumbx_role.rpartition("/")[2],
            (ROLE, "ThumbX-producer"): wiring.execution_role.rpartition("/")[2],
            **{(QUEUE, logical): queue.name for logical, queue in wiring.queues.items()},
            (FUNCTION, "ThumbX-function"): wiring.function["FunctionName"],
            (LOG_GROUP, "ThumbX-logs"): wiring.log_group,
        }
        self.strangers = [
            f"{physical}, but the program makes {logical}"
            for (_, logical), physical in found.items()
            if not is_named(physical, logical)
        ]
        """Deployed parts that are not the program's, by their names."""
        if self.adopts and self.adopts != wiring.bucket:
            self.strangers.append(f"{wiring.bucket}, but the stack names {self.adopts}")
        # URLs come first, because they contain the names. The URLs are read from SQS, because their
        # hosts depend on the partition and the recording's do not.
        self._names = {
            recording.named(logical, QUEUE).outputs["url"]: queue.url
            for logical, queue in wiring.queues.items()
        }
        self._names |= {
            recording.named(logical, token).physical_name: physical
            for (token, logical), physical in found.items()
        }
        # Lambda gives the event source mapping an id and no name.
        self.rename("ThumbX-uploads-to-function", MAPPING, wiring.mapping["UUID"])
        self._watch = settings_from(recording.config).watch
        role: str = recording.named("ThumbXRole", ROLE).outputs["uniqueId"]
        self._names[role] = thumbx_role_id
        self.accounts: Mapping[str, str] = {each.name: each.account for each in recording.of(ROLE)}

    def option(self, name: str) -> str:
        """The value of a `thumbx:watch` option in the stack file, or its default."""
        (field,) = [each.field for each in options_of(Watch) if each.key == name]
        return getattr(self._watch, field)

    def rename(self, name: str, token: str, physical: str) -> None:
        """Use the deployed name for the resource of this logical name and type from now on."""
        self._names[self._recording.named(name, token).physical_name] = physical

    def let_in(self) -> list[tuple[str, str]]:
        """The grants of the bucket's policy: the ARN of a role or user, and the action."""
        if self.adopts:  # by its owner's policy
            return []
        policy = self.document("thumbx-images-policy", BUCKET_POLICY)
        return [
            (arn, statement["Action"])
            for statement in policy["Statement"]
            if statement["Effect"] == "Allow" and "AWS" in statement["Principal"]
            for arn in statement["Principal"]["AWS"]
        ]

    def inputs(self, name: str, token: str) -> dict[str, Any]:
        """The inputs that the program gives the resource of this logical name and type."""
        return self._renamed(self._recording.named(name, token).inputs)

    def document(self, name: str, token: str, field: str = "policy") -> dict[str, Any]:
        """The IAM document in an input of that resource."""
        return json.loads(self.inputs(name, token)[field])

    def of(self, token: str) -> list[tuple[str, dict[str, Any]]]:
        """The account and inputs of every resource of a type."""
        return [(each.account, self._renamed(each.inputs)) for each in self._recording.of(token)]

    def named_of(self, token: str, account: str) -> list[tuple[str, dict[str, Any]]]:
        """The logical name and inputs of every resource of a type in one account."""
        return [
            (each.name, self._renamed(each.inputs))
            for each in self._recording.resources
            if each.token == token and each.account == account
        ]

    def _renamed(self, inputs: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(inputs)
        for recorded, physical in self._names.items():
            text = text.replace(recorded, physical)
        return json.loads(text)


def adopted(recording: Recording) -> str | None:
    """The existing bucket, if the stack names one."""
    return settings_from(recording.config).storage.bucket


def recorded(stack: str) -> Recording:
    """Run the program for a stack file; AuditError with the program's own words if it fails."""
    try:
        return record(stack)
    except RecordingError as error:
        raise AuditError(
            f"the program's state is not known: {error}\n`make layer` builds the layer that the "
            "program needs; --stack names one of the files Pulumi.<stack>.yaml"
        ) from error


def differences(expected: dict[str, Any], deployed: dict[str, Any]) -> list[str]:
    """The differences between a deployed IAM document and the expected one, by Sid; empty if there
    are none.

    IAM stores a list of one value as the value, and may change the order of lists.
    """
    wanted, there = _statements(expected), _statements(deployed)
    return [
        *(f"{sid} is missing" for sid in wanted if sid not in there),
        *(f"{sid} is not the program's" for sid in there if sid not in wanted),
        *(f"{sid} differs" for sid in wanted if sid in there and wanted[sid] != there[sid]),
    ]


def differ(pairs: dict[str, tuple[Any, Any]]) -> list[str]:
    """The differences between found values and expected ones, by name; empty if there are none."""
    return [
        f"{name} is {found}, not {wanted}"
        for name, (wanted, found) in pairs.items()
        if canonical(wanted) != canonical(found)
    ]


def canonical(value: Any) -> Any:
    """A JSON value without the differences that IAM and S3 make themselves: order, and lists of
    one value.
    """
    if isinstance(value, dict):
        return {key: canonical(inner) for key, inner in sorted(value.items())}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list):
        inner = sorted((canonical(each) for each in value), key=json.dumps)  # pyright: ignore[reportUnknownVariableType]
        return inner[0] if len(inner) == 1 else inner
    return value


def _statements(document: dict[str, Any]) -> dict[str, Any]:
    listed: Any = document["Statement"]
    statements = cast("list[dict[str, Any]]", listed if isinstance(listed, list) else [listed])
    return {
        each.get("Sid", f"statement {number}"): canonical(each)
        for number, each in enumerate(statements, 1)
    }
