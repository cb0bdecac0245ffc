"""Thumbnails across two accounts: A runs the function, B owns the pictures.

    A  ProducerRole ─► B  ThumbStore ─► A  ThumbProducer ─► B  UploadNotification

Each arrow hands an ARN on. B's role trusts the producer's role by its ARN, which therefore
comes first and alone; B is told of A's queue last, when S3 may send to it. B's analyzer is there
before the store lets anybody in; what watches the rest comes after what it watches.
"""

import pulumi

from components.accounts import in_account
from components.configuration.settings import read_settings
from components.producer.producer import (
    ProducerRole,
    ProducerRoleArgs,
    ThumbProducer,
    ThumbProducerArgs,
)
from components.storage.store import (
    ThumbStore,
    ThumbStoreArgs,
    UploadNotification,
    UploadNotificationArgs,
)
from components.watch.analyzer import StorageAnalyzer, StorageAnalyzerArgs
from components.watch.watch import ProducerAudit, ProducerAuditArgs, StorageAudit, StorageAuditArgs

settings = read_settings()
region, tags = settings.region, settings.tags
in_producer = in_account("producer", settings.producer, region=region, tags=tags)
in_storage = in_account("storage", settings.storage, region=region, tags=tags)

role = ProducerRole("ThumbX", ProducerRoleArgs(account=settings.producer), in_producer)
outsiders = StorageAnalyzerArgs(producer_role_arn=role.arn, settings=settings)
analyzer = StorageAnalyzer("ThumbX", outsiders, in_storage)
trusted = ThumbStoreArgs(producer_role_arn=analyzer.before(role.arn), settings=settings)
store = ThumbStore("ThumbX", trusted, in_storage)
target = ThumbProducerArgs(role=role, store=store, settings=settings)
producer = ThumbProducer("ThumbX", target, in_producer)
uploads = UploadNotificationArgs(
    bucket_name=store.bucket_name,
    queue_arn=producer.queue_arn,
    originals=settings.prefixes.originals,
)
UploadNotification("ThumbX", uploads, in_storage)

pictures = StorageAuditArgs(store=store, analyzer=analyzer, settings=settings)
audit = StorageAudit("ThumbX", pictures, in_storage)
flow = ProducerAuditArgs(role=role, store=store, producer=producer, audit=audit, settings=settings)
alarms = ProducerAudit("ThumbX", flow, in_producer)

for name, value in {
    "bucket": store.bucket_name,
    "thumbx_role_arn": store.role_arn,
    "queue_url": producer.queue_url,
    "refused_queue_url": producer.refused_queue_url,
    "dead_letter_queue_url": producer.dead_letter_queue_url,
    "function_name": producer.function_name,
    "log_group": producer.log_group_name,
    "trail_bucket": audit.log_bucket_name,
    "producer_alerts": alarms.topic_arn,
    "storage_alerts": audit.topic_arn,
    "first_upload": store.first_upload,
}.items():
    pulumi.export(name, value)
