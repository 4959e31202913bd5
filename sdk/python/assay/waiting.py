"""Waiting, with a bound. The loop of a component has no timers of its own: the host waits."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from wit_world.imports import context as contract

from . import calls, problem
from .problem import Kind, Problem

Value = TypeVar("Value")

_FIRST_PAUSE = 0.005
"""Seconds between the first two tries of `eventually`; doubled each time up to `_LONGEST_PAUSE`."""
_LONGEST_PAUSE = 0.25
_LONGEST_SLEEP_NS = 2**64 - 1


async def sleep(seconds: float) -> None:
    """Waits, while other work of the case goes on. `time.sleep` would stop all of it, and `asyncio.sleep` does not exist here."""
    nanoseconds = _LONGEST_SLEEP_NS if math.isinf(seconds) else math.ceil(max(seconds, 0) * 1e9)
    await calls.finished(contract.sleep(min(nanoseconds, _LONGEST_SLEEP_NS)))


async def within(limit: float, work: Coroutine[Any, Any, Value]) -> Value:
    """Waits for something at most so many seconds; if it takes longer it is cancelled, and the case fails.

    What the host was asked meanwhile it finishes for itself: its answer is thrown away.
    """
    done = await _raced(limit, work)
    if done is None:
        raise Problem.failed(f"not done within {limit:g} s")
    return done.result()


async def eventually(limit: float, attempt: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
    """Tries until a try succeeds, at most so many seconds, and answers what it returned.

    Between tries there is a pause of 5 ms, doubled each time up to 250 ms. A try that fails is tried again; one that is errored or skipped
    ends it. The failure says how often it was tried and what the last problem was. Use `ensure` or `assert` inside, not `check`: a
    failed `check` fails the case even if a later try succeeds.
    """
    deadline = time.monotonic() + limit
    tries, pause = 0, _FIRST_PAUSE
    last: Problem | None = None
    while True:
        left = deadline - time.monotonic()
        if left <= 0 and tries > 0:
            raise _gave_up(limit, tries, last)
        tries += 1
        done = await _raced(left, attempt())
        if done is None:
            raise _gave_up(limit, tries, last or Problem.failed("the try did not end"))
        error = done.exception()
        if error is None:
            return done.result()
        last = problem.of(error)
        if last.kind is not Kind.FAILED:
            raise last
        await sleep(min(pause, max(deadline - time.monotonic(), 0)))
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _raced(limit: float, work: Coroutine[Any, Any, Value]) -> asyncio.Task[Value] | None:
    """The task of the work when it is done; none if it was cancelled after so many seconds."""
    task = asyncio.create_task(work)
    timer = asyncio.create_task(sleep(limit))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task
        task.cancel()
        await asyncio.wait({task})
        return None
    finally:
        timer.cancel()
        task.cancel()
        task.add_done_callback(_read)


def _read(task: asyncio.Task[Any]) -> None:
    """An exception that nobody reads would end the instance."""
    if not task.cancelled():
        task.exception()


def _gave_up(limit: float, tries: int, last: Problem | None) -> Problem:
    times = "1 try" if tries == 1 else f"{tries} tries"
    if last is None:
        return Problem.failed(f"not within {limit:g} s ({times})")
    return Problem.failed(
        f"not within {limit:g} s ({times}): {last.message}", expected=last.expected, actual=last.actual
    )
