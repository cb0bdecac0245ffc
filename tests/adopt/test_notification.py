"""The switch for EventBridge, over HTTP against a server that keeps the raw XML as S3 does."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from adopt import notification
from adopt.errors import AdoptError
from audit.accounts.clients import AccountClients

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET, OWNER = "theirs", "222222222222"
EMPTY = '<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>'
THEIRS = """\
<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<QueueConfiguration><Id>theirs</Id><Queue>arn:aws:sqs:eu-central-1:222222222222:theirs</Queue>
<Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>in/</Value>
</FilterRule></S3Key></Filter></QueueConfiguration>{}</NotificationConfiguration>"""


class Server(ThreadingHTTPServer):
    """One bucket's notification; `before_put` and `before_get` may change it meanwhile."""

    xml = EMPTY
    headers: dict[str, str]
    gets = 0
    change_before_get: dict[int, str]
    keep_puts = True


class Handler(BaseHTTPRequestHandler):
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        self.server.gets += 1
        self.server.xml = self.server.change_before_get.get(self.server.gets, self.server.xml)
        self._answer(self.server.xml.encode())

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.headers = dict(self.headers.items())
        if self.server.keep_puts:
            self.server.xml = body.decode()
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as made:
        made.headers, made.change_before_get = {}, {}
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def access(server: Server) -> AccountClients:
    def make(_account: str, service: str, _region: str | None) -> Any:
        session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="a")  # noqa: S106
        return session.client(
            service,
            region_name="eu-central-1",
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
        )

    return AccountClients(make)


def switch(access: AccountClients, *, on: bool = True, yes: bool = True) -> tuple[bool, str]:
    shown: list[str] = []

    def agreed(difference: str) -> bool:
        shown.append(difference)
        return yes

    done = notification.switch(access, BUCKET, OWNER, on=on, agreed=agreed)
    return done, "".join(shown)


def test_on_adds_one_thing_and_off_takes_it_away(server: Server, access: AccountClients) -> None:
    """Every destination that was notified before is still notified, by the same rules."""
    server.xml = THEIRS.format("")
    before = notification.read(access, BUCKET, OWNER)
    done, shown = switch(access)
    assert done
    assert [
        line for line in shown.splitlines() if line[:1] in "+-" and line[:2] not in ("++", "--")
    ]
    assert "theirs" not in "".join(line for line in shown.splitlines() if line.startswith("-"))
    after = notification.read(access, BUCKET, OWNER)
    assert after.is_on
    assert after == before.switched(on=True)
    assert switch(access, on=False)[0]
    assert notification.read(access, BUCKET, OWNER) == before


def test_the_destinations_of_others_are_not_tried(server: Server, access: AccountClients) -> None:
    """S3 tests each destination on every write, and a broken one would make our write fail."""
    switch(access)
    assert server.headers["x-amz-skip-destination-validation"] == "true"
    assert server.headers["x-amz-expected-bucket-owner"] == OWNER


def test_nothing_is_written_without_a_yes_or_a_need(server: Server, access: AccountClients) -> None:
    """The difference is shown, and only a yes writes."""
    assert not switch(access, yes=False)[0]
    assert server.xml == EMPTY
    server.xml = THEIRS.format("<EventBridgeConfiguration/>")
    done, shown = switch(access)
    assert (done, shown) == (False, "")


def test_a_change_by_somebody_else_before_the_write_stops_it(
    server: Server, access: AccountClients
) -> None:
    """The write would remove what the other person has just added."""
    server.change_before_get = {2: THEIRS.format("")}
    with pytest.raises(AdoptError, match="while you decided"):
        switch(access)
    assert server.xml == THEIRS.format("")


def test_a_change_by_somebody_else_after_the_write_is_said(
    server: Server, access: AccountClients
) -> None:
    """Terraform may revert the switch, or two people may write at the same time: nobody may
    believe that it is on.
    """
    server.keep_puts = False
    with pytest.raises(AdoptError, match="is not what was written"):
        switch(access)


@pytest.mark.parametrize(
    ("xml", "named"),
    [
        (THEIRS.format("<PigeonConfiguration><Id>1</Id></PigeonConfiguration>"), "Pigeon"),
        (
            THEIRS.format("<QueueConfiguration><Id>1</Id><Tag>x</Tag></QueueConfiguration>"),
            "QueueConfiguration/Tag",
        ),
        (
            THEIRS.format("<EventBridgeConfiguration><Bus>b</Bus></EventBridgeConfiguration>"),
            "EventBridgeConfiguration/Bus",
        ),
    ],
)
def test_what_botocore_would_drop_is_refused(
    server: Server, access: AccountClients, xml: str, named: str
) -> None:
    """botocore reads only the elements it knows; writing them back would remove the rest."""
    server.xml = xml
    with pytest.raises(AdoptError, match=named):
        switch(access)
    assert server.xml == xml


def test_an_answer_that_is_no_xml_is_a_sentence(server: Server, access: AccountClients) -> None:
    """A proxy's page must not be taken for an empty configuration."""
    server.xml = "<html><body>Sign in"
    with pytest.raises(Exception, match="notifies"):
        switch(access)
