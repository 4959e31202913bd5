"""Calls of the host that wait. `componentize-py` cannot cancel one (0.25: no `subtask.cancel`), so nothing that is cancelled may be
waiting for one directly: a task of its own finishes the call, and whoever waits for that task may go away."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import componentize_py_async_support as support

Value = TypeVar("Value")


async def finished(call: Coroutine[Any, Any, Value]) -> Value:
    """What a call of the host answers. Whoever is cancelled meanwhile goes on at once, and the answer is thrown away when it comes."""
    answer: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(call)
    task.add_done_callback(lambda done: _hand_over(done, answer))
    return await answer


def _hand_over(done: asyncio.Task[Value], answer: asyncio.Future[Value]) -> None:
    if done.cancelled():
        # Only a loop that ends does this: Python's own, in tests.
        answer.cancel()
        return
    # The exception is read in any case: one that nobody reads would end the instance.
    error = done.exception()
    if answer.done():
        return
    if error is None:
        answer.set_result(done.result())
    else:
        answer.set_exception(error)


def leave_unanswered() -> None:
    """Lets the entry end while calls are under way that nobody waits for any more, such as the timer of a `within` that was in time.

    The loop drops its set of calls at the end, which traps if one is in it; it is made to forget the set instead, and the host ends what
    is left with the instance. There is no public way: this depends on the pinned version of `componentize-py`.
    """
    state = support._future_state.get(None)
    if state is not None and state.futures:
        state.waitable_set = None
