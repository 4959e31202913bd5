"""The two exports of a suite: what it says of itself, and how one of its entries is run."""

from __future__ import annotations

import random
from collections.abc import Awaitable

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports import suite as contract
from wit_world.imports import context

from . import calls, place, problem, registry, scope, shared, user
from .problem import Kind, Problem


class Suite(exports.Suite):
    """The component of a suite. `build.sh` exports it; a suite does not use it."""

    def describe(self) -> contract.Description:
        """What the suite says of itself."""
        return describe(registry.SUITE)

    async def run(self, entry: contract.Entry) -> str:
        """Runs one entry."""
        identity = context.identify()
        # The state of `random` was made when the component was built, the same for every attempt.
        random.seed(f"{identity.seed} {entry.name} {identity.attempt} {entry.vu}")
        try:
            return await _run(entry)
        except Exception as error:
            raise Err(_told(problem.of(error))) from None
        finally:
            calls.leave_unanswered()


async def _run(entry: contract.Entry) -> str:
    if entry.kind is contract.Kind.VIRTUAL_USER:
        scenario = registry.SUITE.scenarios.get(entry.name)
        if scenario is None:
            raise _unknown(entry)
        await user.run_entry(entry, scenario)
        return ""
    found = _entry(entry)
    value = await scope.run(lambda: _body(found, entry.data))
    return shared.to_text(value) if entry.kind is contract.Kind.SETUP else ""


async def _body(entry: registry.Entry, data: str) -> object:
    arguments = {"shared": shared.from_text(data, entry.function)} if "shared" in entry.takes else {}
    returned: object = entry.function(**arguments)
    return await returned if isinstance(returned, Awaitable) else returned


def _entry(entry: contract.Entry) -> registry.Entry:
    found: registry.Entry | None
    match entry.kind:
        case contract.Kind.SETUP:
            found = registry.SUITE.setup
        case contract.Kind.TEARDOWN:
            found = registry.SUITE.teardown
        case _:
            found = registry.SUITE.cases.get(entry.name)
    if found is None:
        raise _unknown(entry)
    return found


def _unknown(entry: contract.Entry) -> Problem:
    return Problem.errored(
        f"the suite has no {entry.kind.name.lower()} `{entry.name}`: it was built anew since it was described; load it again"
    )


def _told(problem: Problem) -> contract.Problem:
    failure = contract.Failure(problem.message, problem.expected, problem.actual, problem.location)
    match problem.kind:
        case Kind.FAILED:
            return contract.Problem_Failed(failure)
        case Kind.SKIPPED:
            return contract.Problem_Skipped(problem.message)
        case Kind.ERRORED:
            return contract.Problem_Errored(failure)


def prepare() -> None:
    """Does what is left to do when a suite is built, after all of it is imported. Raises `ValueError` if it is not complete."""
    describe(registry.SUITE)
    place.keep_sources()


def describe(suite: registry.Registry) -> contract.Description:
    """What a suite says of itself. Raises `ValueError` if it is not complete."""
    info = suite.complete()
    return contract.Description(
        info.name,
        info.version,
        info.summary,
        [_case(case) for case in suite.cases.values()],
        [contract.ScenarioInfo(scenario.name, scenario.summary) for scenario in suite.scenarios.values()],
        [_baseline(baseline) for baseline in suite.baselines.values()],
        suite.setup is not None,
        suite.teardown is not None,
    )


def _case(case: registry.Case) -> contract.CaseInfo:
    return contract.CaseInfo(
        case.name, case.summary, list(case.tags), case.exclusive, case.timeout_ms, list(case.needs), case.location
    )


def _baseline(baseline: registry.Baseline) -> contract.BaselineInfo:
    direction = contract.Direction.AT_MOST if baseline.at_most else contract.Direction.AT_LEAST
    return contract.BaselineInfo(
        baseline.name, baseline.summary, baseline.unit, direction, baseline.target, baseline.critical
    )
