"""The names that attempts have in braces: the resources of a stack, as recorded and in the
sandbox.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from proof.variants import STACKS
from recording.program import settings_from
from recording.recording import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.configuration.accounts import Access
    from components.policies import Document
    from recording.recording import Recording
    from sandbox.deployment import Deployment

ROLE = "aws:iam/role:Role"
GRANTS = "aws:iam/rolePolicy:RolePolicy"


# Accounts and resources that are not the program's.
THIRD_ACCOUNT = "333333333333"
NEIGHBOUR = "matrix-neighbour"  # another bucket of B, without a policy
FOREIGN = "matrix-foreign"  # a bucket of the third account
TRAIL = "matrix-trail"  # the sandbox's own trail of B; the stack has none
LOGS = "matrix-logs"  # the bucket of that trail's files
THERE = "matrix/there.jpg"  # an object below each prefix
ELSEWHERE = "elsewhere/"  # a prefix that is neither of the two
# Readers in addition to the stack's own, in the program with options.
DISTRIBUTION = "arn:aws:cloudfront::222222222222:distribution/E2EXAMPLE"
FOREIGN_READER = f"arn:aws:iam::{THIRD_ACCOUNT}:role/reader"


@dataclass(frozen=True, kw_only=True)
class RecordedProgram:
    """The documents of the recorded program, and the names of its resources."""

    names: Mapping[str, str]
    grants: Mapping[str, Mapping[str, Document]]
    """Inline policies by role ARN and name."""
    resource_policies: Mapping[str, Document]
    """Policies of buckets, queues, topics and keys, and trust policies of roles, by ARN."""
    blocked: frozenset[str]
    """ARNs of the buckets whose policies can never make them public."""
    unique_ids: Mapping[str, str]
    """The unique ids of roles, by role ARN."""

    @classmethod
    def of(cls, stack: str, overrides: Mapping[str, Any] | None = None) -> RecordedProgram:
        """Record the program with a stack's configuration and some overrides."""
        recording = record(stack, overrides, stacks=STACKS)
        roles = recording.of(ROLE)
        policies = {
            role.outputs["arn"]: json.loads(role.inputs["assumeRolePolicy"]) for role in roles
        }
        for each in recording.of("aws:kms/key:Key"):
            policies[each.outputs["arn"]] = json.loads(each.inputs["policy"])
        for each in recording.of("aws:sns/topicPolicy:TopicPolicy"):
            policies[each.inputs["arn"]] = json.loads(each.inputs["policy"])
        buckets = {each.outputs["bucket"]: each for each in recording.of("aws:s3/bucket:Bucket")}
        for each in recording.of("aws:s3/bucketPolicy:BucketPolicy"):
            arn = buckets[each.inputs["bucket"]].outputs["arn"]
            policies[arn] = json.loads(each.inputs["policy"])
        queues = {each.outputs["url"]: each for each in recording.of("aws:sqs/queue:Queue")}
        for each in recording.of("aws:sqs/queuePolicy:QueuePolicy"):
            arn = queues[each.inputs["queueUrl"]].outputs["arn"]
            policies[arn] = json.loads(each.inputs["policy"])
        return cls(
            names={**_recorded_names(recording), **_people(settings_from(recording.config).access)},
            grants=granted(recording),
            resource_policies=policies,
            blocked=frozenset(
                buckets[each.inputs["bucket"]].outputs["arn"]
                for each in recording.of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
                if all(
                    each.inputs.get(switch)
                    for switch in ("blockPublicPolicy", "restrictPublicBuckets")
                )
            ),
            unique_ids={role.outputs["arn"]: role.outputs["uniqueId"] for role in roles},
        )


def granted(recording: Recording) -> dict[str, dict[str, Document]]:
    """The inline policies of a recording's roles, by role ARN and name."""
    roles = {each.outputs["name"]: each.outputs["arn"] for each in recording.of(ROLE)}
    found: dict[str, dict[str, Document]] = {arn: {} for arn in roles.values()}
    for each in recording.of(GRANTS):
        found[roles[each.inputs["role"]]][each.name] = json.loads(each.inputs["policy"])
    return found


