"""Thumbnails across two accounts: A runs the function, B owns the pictures.

    A  ProducerRole ─► B  ThumbStore ─► A  ThumbProducer ─► B  UploadNotification

Each arrow passes an ARN. A's role comes first because B trusts it by its ARN; uploads come last.
"""

import pulumi

from components.accounts import in_account
from components.configuration.settings import read_settings
from components.producer.function import require_code
from components.producer.producer import ThumbProducer, ThumbProducerArgs
from components.producer.role import ProducerRole, ProducerRoleArgs
from components.storage.notification import UploadNotification, UploadNotificationArgs
from components.storage.store import ThumbStore, ThumbStoreArgs
from components.watch.analyzer import StorageAnalyzer, StorageAnalyzerArgs
from components.watch.producer_watch import ProducerWatch, ProducerWatchArgs
from components.watch.storage_watch import StorageWatch, StorageWatchArgs

settings = read_settings()
require_code(settings.function.architecture, on_lambda=not settings.producer.endpoint)
in_producer = in_account("producer", settings.producer, tags=settings.tags)
in_storage = in_account("storage", settings.storage, tags=settings.tags)

producer_role = ProducerRole("ThumbX", ProducerRoleArgs(account=settings.producer), in_producer)
analyzer_args = StorageAnalyzerArgs(
    choice=settings.watch.storage_analyzer,
    producer_role_arn=producer_role.arn,
    account=settings.storage,
    access=settings.access,
)
analyzer = StorageAnalyzer("ThumbX", analyzer_args, in_storage)
store_args = ThumbStoreArgs(
    producer_role_arn=analyzer.before(producer_role.arn),
    account=settings.storage,
    thumbnails=settings.thumbnails,
    access=settings.access,
    security=settings.security,
    old_version_days=settings.retention.version_days,
)
store = ThumbStore("ThumbX", store_args, in_storage)
producer_args = ThumbProducerArgs(
    role_arn=producer_role.arn,
    role_name=producer_role.name,
    thumbx_role_arn=store.role_arn,
    session_policy=store.session_policy,
    bucket=store.bucket,
    thumbnails=settings.thumbnails,
    function=settings.function,
    account=settings.producer,
    log_days=settings.retention.log_days,
)
producer = ThumbProducer("ThumbX", producer_args, in_producer)
upload_args = UploadNotificationArgs(
    bucket=store.bucket, queue_arn=producer.queue_arn, event_bridge=settings.storage.event_bridge
)
UploadNotification("ThumbX", upload_args, in_storage)
storage_watch_args = StorageWatchArgs(
    bucket=store.bucket,
    thumbx_role_arn=store.role_arn,
    analyzer_arn=analyzer.arn,
    account=settings.storage,
    trail_accounts=settings.trail_accounts,
    watch=settings.watch,
    retention=settings.retention,
)
storage_watch = StorageWatch("ThumbX", storage_watch_args, in_storage)
producer_watch_args = ProducerWatchArgs(
    role_name=producer_role.name,
    thumbx_role_arn=store.role_arn,
    pipeline=producer.pipeline,
    feeding=producer.feeding,
    log_bucket_name=storage_watch.log_bucket_name if settings.producer_trail else None,
    account=settings.producer,
    function=settings.function,
    watch=settings.watch,
    log_days=settings.retention.log_days,
)
producer_watch = ProducerWatch("ThumbX", producer_watch_args, in_producer)
pulumi.export("bucket", store.bucket.name)
pulumi.export("thumbx_role_arn", store.role_arn)
pulumi.export("old_key_arn" if settings.storage.leaves_key else "key_arn", store.bucket.key_arn)
for name, value in vars(producer.pipeline).items():
    pulumi.export(name, value)
pulumi.export("trail_bucket", storage_watch.log_bucket_name)
pulumi.export("producer_alerts", producer_watch.topic_arn)
pulumi.export("storage_alerts", storage_watch.topic_arn)
pulumi.export("first_upload", store.first_upload)
