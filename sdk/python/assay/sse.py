"""Server-sent events:

    stream = await sse.get(f"{url}/events").open()
    async for event in stream.events(timeout=5):
        check(event.at("percent") <= 100, "no more than all of it")
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self

from componentize_py_types import Err
from wit_world.imports import sse as contract

from . import calls, finding, http, place, shape
from .http import Error, ErrorKind
from .problem import Kind, Problem

_SHOWN = 300


@dataclass(frozen=True)
class Event:
    """An event as it was dispatched."""

    id: str | None
    """Its own `id` field; none if it had none."""
    name: str
    """The `event` field, `message` if there was none."""
    data: str
    """The `data` lines, joined by line feeds."""
    retry: float | None
    """The `retry` field that came with it, in seconds."""
    seconds: float
    """Since the stream was asked for."""
    source: str

    def json(self) -> Any:
        """The data as JSON. Other data fail the case."""
        return shape.parse(self.data, self._source())

    def at(self, *path: str | int) -> Any:
        """A value of the data as JSON: `at("progress", "percent")`. One that is missing fails the case and is named."""
        return shape.at(self.data, path, self._source())

    def _source(self) -> str:
        return f"{self.source} sent the event `{self.name}` ({self.id or 'without id'})"


@dataclass(frozen=True)
class Comment:
    """A comment, such as a heartbeat."""

    text: str
    seconds: float
    """Since the stream was asked for."""


@dataclass(frozen=True)
class Retry:
    """A `retry` field without data."""

    seconds: float


@dataclass(frozen=True)
class Reconnection:
    """The stream broke and was opened again."""

    count: int
    """1 for the first one."""
    last_event_id: str | None
    """What was sent as `Last-Event-ID`."""
    reason: str


@dataclass(frozen=True)
class End:
    """The server ended the stream in an orderly way."""


Item = Event | Comment | Retry | Reconnection | End
"""What comes out of a stream, in order."""


class EventStream:
    """An open stream. It is closed when nothing holds it any more; `async with` or `close` close it at once."""

    def __init__(self, inner: contract.EventStream, label: str) -> None:
        self._inner = inner
        self._label = label

    @property
    def status(self) -> int:
        """The status of the answer that opened it."""
        return self._inner.status()

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        return self._inner.header(name)

    @property
    def body(self) -> bytes:
        """The body of an answer that is no event stream, at most 64 KiB; empty for a stream."""
        return self._inner.body()

    @property
    def opened_after(self) -> float:
        """From asking to the head of the answer, in seconds."""
        return self._inner.opened_after() / 1e9

    @property
    def last_event_id(self) -> str | None:
        """The newest id that was seen, as a reconnect would send it."""
        return self._inner.last_event_id()

    async def next(self, timeout: float) -> Item:
        """The next item of any kind. An error of the kind `TIMEOUT` leaves the stream as it is; after any other one, and after `End`, it
        answers `End`."""
        try:
            return _item(await calls.finished(self._inner.next(http.milliseconds(timeout))), self._label)
        except Err as refusal:
            raise Error.of(refusal.value, self._label) from None

    async def next_event(self, timeout: float) -> Event | None:
        """The next event; comments, `retry` fields and reconnections on the way are passed over. None at the orderly end of the stream.
        The timeout is for the whole wait."""
        deadline = time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            item = await self.next(left)
            if isinstance(item, Event):
                return item
            if isinstance(item, End):
                return None
            if left <= 0:
                raise Error(ErrorKind.TIMEOUT, f"no event within {timeout:g} s", self._label)

    async def events(self, timeout: float) -> AsyncIterator[Event]:
        """All events up to the orderly end of the stream; the timeout is for each of them."""
        while (event := await self.next_event(timeout)) is not None:
            yield event

    def close(self) -> None:
        """Closes the connection at once."""
        self._inner.__exit__(None, None, None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def refusal(self) -> Problem | None:
        """Why the answer is no stream; none if it is one."""
        media_type = self.header("content-type") or ""
        if self.status == 200 and media_type.partition(";")[0].strip().lower() == "text/event-stream":
            return None
        body = finding.cut(self.body.decode(errors="replace"), _SHOWN)
        return Problem(
            Kind.FAILED,
            f"{self._label} answers a stream of events",
            expected="200 text/event-stream",
            actual=f"{self.status} {media_type} {body}",
            location=place.of_caller(),
        )


class Request:
    """A stream that is about to be opened."""

    def __init__(self, opening: http.Request) -> None:
        self._opening = opening
        self._options = contract.Options(None, 0)

    def header(self, name: str, value: str) -> Self:
        """Adds a header."""
        self._opening.header(name, value)
        return self

    def last_event_id(self, event_id: str) -> Self:
        """Asks for what comes after that event."""
        self._options.last_event_id = event_id
        return self

    def reconnects(self, most: int) -> Self:
        """How often a stream that broke is opened again, at most 100; without it never."""
        self._options.max_reconnects = most
        return self

    async def open(self) -> EventStream:
        """Opens it; an answer that is no stream ends the case."""
        stream = await self.open_any()
        refusal = stream.refusal()
        if refusal is not None:
            raise refusal
        return stream

    async def open_any(self) -> EventStream:
        """Opens it and answers whatever came: look at `status` and `body`."""
        label = self._opening.label()
        try:
            inner = await calls.finished(contract.open(self._opening.finish(), self._options))
        except Err as refusal:
            raise Error.of(refusal.value, label) from None
        return EventStream(inner, label)


def get(url: str) -> Request:
    """A stream over `GET`."""
    return Request(http.get(url))


def request(opening: http.Request) -> Request:
    """A stream over any request; its timeout bounds the time to the head, not the stream."""
    return Request(opening)


async def open(url: str) -> EventStream:
    """Opens a stream over `GET`; an answer that is no stream ends the case."""
    return await get(url).open()


def _item(item: contract.Item, source: str) -> Item:
    match item:
        case contract.Item_Event(event):
            retry = None if event.retry_ms is None else event.retry_ms / 1000
            return Event(event.id, event.name, event.data, retry, event.at / 1e9, source)
        case contract.Item_Comment(comment):
            return Comment(comment.text, comment.at / 1e9)
        case contract.Item_Retry(after):
            return Retry(after / 1000)
        case contract.Item_Reconnected(again):
            return Reconnection(again.count, again.last_event_id, again.reason)
        case contract.Item_End():
            return End()
