"""HTTP requests: `response = await http.get(url).header("accept", "text/plain").send()`. Times are seconds."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self
from urllib.parse import quote

from componentize_py_types import Err
from wit_world.imports import http as contract

from . import calls, finding, place, shape
from .problem import HostError, Kind, Problem

_SHOWN = 300
"""How much of a body a message shows, in characters."""
_MOST_MS = 2**32 - 1


class ErrorKind(Enum):
    """What kind of error it is, in the words of its message."""

    DENIED = "denied"
    INVALID = "invalid request"
    RESOLVE = "no address"
    CONNECT = "no connection"
    TLS = "no secure connection"
    TIMEOUT = "timeout"
    CLOSED = "closed early"
    TOO_LARGE = "too large"
    PROTOCOL = "bad answer"
    UNSUPPORTED = "unsupported"


_KINDS: dict[type[contract.Error], ErrorKind] = {
    contract.Error_Denied: ErrorKind.DENIED,
    contract.Error_Invalid: ErrorKind.INVALID,
    contract.Error_Resolve: ErrorKind.RESOLVE,
    contract.Error_Connect: ErrorKind.CONNECT,
    contract.Error_Tls: ErrorKind.TLS,
    contract.Error_Timeout: ErrorKind.TIMEOUT,
    contract.Error_Closed: ErrorKind.CLOSED,
    contract.Error_TooLarge: ErrorKind.TOO_LARGE,
    contract.Error_Protocol: ErrorKind.PROTOCOL,
    contract.Error_Unsupported: ErrorKind.UNSUPPORTED,
}


class Error(HostError):
    """Why there is no answer, and what was asked."""

    OWN_FAULTS = frozenset({ErrorKind.DENIED, ErrorKind.INVALID, ErrorKind.UNSUPPORTED})

    def __init__(self, kind: ErrorKind, text: str, request: str) -> None:
        super().__init__(kind, f"{request}: {kind.value}: {text}")
        self.text = text

    @classmethod
    def of(cls, error: contract.Error, request: str) -> Error:
        """What the host answered, of this request."""
        text = str(error.value)
        if isinstance(error, contract.Error_TooLarge):
            text = f"the body is over {error.value} bytes: allow more with `max_body`"
        return cls(_KINDS[type(error)], text, request)


@dataclass(frozen=True)
class Timings:
    """How long an answer took, in seconds. The parts follow one another."""

    connect: float | None
    """Making a connection; none when a kept one was used."""
    first_byte: float
    """From the start to the first byte of the head, `connect` included."""
    receive: float
    """From there to the last byte of the body."""
    total: float


class Response:
    """An answer, complete. Any status is an answer."""

    def __init__(self, inner: contract.Response, request: str) -> None:
        self._inner = inner
        self._request = request

    @property
    def status(self) -> int:
        """The status code."""
        return self._inner.status

    @property
    def version(self) -> str:
        """`HTTP/1.1`, `HTTP/2`."""
        return self._inner.version

    @property
    def all_headers(self) -> list[tuple[str, str]]:
        """All headers, in order, names in lower case."""
        return self._inner.headers

    @property
    def body(self) -> bytes:
        """The body."""
        return self._inner.body

    @property
    def url(self) -> str:
        """The URL that answered, after redirects."""
        return self._inner.url

    @property
    def redirects(self) -> int:
        """How many redirects were followed."""
        return self._inner.redirects

    @property
    def timings(self) -> Timings:
        """How long it took."""
        took = self._inner.timings
        connect = None if took.connect is None else took.connect / 1e9
        return Timings(connect, took.first_byte / 1e9, took.receive / 1e9, took.total / 1e9)

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return next(iter(self.headers(name)), None)

    def headers(self, name: str) -> list[str]:
        """All headers of that name, in any case and in order."""
        return [value for given, value in self._inner.headers if given.lower() == name.lower()]

    def text(self) -> str:
        """The body as text, bytes that are not UTF-8 replaced."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON. Another body fails the case."""
        return shape.parse(self.body, self._source())

    def at(self, *path: str | int) -> Any:
        """A value of the body as JSON: `at("data", "items", 0)`. One that is missing fails the case and is named."""
        return shape.at(self.body, path, self._source())

    def expect_status(self, expected: int) -> Self:
        """Checks the status, and ends the case with the start of the body if it is another one."""
        name = f"{self._request} answers {expected}"
        if self.status != expected:
            actual = f"{self.status} {finding.cut(self.text(), _SHOWN)}"
            raise Problem(Kind.FAILED, name, expected=str(expected), actual=actual, location=place.of_caller())
        finding.check(True, name)
        return self

    def _source(self) -> str:
        return f"{self._request} answered {self.status}"


@dataclass(frozen=True)
class Sample:
    """What a prepared request answers: enough for statistics. Times are seconds."""

    status: int
    received: int
    """Bytes of body received and thrown away."""
    first_byte: float
    total: float


