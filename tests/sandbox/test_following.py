"""Thumbnails that follow their originals, two formats, and forms that pages send, in a deployment
with these options: real calls, real IAM.
"""

from __future__ import annotations

import contextlib
import re
import runpy
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import jmespath
import pytest
import urllib3
from botocore.config import Config
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

pytestmark = pytest.mark.slow


ROOT = "arn:aws:iam::222222222222"
ORIGIN, OTHER = "https://pictures.example.com", "https://elsewhere.example.com"


@pytest.fixture(scope="module")
def own(layer: None) -> Iterator[Deployment]:
    options = {
        "thumbnails.removals": "follow",
        "thumbnails.formats": ["jpeg", "webp"],
        "access.origins": [ORIGIN],
        "access.uploaders": [f"{ROOT}:role/uploader", f"{ROOT}:user/page"],
    }
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
    ("origin", "method", "status"),
    [(ORIGIN, "POST", 200), (ORIGIN, "PUT", 403), (OTHER, "POST", 403)],
)
def test_s3_tells_a_browser_which_pages_may_send_forms(
    own: Deployment, origin: str, method: str, status: int
) -> None:
    """The question that a browser asks before a script's upload with a progress bar."""
    answer = send(own, "OPTIONS", origin, {"Access-Control-Request-Method": method})
    assert answer.status == status
    told = answer.headers.get("Access-Control-Allow-Origin")
    assert told == (origin if status == 200 else None)


@pytest.mark.parametrize(
    ("user", "origin", "body", "status"),
    [
        ("page", ORIGIN, picture(7), 204),
        ("page", OTHER, picture(7), 204),
        ("page", ORIGIN, b"", 400),  # a smaller file than the form allows
        ("stranger", ORIGIN, picture(7), 403),
    ],
    ids=["a page", "another page", "too small", "a stranger's form"],
)
def test_a_form_does_what_its_signer_may_and_only_named_pages_read_the_answer(
    own: Deployment, tmp_path: Path, user: str, origin: str, body: bytes, status: int
) -> None:
    """The code in docs/delivery.md signs the form. CORS stops no upload, but the signature and the
    policy do.
    """
    page = (PROJECT / "docs" / "delivery.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "service.py").write_text(code, "utf-8")
    sign_form = runpy.run_path(str(tmp_path / "service.py"))["sign_form"]
    name = f"form-{user}-{status}-{origin == ORIGIN}.png"
    form = sign_form(Signer(own, user), own.bucket, own.stack.originals + name)
    fields = {**form["fields"], "file": (name, body)}
    answer = send(own, "POST", origin, fields=fields)
    assert answer.status == status, answer.data
    told = answer.headers.get("Access-Control-Allow-Origin")
    assert told == (origin if origin == ORIGIN else None)
    if status == 204:
        assert eventually(lambda: made_of(own, name) == {answer.headers["ETag"].strip('"')})


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


@dataclass(frozen=True)
class Signer:
    """A boto3.Session of an IAM user, because the emulator finds no account for a form that a
    role's session has signed.
    """

    deployment: Deployment
    user: str

    def client(self, service: str, config: Config) -> Any:
        iam = self.deployment.iam(self.deployment.stack.storage)
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=self.user)
        key = iam.create_access_key(UserName=self.user)["AccessKey"]
        session = boto3.Session(
            key["AccessKeyId"], key["SecretAccessKey"], region_name=self.deployment.stack.region
        )
        make: Any = session.client
        return make(
            service,
            config=config.merge(Config(s3={"addressing_style": "path"})),
            endpoint_url=self.deployment.clients.endpoint,
            verify=str(self.deployment.clients.ca_bundle),
        )


def send(own: Deployment, method: str, origin: str, headers: Any = None, fields: Any = None) -> Any:
    """Send what a browser sends from a page of this origin."""
    pool = urllib3.PoolManager(ca_certs=str(own.clients.ca_bundle))
    address = f"{own.clients.endpoint}/{own.bucket}"
    sent = {"Origin": origin, **(headers or {})}
    more = {"fields": fields} if fields else {}
    return pool.request(method, address, headers=sent, **more)


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
