"""The matrix's answers for the bootstrap's roles: preview, drift and deploy, in A and in B."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proof.cells import cells
from proof.columns import ATTEMPTS
from proof.principals import PRINCIPALS
from tests.proof.conftest import Documents, evaluated

if TYPE_CHECKING:
    from proof.matrix import Matrix

DATA = {"originals", "thumbnails", "elsewhere", "other buckets", "queues", "presigned"}


@pytest.fixture(scope="module")
def matrix(documents: Documents) -> Matrix:
    """Their rows, evaluated."""
    rows = [each for each in PRINCIPALS if not each.tried]
    return evaluated(documents, cells(rows, ATTEMPTS))


def allowed(matrix: Matrix, row: str) -> set[str]:
    """The columns that the row is allowed; it has a cell in every column except deliveries."""
    found = {key: each for (name, key), each in matrix.cells.items() if name == row}
    assert {each.key for each in ATTEMPTS if each.group != "deliveries"} == set(found)
    return {key for key, each in found.items() if each.allowed}


@pytest.mark.slow
@pytest.mark.parametrize("role", ["preview", "drift"])
def test_who_previews_changes_nothing_and_reads_no_data(matrix: Matrix, role: str) -> None:
    """A pull request's own code runs with this role, unreviewed. It sees the names of pictures,
    because AWS has one action for listing them and for checking that the bucket exists, and it sees
    the settings."""
    assert allowed(matrix, f"the {role} role of A") == set()
    assert allowed(matrix, f"the {role} role of B") == {
        "bucket: list all",
        "bucket: list originals",
        "bucket: list thumbnails",
        "bucket: list elsewhere",
        "bucket: read the policy",
        "follow: list originals",
        "follow: list thumbnails",
        "follow: list elsewhere",
        "key: read its policy",
        "trail files: read the ACL",
        "workflows: read the program's states",
    }


@pytest.mark.slow
@pytest.mark.parametrize("account", ["A", "B"])
def test_who_deploys_reaches_no_object_message_or_other_bucket(
    matrix: Matrix, account: str
) -> None:
    """These are the role's own permissions; the environment's approval controls what it deploys."""
    reached = allowed(matrix, f"the deploy role of {account}")
    assert {key for key in reached if key.partition(":")[0] in DATA} == set()
    assert not reached & {
        "function and log: read the log",
        "key: decrypt through S3",
        "roles: assume ThumbXRole",
        "roles: assume the execution role",
        "trail files: read",
        "trail files: delete",
        "trail files: delete a version",
    }


@pytest.mark.slow
def test_who_deploys_touches_neither_what_is_not_ours_nor_its_own_rights(matrix: Matrix) -> None:
    """These are all columns of foreign resources that a deployment needs."""
    reached = {
        account: {
            key.removeprefix("workflows: ")
            for key in allowed(matrix, f"the deploy role of {account}")
            if key.startswith("workflows: ")
        }
        for account in ("A", "B")
    }
    assert reached == {
        "A": {"make a role within the boundary in A", "pass the execution role to Lambda"},
        "B": {
            "make a role within the boundary in B",
            "read the program's states",
            "write the program's states",
        },
    }
