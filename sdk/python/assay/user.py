"""Virtual users: each asks the host for its iterations, one after the other, and runs them."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from wit_world.exports import suite as exported
from wit_world.imports import load as contract

from . import calls, problem, shared
from .load import Vu
from .problem import Kind, Problem
from .registry import Scenario
from .scope import Scope, run

LONGEST_REASON = 256
"""Bytes of the reason why an iteration failed."""
LONGEST_ACTUAL = 32
"""Characters of an actual value that is part of a reason. Longer ones differ too much to be counted."""

_WORD = re.compile(r"[A-Za-z0-9_-]+")


class User:
    """One virtual user."""

    def __init__(self, number: int, alone: bool, scenario: Scenario, data: str) -> None:
        self._number = number
        self._alone = alone
        self._scenario = scenario
        self._data = data
        self._arguments: dict[str, Any] = {}
        if "shared" in scenario.takes:
            self._arguments["shared"] = shared.from_text(data, scenario.function)

    async def run(self) -> None:
        """Runs its iterations until there are no more."""
        await self._make_state()
        before: contract.Ending | None = None
        while (turn := await self._next(before)) is not None:
            vu = Vu(self._number, turn.iteration, turn.intended / 1e9, turn.warm_up)
            before = await self._iteration(vu)

    async def _make_state(self) -> None:
        make = self._scenario.state
        if make is None:
            return
        arguments: dict[str, Any] = {}
        if "vu" in self._scenario.state_takes:
            arguments["vu"] = Vu(self._number, 0, 0.0, False)
        if "shared" in self._scenario.state_takes:
            arguments["shared"] = shared.from_text(self._data, make)
        made = make(**arguments)
        self._arguments["state"] = await made if asyncio.iscoroutine(made) else made

    async def _next(self, before: contract.Ending | None) -> contract.Turn | None:
        if self._alone:
            return contract.next_now(self._number, before)
        return await calls.finished(contract.next(self._number, before))

    async def _iteration(self, vu: Vu) -> contract.Ending:
        scope = Scope()
        try:
            await run(lambda: self._body(vu), scope)
        except Problem as failure:
            return contract.Ending_Failed(reason(failure))
        if scope.failed_check is not None:
            return contract.Ending_Failed(without_ids(scope.failed_check))
        return contract.Ending_Passed()

    async def _body(self, vu: Vu) -> None:
        arguments = {"vu": vu, **self._arguments} if "vu" in self._scenario.takes else self._arguments
        returned = self._scenario.function(**arguments)
        if self._scenario.is_async:
            await returned


async def run_entry(entry: exported.Entry, scenario: Scenario) -> None:
    """Runs the virtual user of an entry, or all that share this instance."""
    if entry.vu != 0:
        await User(entry.vu, True, scenario, entry.data).run()
    elif scenario.is_async:
        await _run_many(entry, scenario)
    else:
        raise Problem.errored(
            f"the scenario `{entry.name}` is a plain function, which stops its whole instance when it waits: "
            "make the plan `isolated`, or the function `async`"
        )


async def _run_many(entry: exported.Entry, scenario: Scenario) -> None:
    """Virtual users side by side, for as long as the host has further ones. The first that gives up ends all."""
    try:
        async with asyncio.TaskGroup() as users:
            while (number := await calls.finished(contract.join())) is not None:
                users.create_task(User(number, False, scenario, entry.data).run())
    except ExceptionGroup as group:
        raise problem.of(group.exceptions[0]) from None


def reason(failure: Problem) -> str:
    """Why an iteration failed, in words that many failures share."""
    text = failure.message.partition("\n")[0]
    if failure.actual is not None and len(failure.actual) <= LONGEST_ACTUAL:
        text += f" (actual {failure.actual})"
    if failure.kind is Kind.SKIPPED:
        text = f"skipped: {text}"
    return without_ids(text)


def without_ids(text: str) -> str:
    """The text with `{id}` for each word that looks like one: a number of more than five digits, or a word of eight characters or more
    with a digit in it. Cut to what the contract takes."""
    said = _WORD.sub(lambda word: "{id}" if _looks_like_an_id(word[0]) else word[0], text)
    return said.encode()[:LONGEST_REASON].decode(errors="ignore")


def _looks_like_an_id(word: str) -> bool:
    if word.isdigit():
        return len(word) > 5
    return len(word) >= 8 and any(letter.isdigit() for letter in word)
