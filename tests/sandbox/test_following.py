"""Thumbnails that follow their originals, in a deployment with the option: real calls, real IAM."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import jmespath
import pytest
from botocore.exceptions import ClientError

from demo.tracing import as_root
from reconcile import command
from recording.program import PROJECT
from sandbox.deployment import deployed
from tests.sandbox.test_reconcile import picture
from tests.sandbox.test_thumbnails import eventually, log_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.deployment import Deployment


@pytest.fixture(scope="module")
def own(layer: None) -> Iterator[Deployment]:
    options = {"thumbnails.removals": "follow", "thumbnails.formats": ["jpeg", "webp"]}
    log = PROJECT / "build" / "follow-test" / "emulator.log"
    with deployed(log=log, options=options) as deployment:
        yield deployment


def put(own: Deployment, name: str, number: int) -> str:
    """Upload an original and wait for its thumbnails; its version."""
    key = own.stack.originals + name
    version = own.client("s3", "uploader").put_object(
        Bucket=own.bucket, Key=key, Body=picture(number)
    )
    assert eventually(lambda: made_of(own, name) == {version["ETag"].strip('"')})
    return version["VersionId"]


def made_of(own: Deployment, name: str) -> set[str]:
    """The ETags of the originals that a picture's thumbnails were made of."""
    keys = [f"{own.stack.thumbnails}{name}/{each}" for each in own.stack.names]
    found = set[str]()
    for key in keys:
        try:
            head = own.s3.head_object(Bucket=own.bucket, Key=key)
        except ClientError:
            continue
        found.add(head["Metadata"]["original-etag"])
    return found


def delete(own: Deployment, name: str, **version: str) -> None:
    administrator = own.client("s3", "administrator")
    administrator.delete_object(Bucket=own.bucket, Key=own.stack.originals + name, **version)


def test_thumbnails_go_with_their_original_and_come_with_an_older_version(own: Deployment) -> None:
    """By S3's own events: a delete marker, then a version that is deleted, then the deletion of
    every version.
    """
    first = put(own, "a", 1)
    (etag,) = made_of(own, "a")
    put(own, "a/b.png", 2)
    second = put(own, "a", 3)
    delete(own, "a", VersionId=second)
    assert eventually(lambda: made_of(own, "a") == {etag})
    delete(own, "a")
    assert eventually(lambda: not made_of(own, "a"))
    assert made_of(own, "a/b.png")
    (line,) = [
        each for each in log_lines(own, own.stack.originals + "a") if each["outcome"] == "removed"
    ]
    assert line["removed"] == 6  # three sizes in two formats
    versions = own.s3.list_object_versions(Bucket=own.bucket, Prefix="originals/a")["Versions"]
    assert first in [each["VersionId"] for each in versions]


def test_reconcile_makes_a_format_that_is_missing(
    own: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second format that is configured later is made of the pictures that are there."""
    put(own, "formats.png", 4)
    keys = [f"{own.stack.thumbnails}formats.png/{name}" for name in own.stack.names]
    assert keys[1].endswith("/small.webp")
    own.client("s3", "administrator").delete_object(Bucket=own.bucket, Key=keys[1])
    time.sleep(1.1)  # listings have whole seconds, so an object as new as the run is left out
    monkeypatch.setattr(command, "connect", lambda *_: as_root(own))
    assert command.main(["run", "--yes", "--work", str(tmp_path)]) == 0
    head = own.client("s3", "reader").head_object(Bucket=own.bucket, Key=keys[1])
    assert head["ContentType"] == "image/webp"


@pytest.mark.parametrize(
    ("call", "key", "allowed"),
    [
        ("delete_object", "thumbnails/a/small.jpg", True),
        ("delete_object", "originals/a", False),
        ("delete_object", "elsewhere/a", False),
        ("delete_version", "thumbnails/a/small.jpg", False),
        ("list_objects_v2", "thumbnails/a/", True),
        ("list_objects_v2", "elsewhere/", False),
        ("get_object", "thumbnails/a/b.png/small.jpg", False),
    ],
)
def test_thumbxrole_deletes_thumbnails_and_nothing_else(
    own: Deployment, call: str, key: str, *, allowed: bool
) -> None:
    assert attempt(own.client("s3", "ThumbXRole"), own.bucket, call, key) is allowed


@pytest.mark.parametrize("actor", ["insider", "uploader", "reader"])
@pytest.mark.parametrize("key", ["originals/a", "thumbnails/a/small.jpg", "elsewhere/a"])
def test_the_refusals_spare_nobody_else(own: Deployment, actor: str, key: str) -> None:
    """A role of B with s3:* could otherwise delete any thumbnails."""
    assert attempt(own.client("s3", actor), own.bucket, "delete_object", key) is False


def attempt(client: Any, bucket: str, call: str, key: str) -> bool:
    """Whether a call is allowed."""
    try:
        match call:
            case "list_objects_v2":
                client.list_objects_v2(Bucket=bucket, Prefix=key)
            case "delete_version":
                client.delete_object(Bucket=bucket, Key=key, VersionId="0" * 32)
            case _:
                getattr(client, call)(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


def test_the_recipe_for_erasing_leaves_no_version(own: Deployment) -> None:
    """The queries of docs/security.md, as the AWS CLI would run them, by an administrator."""
    put(own, "c", 4)
    put(own, "c", 5)
    put(own, "c/d.png", 6)
    put(own, "cc", 7)
    page = (PROJECT / "docs" / "security.md").read_text("utf-8")
    recipe = page.partition("## To erase a picture for good")[2].partition("```sh")[2]
    queries = re.findall(r"--prefix \"(.+?)\" --delimiter / --query \"(.+?)\" --output", recipe)
    assert len(queries) == 2
    delete(own, "c")
    assert eventually(lambda: not made_of(own, "c"))
    administrator = own.client("s3", "administrator")
    for prefix, query in queries:
        named = [text.replace("$key", "c") for text in (prefix, query)]
        listed = administrator.list_object_versions(
            Bucket=own.bucket, Prefix=named[0], Delimiter="/"
        )
        rows = jmespath.search(named[1], listed)
        assert rows
        for key, version in rows:
            administrator.delete_object(Bucket=own.bucket, Key=key, VersionId=version)
    left = own.s3.list_object_versions(Bucket=own.bucket)
    keys = {each["Key"] for kind in ("Versions", "DeleteMarkers") for each in left.get(kind, [])}
    assert not {key for key in keys if key == "originals/c" or key.startswith("thumbnails/c/s")}
    assert {"originals/c/d.png", "originals/cc", "thumbnails/cc/small.jpg"} <= keys
    assert "thumbnails/c/d.png/small.jpg" in keys
