"""The grants that the bootstrap's options add: each suffices, and without it the call fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.bootstrap.conftest import WIDEST
from tests.filled import filled
from tests.sandbox.workflow_roles import Roles, is_denied

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.deployment import Deployment

pytestmark = pytest.mark.slow

BUCKET = "pulumi-state-0a1b2c3"  # as the recorded bootstrap calls it
STATE = ".pulumi/stacks/thumbx/dev.json"
BOOTSTRAP = ".pulumi/stacks/thumbx-bootstrap/dev-storage.json"
LAYOUT = ".pulumi/meta.yaml"
PICTURES = "thumbx-images-emptied"
Act = tuple[str, dict[str, Any]]
# By the statement that each needs.
OF_STATES: dict[str, list[Act]] = {
    "ListState": [("list_objects_v2", {"Bucket": BUCKET})],
    "ReadLayout": [("get_object", {"Bucket": BUCKET, "Key": LAYOUT})],
    "UseState": [("get_object", {"Bucket": BUCKET, "Key": STATE})],
}
WRITES: list[Act] = [
    ("put_object", {"Bucket": BUCKET, "Key": STATE}),
    ("delete_object", {"Bucket": BUCKET, "Key": STATE}),
]
# `DeleteObject` first: it leaves the version that is then deleted.
OF_DELETIONS: dict[str, list[Act]] = {
    "DeletePictures": [
        ("delete_object", {"Bucket": PICTURES, "Key": "any.jpg"}),
        ("delete_object", {"Bucket": PICTURES, "Key": "any.jpg", "VersionId": "{version}"}),
    ],
    "ListVersions": [("list_object_versions", {"Bucket": PICTURES})],
}
ELSEWHERE: list[Act] = [
    ("get_object", {"Bucket": BUCKET, "Key": BOOTSTRAP}),
    ("put_object", {"Bucket": BUCKET, "Key": BOOTSTRAP}),
    ("delete_object", {"Bucket": BUCKET, "Key": BOOTSTRAP}),
    ("put_object", {"Bucket": BUCKET, "Key": LAYOUT}),
]


@pytest.fixture(scope="module")
def version(deployment: Deployment) -> str:
    """The states of two projects, and a picture whose version this is."""
    s3 = deployment.s3
    for bucket in (BUCKET, PICTURES):
        s3.create_bucket(
            Bucket=bucket,
            CreateBucketConfiguration={"LocationConstraint": deployment.stack.region},  # pyright: ignore[reportArgumentType]
        )
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in (STATE, BOOTSTRAP, LAYOUT):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    return s3.put_object(Bucket=PICTURES, Key="any.jpg", Body=b"")["VersionId"]


@pytest.fixture(scope="module")
def deployer(deployment: Deployment) -> Roles:
    return Roles.made("thumbx-deploy", deployment, WIDEST)


@pytest.fixture(scope="module")
def previewer(deployment: Deployment) -> Roles:
    return Roles.made("thumbx-preview", deployment, WIDEST)


@pytest.fixture
def refused(deployment: Deployment, version: str) -> Callable[[Roles, Act], bool]:
    """Whether IAM refuses a call to S3 to a session of the role."""

    def ask(roles: Roles, act: Act) -> bool:
        call, arguments = act
        filled = json.loads(json.dumps(arguments).replace("{version}", version))
        credentials = roles.sessions()[deployment.stack.storage]
        client: Any = deployment.clients.client("s3", credentials, deployment.stack.region)
        try:
            getattr(client, call)(**filled)
        except ClientError as error:
            return is_denied(error)
        return False

    return ask


def test_a_preview_reads_the_programs_state_and_writes_none(
    previewer: Roles, refused: Callable[[Roles, Act], bool]
) -> None:
    """It may not read the bootstrap's state, or anybody else's state in the same bucket."""
    acts = [act for acts in OF_STATES.values() for act in acts]
    assert [act for act in acts if refused(previewer, act)] == []
    assert [act for act in (*WRITES, *ELSEWHERE) if not refused(previewer, act)] == []


def test_a_deployment_uses_the_programs_state_and_no_other(
    deployer: Roles, refused: Callable[[Roles, Act], bool]
) -> None:
    """An administrator executes what the bootstrap's state says."""
    acts = [act for acts in (*OF_STATES.values(), WRITES) for act in acts]
    assert [act for act in acts if refused(deployer, act)] == []
    assert [act for act in ELSEWHERE if not refused(deployer, act)] == []


def test_with_deletable_the_deploy_role_empties_a_bucket(
    deployer: Roles, refused: Callable[[Roles, Act], bool]
) -> None:
    """As the provider does with `force_destroy`, once the bucket's policy is gone."""
    acts = [act for acts in OF_DELETIONS.values() for act in acts]
    assert [act for act in acts if refused(deployer, act)] == []


def test_without_any_one_statement_of_an_option_its_calls_fail(
    deployment: Deployment,
    deployer: Roles,
    previewer: Roles,
    refused: Callable[[Roles, Act], bool],
) -> None:
    """A statement without which every call works would be a grant without a need."""
    of_deploy = OF_STATES | OF_DELETIONS
    of_deploy["UseState"] = [*OF_STATES["UseState"], *WRITES]
    for role, needs in ((previewer, OF_STATES), (deployer, of_deploy)):
        for sid, acts in filled(needs.items()):
            role.put(deployment.stack.storage, but=sid)
            assert [act for act in acts if not refused(role, act)] == [], sid
        role.put()