class Template:
    """A request that is parsed, checked and granted once, to be fired many times."""

    def __init__(self, inner: contract.Template, label: str) -> None:
        self._inner = inner
        self._label = label

    async def fire(self) -> Sample:
        """Sends it; the body of the answer is thrown away."""
        try:
            return _sample(await calls.finished(self._inner.fire()))
        except Err as refusal:
            raise Error.of(refusal.value, self._label) from None

    async def fire_with_body(self, body: bytes) -> Sample:
        """The same with this body in place of the prepared one."""
        try:
            return _sample(await calls.finished(self._inner.fire_with_body(body)))
        except Err as refusal:
            raise Error.of(refusal.value, self._label) from None

    async def fire_with(self, *values: object) -> Sample:
        """The same with these values in its slots, in their order."""
        try:
            return _sample(await calls.finished(self._inner.fire_with([str(value) for value in values])))
        except Err as refusal:
            raise Error.of(refusal.value, self._label) from None


class Request:
    """A request that is being built. It does nothing until it is sent."""

    def __init__(self, method: str, url: str) -> None:
        self._inner = contract.Request(method, url, [], contract.Payload_None_(), None, 0, None, None)

    def header(self, name: str, value: str) -> Self:
        """Adds a header; a name may repeat. At most 128, each value at most 8 KiB."""
        self._inner.headers.append((name, value))
        return self

    def query(self, name: str, value: object) -> Self:
        """Adds a pair to the query of the URL, percent-encoded."""
        address, hash_sign, fragment = self._inner.url.partition("#")
        separator = "&" if "?" in address else "?"
        pair = f"{quote(name, safe='')}={quote(str(value), safe='')}"
        self._inner.url = f"{address}{separator}{pair}{hash_sign}{fragment}"
        return self

    def json(self, value: object) -> Self:
        """A body of JSON, with its `Content-Type` unless one is given before. Raises `TypeError` if the value does not become JSON."""
        if all(name.lower() != "content-type" for name, _ in self._inner.headers):
            self.header("content-type", "application/json")
        return self.body(json.dumps(value, ensure_ascii=False).encode())

    def body(self, body: bytes | str) -> Self:
        """A body as it is. At most 64 MiB."""
        self._inner.payload = contract.Payload_Bytes(_bytes(body))
        return self

    def paced(self, pieces: Iterable[bytes | str], pause: float) -> Self:
        """A body in pieces, with a pause before each but the first: a slow client. At most 1,024 pieces."""
        self._inner.payload = contract.Payload_Paced(
            contract.Paced([_bytes(piece) for piece in pieces], milliseconds(pause))
        )
        return self

    def timeout(self, seconds: float) -> Self:
        """From the start to the last byte of the answer; without it 30 s."""
        self._inner.timeout_ms = milliseconds(seconds)
        return self

    def redirects(self, most: int) -> Self:
        """How many redirects to follow, at most 20; without it none, and the redirect itself is the answer."""
        self._inner.max_redirects = most
        return self

    def max_body(self, size: int) -> Self:
        """The most bytes of body to take, at most 64 MiB; without it 16 MiB."""
        self._inner.max_body = size
        return self

    def name(self, name: str) -> Self:
        """The name under which reports gather such requests: `GET /projects/{id}`."""
        self._inner.name = name
        return self

    async def send(self) -> Response:
        """Sends it and takes the whole answer; any status is an answer."""
        try:
            return Response(await calls.finished(contract.send(self._inner)), self.label())
        except Err as refusal:
            raise Error.of(refusal.value, self.label()) from None

    def send_now(self) -> Response:
        """The same for a plain `def`, which has its instance to itself: it stops all of the instance while it waits, and costs less."""
        try:
            return Response(contract.send_now(self._inner), self.label())
        except Err as refusal:
            raise Error.of(refusal.value, self.label()) from None

    def prepare(self, slots: Sequence[str] = ()) -> Template:
        """Parses, checks and grants it once, to be fired many times, with values in its slots: each `{name}` of them in the URL, in the
        value of a header or in the body is one. At most 16; none may stand in scheme, host and port, and each must stand somewhere."""
        try:
            if slots:
                inner = contract.Template.prepare_with(self._inner, list(slots))
            else:
                inner = contract.Template.prepare(self._inner)
        except Err as refusal:
            raise Error.of(refusal.value, self.label()) from None
        return Template(inner, self.label())

    def label(self) -> str:
        """The request in a message: `GET http://127.0.0.1:8001/health`."""
        return f"{self._inner.method} {self._inner.url}"

    def finish(self) -> contract.Request:
        """The request as the contract has it."""
        return self._inner


def request(method: str, url: str) -> Request:
    """A request with any method."""
    return Request(method, url)


def get(url: str) -> Request:
    """A `GET`."""
    return Request("GET", url)


def head(url: str) -> Request:
    """A `HEAD`."""
    return Request("HEAD", url)


def post(url: str) -> Request:
    """A `POST`."""
    return Request("POST", url)


def put(url: str) -> Request:
    """A `PUT`."""
    return Request("PUT", url)


def patch(url: str) -> Request:
    """A `PATCH`."""
    return Request("PATCH", url)


def delete(url: str) -> Request:
    """A `DELETE`."""
    return Request("DELETE", url)


def milliseconds(seconds: float) -> int:
    """Whole milliseconds, rounded up so that a wait is never shorter than asked for, from none to 49 days."""
    if seconds <= 0:
        return 0
    return _MOST_MS if seconds * 1000 >= _MOST_MS else math.ceil(round(seconds * 1000, 6))


def _bytes(body: bytes | str) -> bytes:
    return body.encode() if isinstance(body, str) else body


def _sample(sample: contract.Sample) -> Sample:
    return Sample(sample.status, sample.received, sample.first_byte / 1e9, sample.total / 1e9)
