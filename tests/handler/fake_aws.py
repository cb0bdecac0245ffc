"""S3, STS and SQS in memory, behind botocore's own wire: a stand-in for the network only.

`before-send` passes each signed request and accepts a raw response, so everything in botocore is
real: signing, refresh of credentials, parsing, retries. S3 is strongly consistent, as the real one.
Tests interfere through `before`, which is called with each `Call` before the call's effect: it may
raise an `AwsError`, change the bucket, or run another container.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from botocore.awsrequest import AWSResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocore.awsrequest import AWSPreparedRequest

    from handler.session import Clients

BUCKET = "pictures"
OWNER = "222222222222"
ROLE_ARN = f"arn:aws:iam::{OWNER}:role/ThumbXRole-1a2b3c4"
REFUSED_QUEUE_URL = "https://sqs.eu-central-1.amazonaws.com/111111111111/refused"
START = datetime(2030, 1, 1, tzinfo=UTC)

OPERATIONS = {
    "GET": "GetObject",
    "PUT": "PutObject",
    "HEAD": "HeadObject",
    "DELETE": "DeleteObject",
}

# With keys, because botocore would otherwise look for them on the network.
ANYWHERE = {
    "region_name": "eu-central-1",
    "aws_access_key_id": "nobody",
    "aws_secret_access_key": "nothing",
}


class AwsError(Exception):
    """An answer of AWS that is an error."""

    def __init__(self, status: int, code: str, message: str = "on purpose") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class _Raw(io.BytesIO):
    """A body as urllib3 gives it; `on_close` hears how many bytes of it were not read."""

    def __init__(self, body: bytes, on_close: Callable[[int], None] | None = None) -> None:
        super().__init__(body)
        self._size, self._on_close = len(body), on_close

    def stream(self, amt: int = 65536, **_: Any) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk

    def close(self) -> None:
        if self._on_close and not self.closed:
            self._on_close(self._size - self.tell())
        super().close()


@dataclass
class Call:
    """One request that arrived."""

    operation: str
    container: str
    key: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def _nothing(_: Call) -> None:
    pass


class FakeAws:
    """One bucket, one role and one queue; any number of containers."""

    page = 1000
    """How many entries one listing shows."""
    secret, token = "hush", "token"
    """What each session of the role has."""

    def __init__(self, now: datetime = START) -> None:
        self.objects: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.refused: list[dict[str, Any]] = []
        self.calls: list[Call] = []
        self.unread: set[str] = set()
        self.before: Callable[[Call], None] = _nothing
        self.after: Callable[[Call], None] = _nothing
        self.now = now
        self.lock = RLock()
        self._expiries: dict[str, datetime] = {}
        self._detach: list[Callable[[], None]] = []

    def attach(self, clients: Clients, container: str = "") -> None:
        """Replace the network for one container's clients."""
        for client, answer in (
            (clients.s3, self._s3),
            (clients.sqs, self._sqs),
            (clients.sts, self._sts),
        ):
            hook = partial(answer, container)
            client.meta.events.register("before-send", hook)
            self._detach.append(partial(client.meta.events.unregister, "before-send", hook))

    def detach(self) -> None:
        """Give all clients the network back."""
        while self._detach:
            self._detach.pop()()

    def put(self, key: str, body: bytes) -> None:
        """Put an object as another caller."""
        self.objects[key] = body

    def delete(self, key: str) -> None:
        """A deletion, by somebody else."""
        del self.objects[key]

    def operations(self) -> list[str]:
        """The operations that were called, in order."""
        return [call.operation for call in self.calls]

    def _s3(self, container: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        operation, parameters = OPERATIONS[request.method], {}
        if "list-type" in url.query:
            operation, parameters = "ListObjectsV2", dict(parse_qsl(url.query))
        path = unquote(url.path)[1:] or parameters.get("prefix", "")
        call = Call(operation, container, path, _headers(request), parameters)
        return self._answer(call, request, self._object)

    def _object(self, call: Call, request: AWSPreparedRequest) -> tuple[dict[str, str], bytes]:
        self._check_signature(call.headers)
        # Without it comes botocore's own HeadBucket, where a HeadObject was answered with 400.
        if call.headers.get("x-amz-expected-bucket-owner") != OWNER:
            raise AwsError(403, "AccessDenied")
        if call.operation == "PutObject":
            body = _decoded(request, call.headers)
            self.objects[call.key] = body
            self.headers[call.key] = call.headers
            return {"ETag": etag(body)}, b""
        if call.operation == "ListObjectsV2":
            return {}, self._listed(call.parameters)
        if call.operation == "DeleteObject":
            self.objects.pop(call.key, None)  # S3 does not say whether there was one
            self.headers.pop(call.key, None)
            return {}, b""
        if call.key not in self.objects:
            raise AwsError(404, "NoSuchKey")
        body = self.objects[call.key]
        headers = {"ETag": etag(body), "Content-Length": str(len(body))}
        return headers, body if call.operation == "GetObject" else b""

    def _listed(self, parameters: dict[str, str]) -> bytes:
        """One page: keys below the prefix, those behind a further slash as one common prefix."""
        prefix, after = parameters["prefix"], parameters.get("continuation-token", "")
        found = dict[str, bool]()
        for key in sorted(each for each in self.objects if each.startswith(prefix)):
            name, slash, _ = key.removeprefix(prefix).partition(parameters["delimiter"])
            found[prefix + name + slash] = bool(slash)
        left = [key for key in found if key > after]
        page = left[: self.page]
        more = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if page != left else ""
        entries = "".join(
            f"<CommonPrefixes><Prefix>{key}</Prefix></CommonPrefixes>"
            if found[key]
            else f"<Contents><Key>{key}</Key></Contents>"
            for key in page
        )
        cut = str(page != left).lower()
        return (
            f"<ListBucketResult><IsTruncated>{cut}</IsTruncated>{more}{entries}</ListBucketResult>"
        ).encode()

    def _check_signature(self, headers: dict[str, str]) -> None:
        key_id = headers["authorization"].split("Credential=")[1].split("/")[0]
        if key_id not in self._expiries:
            raise AwsError(403, "InvalidAccessKeyId")
        if self.now >= self._expiries[key_id]:
            raise AwsError(400, "ExpiredToken")

    def _sts(self, container: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        body: Any = request.body
        parameters = {k: v[0] for k, v in parse_qs(_text(body)).items()}
        call = Call("AssumeRole", container, "", _headers(request), parameters)
        return self._answer(call, request, self._assume)

    def _assume(self, call: Call, request: AWSPreparedRequest) -> tuple[dict[str, str], bytes]:
        key_id = f"ASIATHUMBX{len(self._expiries):010}"
        expiry = self.now + timedelta(seconds=int(call.parameters["DurationSeconds"]))
        self._expiries[key_id] = expiry
        body = (
            "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
            f"<AccessKeyId>{key_id}</AccessKeyId><SecretAccessKey>{self.secret}</SecretAccessKey>"
            f"<SessionToken>{self.token}</SessionToken><Expiration>{expiry.isoformat()}</Expiration>"
            "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )
        return {}, body.encode()

    def _sqs(self, container: str, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        parameters = json.loads(_text(request.body))
        call = Call("SendMessage", container, "", _headers(request), parameters)
        return self._answer(call, request, self._send)

    def _send(self, call: Call, request: AWSPreparedRequest) -> tuple[dict[str, str], bytes]:
        self.refused.append(json.loads(call.parameters["MessageBody"]))
        digest = hashlib.md5(call.parameters["MessageBody"].encode()).hexdigest()  # noqa: S324 - SQS's own
        return {}, json.dumps({"MessageId": "m", "MD5OfMessageBody": digest}).encode()

    def _answer(
        self,
        call: Call,
        request: AWSPreparedRequest,
        act: Callable[[Call, AWSPreparedRequest], tuple[dict[str, str], bytes]],
    ) -> AWSResponse:
        try:
            self.before(call)
            with self.lock:
                self.calls.append(call)
                headers, body = act(call, request)
            status = 200
        except AwsError as error:
            status, headers, body = error.status, {}, _error(call.operation, error)
            if call.operation == "HeadObject":
                body = b""
        finally:
            self.after(call)
        headers["Date"] = format_datetime(self.now)

        def closed(unread: int) -> None:
            if unread:
                self.unread.add(call.key)

        return AWSResponse(request.url, status, headers, _Raw(body, closed))


def etag(body: bytes) -> str:
    """What S3 answers for an object that was put in one piece."""
    return f'"{hashlib.md5(body).hexdigest()}"'  # noqa: S324 - S3's own


def _error(operation: str, error: AwsError) -> bytes:
    if operation == "SendMessage":
        return json.dumps({"__type": error.code, "message": error.message}).encode()
    xml = f"<Code>{error.code}</Code><Message>{error.message}</Message>"
    if operation == "AssumeRole":
        return f"<ErrorResponse><Error>{xml}</Error></ErrorResponse>".encode()
    return f"<Error>{xml}</Error>".encode()


def _decoded(request: AWSPreparedRequest, headers: dict[str, str]) -> bytes:
    """The object in a put; botocore may send it in chunks with a checksum behind."""
    body: Any = request.body
    data: bytes = body if isinstance(body, bytes) else body.read()
    if "aws-chunked" not in headers.get("content-encoding", ""):
        return data
    decoded = io.BytesIO()
    stream = io.BytesIO(data)
    while size := int(stream.readline().split(b";")[0], 16):
        decoded.write(stream.read(size))
        stream.readline()
    return decoded.getvalue()


def _headers(request: AWSPreparedRequest) -> dict[str, str]:
    return {name.lower(): _text(value) for name, value in request.headers.items()}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