def deployed_names(deployment: Deployment) -> dict[str, str]:
    """The names of what was deployed into the sandbox."""
    stack = deployment.stack
    return {
        **_names(deployment.exports, stack.region, stack.producer, stack.storage),
        "originals": stack.originals,
        "thumbnails": stack.thumbnails,
        "uploader_role": stack.uploader,
        "reader_role": stack.reader,
        "administrator_role": stack.administrator,
        "execution_role": deployment.execution_role,
    }


def _recorded_names(recording: Recording) -> dict[str, str]:
    providers = {each.name: each for each in recording.of("pulumi:providers:aws")}
    execution = recording.named("ThumbX-producer", ROLE)
    function = recording.of("aws:lambda/function:Function")[0]
    variables: Mapping[str, str] = function.inputs["environment"]["variables"]
    keys = recording.of("aws:kms/key:Key")
    return {
        **_names(
            recording.exports,
            providers["producer"].inputs["region"],
            execution.account,
            recording.named("ThumbXRole", ROLE).account,
        ),
        "originals": variables["ORIGINALS_PREFIX"],
        "thumbnails": variables["THUMBNAILS_PREFIX"],
        "execution_role": execution.outputs["arn"],
        "key_arn": keys[0].outputs["arn"] if keys else "",
        **_trail(recording),
    }


def _trail(recording: Recording) -> dict[str, str]:
    """The trails and the bucket of their files, if the stack has them."""
    names: dict[str, str] = {}
    for each in recording.of("aws:cloudtrail/trail:Trail"):
        mine = each.account == recording.named("ThumbXRole", ROLE).account
        names["trail_arn" if mine else "producer_trail_arn"] = each.outputs["arn"]
        names["trail_bucket"] = each.inputs["s3BucketName"]
        names["trail_bucket_arn"] = f"arn:aws:s3:::{names['trail_bucket']}"
    return names


def _people(access: Access) -> dict[str, str]:
    """The first configured uploader, reader and administrator.

    Taken from the configuration and not from the policy under test, so a wrong policy cannot change
    the test subjects.
    """
    named = {
        "uploader": access.uploaders,
        "reader": access.readers,
        "administrator": access.administrators,
    }
    # A pattern is replaced by one caller that matches it.
    return {f"{role}_role": arns[0].replace("*", "x") for role, arns in named.items() if arns}


def _names(exports: Mapping[str, str], region: str, producer: str, storage: str) -> dict[str, str]:
    """The names that both sides have, from the program's exports."""
    regional = f"{region}:{producer}"
    queues = {
        name: exports[f"{export}queue_url"]
        for name, export in (("uploads", ""), ("refused", "refused_"), ("dead", "dead_letter_"))
    }
    return {
        "region": region,
        "bucket": exports["bucket"],
        "bucket_arn": f"arn:aws:s3:::{exports['bucket']}",
        "neighbour": NEIGHBOUR,
        "neighbour_arn": f"arn:aws:s3:::{NEIGHBOUR}",
        "foreign": FOREIGN,
        "foreign_arn": f"arn:aws:s3:::{FOREIGN}",
        "elsewhere": ELSEWHERE,
        "there": THERE,
        "producer": producer,
        "storage": storage,
        "third": THIRD_ACCOUNT,
        "foreign_reader": FOREIGN_READER,
        "distribution": DISTRIBUTION,
        "thumbx_role": exports["thumbx_role_arn"],
        "function": exports["function_name"],
        "function_arn": f"arn:aws:lambda:{regional}:function:{exports['function_name']}",
        "log_group": exports["log_group"],
        "log_group_arn": f"arn:aws:logs:{regional}:log-group:{exports['log_group']}",
        **{
            f"{of}trail_arn": f"arn:aws:cloudtrail:{region}:{account}:trail/{TRAIL}"
            for of, account in (("", storage), ("producer_", producer))
        },
        "trail_bucket": LOGS,
        "trail_bucket_arn": f"arn:aws:s3:::{LOGS}",
        **{f"{name}_url": url for name, url in queues.items()},
        **{
            f"{name}_arn": f"arn:aws:sqs:{regional}:{url.rpartition('/')[2]}"
            for name, url in queues.items()
        },
    }
