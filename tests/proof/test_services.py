"""The owner's services and an existing bucket, by the evaluated documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proof.existing_columns import CLOSED, OPEN
from proof.service_columns import GROUP
from tests.proof.conftest import asked_of, evaluated

if TYPE_CHECKING:
    from proof.matrix import Matrix
    from tests.proof.conftest import Documents


@pytest.fixture(scope="module")
def matrix(documents: Documents) -> Matrix:
    return evaluated(documents, asked_of([GROUP, OPEN, CLOSED]))


def may(matrix: Matrix, group: str, principal: str) -> set[str]:
    """The attempts of a group that the principal may make."""
    return {
        key.partition(": ")[2]
        for (who, key), outcome in matrix.cells.items()
        if who == principal and key.startswith(f"{group}: ") and outcome.allowed
    }


def test_a_scanner_reads_and_tags_originals_and_nothing_else(matrix: Matrix) -> None:
    """GuardDuty's documented permissions; it has s3:* of its own, as its makers might give it."""
    assert may(matrix, GROUP, "a scanner") == {
        "read originals",
        "read versions of originals",
        "read tags of originals",
        "write tags of originals",
        "replicate originals",  # a read of a version, by another name
        "put GuardDuty's validation object",
    }


def test_a_copier_reads_everything_and_writes_nothing(matrix: Matrix) -> None:
    """A restore writes and deletes objects, so an administrator does it."""
    assert may(matrix, GROUP, "a copier") == {
        f"{verb} {place}"
        for verb in ("read", "read versions of", "read tags of", "replicate")
        for place in ("originals", "thumbnails", "elsewhere")
    }


def test_another_role_with_every_right_on_s3_gets_nothing_by_these_options(matrix: Matrix) -> None:
    """The statements that spare a service spare nobody else."""
    assert may(matrix, GROUP, "a role of B with s3:*") == set()


def test_as_deployed_an_existing_bucket_refuses_nobody_in_its_account(matrix: Matrix) -> None:
    """Said in the open: what its owner allowed stays allowed."""
    insider = may(matrix, OPEN, "a role of B with s3:*")
    assert {"read originals", "write thumbnails", "delete originals"} <= insider


def test_thumbxrole_works_there_by_its_own_grants_and_never_reads_a_thumbnail(
    matrix: Matrix,
) -> None:
    for group in (OPEN, CLOSED):
        assert may(matrix, group, "ThumbXRole") == {"read originals", "write thumbnails"}


def test_adopt_policy_closes_our_prefixes_and_leaves_the_rest_alone(matrix: Matrix) -> None:
    elsewhere = {f"{verb} elsewhere" for verb in ("read", "read versions of", "write", "delete")}
    assert may(matrix, CLOSED, "a role of B with s3:*") == elsewhere
    assert may(matrix, CLOSED, "a copier") - elsewhere == {
        f"{verb} {place}"
        for verb in ("read", "read versions of")
        for place in ("originals", "thumbnails")
    }
