"""The most important mutants, written by hand, each with the test that must notice it.

A mutant is a change in the text of a module, so that it reads as it would in a pull request.
"""

from __future__ import annotations

from dataclasses import dataclass

from proof.mutants import Mutant, source_path


@dataclass(frozen=True)
class Danger:
    """In `module`, `instead` replaces `text`; `test` is the name of the test that must fail.

    `module` is a dotted name, or `__main__`, the program itself.
    """

    name: str
    module: str
    text: str
    instead: str
    test: str

    def mutant(self) -> Mutant:
        """The module with the change; an error if `text` does not occur exactly once."""
        path = source_path(self.module)
        source = path.read_text("utf-8")
        if source.count(self.text) != 1:
            raise SystemExit(
                f"danger {self.name!r}: {path.name} holds {self.text!r} "
                f"{source.count(self.text)} times, not once; follow the change of the module"
            )
        return Mutant(self.module, 0, self.name, source.replace(self.text, self.instead))


DANGERS = (
    Danger(
        "principal widened: ThumbXRole trusts all of account A",
        "components.storage.thumbx_role",
        '"Principal": {"AWS": producer_role_arn}',
        '"Principal": {"AWS": producer_role_arn.split(":role/")[0] + ":root"}',
        "test_thumbxrole_trusts_exactly_the_producer_role",
    ),
    Danger(
        "condition dropped: any credentials of the execution role assume ThumbXRole",
        "components.policies",
        "**assume, **bound}",
        "**assume}",
        "test_credentials_of_the_function_assume_exactly_thumbxrole",
    ),
    Danger(
        "condition dropped: any credentials of the execution role write the log",
        "components.policies",
        '            "Resource": ":".join([log_group_arn, "*"]),\n            **bound,\n',
        '            "Resource": ":".join([log_group_arn, "*"]),\n',
        "test_credentials_of_the_function_set_pictures_aside_and_log",
    ),
    Danger(
        "refusal dropped: in one account the function's credentials work anywhere",
        "components.policies",
        "*([others] if name_function else []),",
        "",
        "test_with_other_credentials_of_the_role_no_grant_assumes_thumbxrole",
    ),
    Danger(
        "condition dropped: any account's functions get the execution role",
        "components.policies",
        '            "Condition": {"StringEquals": {"aws:SourceAccount": producer_account}},\n',
        "",
        "test_only_lambda_for_functions_of_a_assumes_the_execution_role",
    ),
    Danger(
        "prefix dropped: ThumbXRole reads the whole bucket",
        "components.storage.thumbx_role",
        '"Resource": objects(bucket_arn, prefixes.originals)',
        '"Resource": objects(bucket_arn)',
        "test_thumbxrole_gets_originals_and_puts_thumbnails",
    ),
    Danger(
        "action widened: ThumbXRole deletes as well",
        "components.storage.thumbx_role",
        '"Action": "s3:PutObject"',
        '"Action": ["s3:PutObject", "s3:DeleteObject"]',
        "test_thumbxrole_gets_originals_and_puts_thumbnails",
    ),
    Danger(
        "action widened: with follow ThumbXRole deletes versions, which nobody brings back",
        "components.storage.thumbx_role",
        '"Action": "s3:DeleteObject"',
        '"Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"]',
        "test_thumbxrole_may_list_and_delete_thumbnails_and_no_version",
    ),
    Danger(
        "prefix dropped: with follow ThumbXRole deletes whatever the policy does not refuse",
        "components.storage.thumbx_role",
        '"Resource": objects(bucket_arn, thumbnails)',
        '"Resource": objects(bucket_arn)',
        "test_thumbxrole_may_list_and_delete_thumbnails_and_no_version",
    ),
    Danger(
        "deny exemption widened: with follow originals may be deleted by any role of B",
        "components.storage.bucket_policy",
        '"NotResource": thumbnails}',
        '"NotResource": [thumbnails, originals]}',
        "test_the_refusals_spare_it_below_the_thumbnails_and_nowhere_else",
    ),
    Danger(
        "action widened by a star",
        "components.storage.thumbx_role",
        '"Action": "s3:GetObject",\n            "Resource": objects(bucket_arn, prefixes.o',
        '"Action": "s3:Get*",\n            "Resource": objects(bucket_arn, prefixes.o',
        "test_no_allow_holds_a_wildcard",
    ),
    Danger(
        "SourceAccount swapped: A's own buckets may send, B's may not",
        "components.producer.producer",
        "bucket_owner=args.bucket.owner,\n                sender_role_arn",
        "bucket_owner=args.account.id,\n                sender_role_arn",
        "test_only_the_buckets_events_reach_the_queue",
    ),
    Danger(
        "deny exemption widened: readers delete, too",
        "components.storage.bucket_policy",
        '"Resource": everything},\n            none_of(access.administrators),',
        '"Resource": everything},\n            none_of(access.readers, access.administrators),',
        "test_nobody_but_an_administrator_deletes_or_does_anything_else",
    ),
    Danger(
        "deny exemption widened: a stored picture's key may be changed by anybody",
        "components.storage.bucket_policy",
        '{"NotAction": decided, "Resource": everything}',
        '{"NotAction": [*decided, "s3:Update*"], "Resource": everything}',
        "test_nobody_but_an_administrator_changes_the_key_of_a_stored_picture",
    ),
    Danger(
        "action widened: uploaders change the key of what they have uploaded",
        "components.storage.bucket_policy",
        '*_allow("AllowUploads", access.uploaders, "s3:PutObject", originals),',
        '*_allow("AllowUploads", access.uploaders, "s3:UpdateObjectEncryption", originals),',
        "test_the_bucket_names_its_principals_and_refuses_the_rest",
    ),
    Danger(
        "deny exemption widened: every AWS service reads thumbnails",
        "components.storage.bucket_policy",
        '{"ArnNotEquals": {"aws:SourceArn": list(distributions)}}',
        '{"Bool": {"aws:PrincipalIsAWSService": "false"}}',
        "test_cloudfront_reads_thumbnails_for_its_distribution_only",
    ),
    Danger(
        "TLS rule dropped from the bucket",
        "components.policies",
        '        deny_insecure_transport("s3:*", *both),\n',
        "",
        "test_the_bucket_refuses_plain_http",
    ),
    Danger(
        "TLS rule dropped from the upload queue",
        "components.policies",
        '        },\n        deny_insecure_transport("sqs:*", queue_arn),\n',
        "        },\n",
        "test_every_queue_refuses_plain_http",
    ),
    Danger(
        "public access block off",
        "components.storage.private_bucket",
        "block_public_policy=True",
        "block_public_policy=False",
        "test_the_public_access_block_is_on",
    ),
    Danger(
        "provider swapped: the store's role goes wherever the shell points",
        "components.storage.store",
        "max_session_duration=3600,\n            opts=pulumi.ResourceOptions(parent=self),",
        "max_session_duration=3600,",
        "test_every_resource_is_in_the_account_of_its_side",
    ),
    Danger(
        "provider swapped: the store goes to the producer's account",
        "__main__",
        'ThumbStore("ThumbX", store_args, in_storage)',
        'ThumbStore("ThumbX", store_args, in_producer)',
        "test_every_resource_is_in_the_account_of_its_side",
    ),
    Danger(
        "bucket policy refuses bucket actions: the deployer is locked out",
        "components.storage.bucket_policy",
        '{"NotAction": decided, "Resource": everything}',
        '{"NotAction": decided, "Resource": [bucket_arn, everything]}',
        "test_no_refusal_reaches_a_bucket_action_but_for_the_transport",
    ),
    Danger(
        "key used by whoever manages it",
        "components.storage.key_policy",
        '    "kms:CancelKeyDeletion",\n',
        '    "kms:CancelKeyDeletion",\n    "kms:CreateGrant",\n',
        "test_whoever_manages_the_key_cannot_use_it",
    ),
    Danger(
        "key used outside S3",
        "components.storage.key_policy",
        '        "kms:ViaService": ".".join(["s3", region, arns.dns_suffix(region)]),\n',
        "",
        "test_the_key_is_used_through_s3_for_this_bucket_and_managed_by_the_account",
    ),
    Danger(
        "puts without headers refused: Null dropped",
        "components.storage.bucket_policy",
        ', "Null": {algorithm: "false"}',
        "",
        "test_puts_that_name_another_algorithm_or_key_are_refused",
    ),
    Danger(
        "deny exemption widened: scanners write thumbnails",
        "components.storage.bucket_policy",
        "none_of(access.administrators),\n            thumbx_role,",
        "none_of(access.scanners, access.administrators),\n            thumbx_role,",
        "test_neither_service_writes_a_thumbnail_or_an_original",
    ),
    Danger(
        "resource widened: the sender's role sends to any queue",
        "components.storage.sender_policies",
        '"Sid": "SendUploads",\n            "Effect": "Allow",\n'
        '            "Action": "sqs:SendMessage",\n            "Resource": queue_arn,',
        '"Sid": "SendUploads",\n            "Effect": "Allow",\n'
        '            "Action": "sqs:SendMessage",\n            "Resource": "*",',
        "test_the_sender_may_send_to_the_one_queue_and_nothing_else",
    ),
    Danger(
        "refusal dropped: in an existing bucket ThumbXRole reads its own thumbnails",
        "components.storage.store",
        "            usable.append(self._refusals(name, role, prefixes))\n",
        "            pass\n",
        "test_thumbx_role_is_refused_its_own_thumbnails",
    ),
    Danger(
        "refusals widened: `adopt policy` refuses the owner's other objects",
        "components.storage.adopted_policy",
        "_at([each for each in named if each in ours] or ours)",
        "_at(named)",
        "test_our_refusals_reach_our_prefixes_only",
    ),
)
