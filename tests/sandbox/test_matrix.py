"""The access matrix in docs/, made again from the program and the sandbox and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proof import markdown
from proof.changes import changes
from proof.matrix import JSON, MARKDOWN, Matrix
from proof.matrix_builder import build_matrix, unexplained
from proof.recorded_program import LOGS, NEIGHBOUR
from sandbox import uploads

if TYPE_CHECKING:
    from sandbox.deployment import Deployment


@pytest.fixture(scope="module")
def matrix(deployment: Deployment) -> Matrix:
    """The correct matrix: every cell is evaluated and tried."""
    return build_matrix(deployment)


@pytest.mark.slow
def test_the_matrix_on_file_says_the_truth(matrix: Matrix) -> None:
    """A pull request that gives somebody access shows it in the file, or fails here and says
    who.
    """
    found = changes(Matrix.read(JSON), matrix)
    assert not found, "\n".join(
        [f"{JSON.name} no longer says the truth; if this is meant: make matrix", *found.lines()]
    )
    assert JSON.read_text("utf-8") == matrix.text(), "run make matrix"
    assert MARKDOWN.read_text("utf-8") == markdown.render(matrix), "run make matrix"


@pytest.mark.slow
def test_where_the_two_answers_differ_the_reason_is_known(matrix: Matrix) -> None:
    """Otherwise the documents, the evaluator or the emulator is wrong, and the file is too."""
    assert unexplained(matrix) == []


@pytest.mark.slow
def test_the_calls_leave_everything_as_it_was(matrix: Matrix, deployment: Deployment) -> None:
    """Hundreds of calls succeed, some of them on the bucket's own settings."""
    s3, bucket = deployment.s3, deployment.bucket
    notification = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert len(notification.get("QueueConfigurations", [])) == 1
    assert s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    for queue in ("queue_url", "refused_queue_url", "dead_letter_queue_url"):
        assert uploads.messages(deployment, queue) == []
    versions = s3.list_object_versions(Bucket=bucket)
    left = [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]
    assert [each.get("Key") for each in left if "matrix" in each.get("Key", "")] == []
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []
    assert not {NEIGHBOUR, LOGS} & {each.get("Name") for each in s3.list_buckets()["Buckets"]}
