"""A deployer can still manage the bucket: no statement refuses a bucket action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.deployment import Deployment

pytestmark = pytest.mark.slow

# What the provider calls to refresh the bucket's resources, and the element of the answer that it
# writes back with the call beside it.
SETTINGS = [
    ("bucket_policy", "Policy", "Policy"),
    ("bucket_versioning", "Status", "VersioningConfiguration"),
    ("bucket_encryption", "ServerSideEncryptionConfiguration", None),
    ("bucket_ownership_controls", "OwnershipControls", None),
    ("public_access_block", "PublicAccessBlockConfiguration", None),
    ("bucket_lifecycle_configuration", "Rules", "LifecycleConfiguration"),
]


@pytest.mark.parametrize(("setting", "element", "argument"), SETTINGS, ids=str)
def test_a_deployer_with_s3_rights_and_no_exemption_reads_and_writes_it(
    deployment: Deployment, setting: str, element: str, argument: str | None
) -> None:
    """A Deny on a bucket action would lock the deployer out; only root could undo that."""
    # The insider: has its own s3:* and is not named in the bucket policy, like a deployer.
    s3 = deployment.client("s3", "insider")
    found: Any = getattr(s3, f"get_{setting}")(Bucket=deployment.bucket)[element]
    value = found if argument in {None, "Policy"} else {element: found}
    getattr(s3, f"put_{setting}")(Bucket=deployment.bucket, **{argument or element: value})
    assert getattr(s3, f"get_{setting}")(Bucket=deployment.bucket)[element] == found


def test_a_deployer_sees_the_bucket_and_its_keys(deployment: Deployment) -> None:
    """A refused HeadBucket looks as if the bucket were gone, and the next update would make
    another one.
    """
    s3 = deployment.client("s3", "insider")
    s3.head_bucket(Bucket=deployment.bucket)
    s3.list_objects_v2(Bucket=deployment.bucket)
    assert s3.get_bucket_notification_configuration(Bucket=deployment.bucket)["QueueConfigurations"]
