"""What belongs to one attempt or one iteration: its clean-up and its failed checks. Many iterations may run in one instance at a time,
so that it is bound to the task and what it starts, and not to the instance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar
from typing import Any, TypeVar

from wit_world.imports import context as contract

from . import problem
from .problem import Problem

Value = TypeVar("Value")


class Scope:
    """What is under way."""

    def __init__(self) -> None:
        self.cleanups: list[Cleanup] = []
        self.failed_check: str | None = None


class Cleanup:
    """A piece of clean-up that waits for the end of the case."""

    def __init__(self, scope: Scope, work: Coroutine[Any, Any, Any]) -> None:
        self._scope = scope
        self._work = work

    async def now(self) -> None:
        """Runs it now instead of at the end."""
        if self._take():
            await self._work

    def cancel(self) -> None:
        """Forgets it: what it would undo is undone already."""
        if self._take():
            self._work.close()

    def _take(self) -> bool:
        if self not in self._scope.cleanups:
            return False
        self._scope.cleanups.remove(self)
        return True


_CURRENT: ContextVar[Scope] = ContextVar("assay scope")


def cleanup(work: Coroutine[Any, Any, Any]) -> Cleanup:
    """Runs something at the end of the case, also when it fails early: `cleanup(http.delete(url).send())`. The newest is run first; a
    problem in it fails the case.

    It does not run when the attempt times out: what must be undone even then is the host's (streams are closed, faults are healed).
    """
    scope = _CURRENT.get(None)
    if scope is None:
        work.close()
        raise Problem.errored("`cleanup` belongs into a case, a scenario, or a function that one calls")
    registered = Cleanup(scope, work)
    scope.cleanups.append(registered)
    return registered


def check_failed(name: str) -> None:
    """A check failed in whatever is under way; the first one is remembered."""
    scope = _CURRENT.get(None)
    if scope is not None and scope.failed_check is None:
        scope.failed_check = name


async def run(body: Callable[[], Awaitable[Value]], scope: Scope | None = None) -> Value:
    """Runs a body and then its clean-up. Raises the first `Problem`; later ones are logged."""
    scope = scope or Scope()
    token = _CURRENT.set(scope)
    first: Problem | None = None
    try:
        try:
            value = await body()
        except Exception as error:
            first = problem.of(error)
        while scope.cleanups:
            first = await _clean_up(scope.cleanups[-1], first)
    finally:
        _CURRENT.reset(token)
    if first is not None:
        raise first
    return value


async def _clean_up(newest: Cleanup, first: Problem | None) -> Problem | None:
    try:
        await newest.now()
    except Exception as error:
        later = problem.of(error).context("clean-up")
        if first is None:
            return later
        contract.log(contract.Level.ERROR, str(later))
    return first
