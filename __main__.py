"""Thumbnails across two accounts: A runs the function, B owns the pictures.

    A  ProducerRole ─► B  ThumbStore ─► A  ThumbProducer ─► B  UploadNotification

Each arrow hands an ARN on. B's role trusts the producer's role by its ARN, which therefore
comes first and alone; B is told of A's queue last, when S3 may send to it.
"""

import pulumi

from components.accounts import in_account
from components.producer import ProducerRole, ProducerRoleArgs, ThumbProducer, ThumbProducerArgs
from components.settings import read_settings
from components.storage import (
    ThumbStore,
    ThumbStoreArgs,
    UploadNotification,
    UploadNotificationArgs,
)

settings = read_settings()
region, tags = settings.region, settings.tags
in_producer = in_account("producer", settings.producer, region=region, tags=tags)
in_storage = in_account("storage", settings.storage, region=region, tags=tags)

role = ProducerRole("ThumbX", ProducerRoleArgs(account=settings.producer), in_producer)
store = ThumbStore(
    "ThumbX", ThumbStoreArgs(producer_role_arn=role.arn, settings=settings), in_storage
)
producer = ThumbProducer(
    "ThumbX",
    ThumbProducerArgs(
        role=role,
        target_role_arn=store.role_arn,
        bucket_name=store.bucket_name,
        bucket_arn=store.bucket_arn,
        session_policy=store.session_policy,
        settings=settings,
    ),
    in_producer,
)
UploadNotification(
    "ThumbX",
    UploadNotificationArgs(
        bucket_name=store.bucket_name,
        queue_arn=producer.queue_arn,
        originals=settings.prefixes.originals,
    ),
    in_storage,
)

pulumi.export("bucket", store.bucket_name)
pulumi.export("thumbx_role_arn", store.role_arn)
pulumi.export("queue_url", producer.queue_url)
pulumi.export("refused_queue_url", producer.refused_queue_url)
pulumi.export("dead_letter_queue_url", producer.dead_letter_queue_url)
pulumi.export("function_name", producer.function_name)
pulumi.export("log_group", producer.log_group_name)
pulumi.export("first_upload", store.first_upload)
