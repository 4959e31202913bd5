"""Load: many virtual users run a `@scenario` of the suite, on threads of the host's own.

    outcome = await (
        load.plan("orders").constant_vus(20, 10).threshold("order-p95", load.request("POST /orders", Figure.P95)).run()
    )

An iteration that raises, or in which a `check` failed, is a failed one; the load goes on. Somebody has to judge that: a threshold on
`Figure.FAILED_PERCENT`, or the case (`failures_judged_by_case`). Where nobody does, the host checks that nothing failed. Times are seconds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from componentize_py_types import Err
from wit_world.imports import load as contract
from wit_world.imports.load import Figure, Measure

from . import calls
from .outcome import Outcome
from .problem import HostError
from .registry import SUITE

__all__ = [
    "Error", "ErrorKind", "Figure", "Measure", "Outcome", "Plan", "Scenario", "Vu", "duplicated_events", "event_gap",
    "first_event", "iterations", "lost_events", "plan", "reconnects", "request", "stalls", "stream_connect",
    "streams_cut_short",
]  # fmt: skip

_GRACE_MS = 5_000
"""How long iterations that are under way may take when the load ends, unless the plan says otherwise."""
_LATE_MS = 1_000
"""How long an iteration of an open model waits for a free virtual user, unless the plan says otherwise."""
_MOST_FOR_A_RATE = 1_000
"""The most virtual users that an open model gets for its rate, unless the plan says otherwise."""

Stages = Sequence[tuple[float, float]]
"""Each a duration in seconds, and what is reached at its end in a straight line."""


@dataclass(frozen=True)
class Vu:
    """Which virtual user runs a scenario, and for the how many-th time."""

    number: int
    """From 1."""
    iteration: int
    """From 0, for each virtual user."""
    intended: float
    """When the iteration should have started, in seconds since the start of the load."""
    warm_up: bool
    """Whether it is part of the warm-up, which is kept out of the statistics."""

    def parameter(self) -> Any:
        """What the plan gave with `Plan.parameter`. It is read anew each time: do so where the state of the virtual user is made."""
        return json.loads(contract.parameter())


class ErrorKind(Enum):
    """What kind of error it is, in the words of its message."""

    DENIED = "denied"
    INVALID = "invalid plan"
    LIMIT = "too much for this machine"
    BROKE = "the scenario broke"
    NO_ITERATIONS = "nothing was measured"
    UNSUPPORTED = "unsupported"


_KINDS: dict[type[contract.Error], ErrorKind] = {
    contract.Error_Denied: ErrorKind.DENIED,
    contract.Error_Invalid: ErrorKind.INVALID,
    contract.Error_Limit: ErrorKind.LIMIT,
    contract.Error_Broke: ErrorKind.BROKE,
    contract.Error_NoIterations: ErrorKind.NO_ITERATIONS,
    contract.Error_Unsupported: ErrorKind.UNSUPPORTED,
}


class Error(HostError):
    """Why there is no outcome."""

    # Only a load in which nothing came to its end says something about the system under test.
    OWN_FAULTS = frozenset(set(ErrorKind) - {ErrorKind.NO_ITERATIONS})

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(kind, f"{kind.value}: {text}")


class Plan:
    """A plan that can be run."""

    def __init__(self, inner: contract.Plan) -> None:
        self.inner = inner

    def max_vus(self, most: int) -> Self:
        """At most so many virtual users. Without it as many as the executor names; for rates as many as start in a second, at most 1,000."""
        self.inner.max_vus = most
        return self

    def isolated(self) -> Self:
        """Gives each virtual user an instance of its own: of some ten megabytes, in Python."""
        self.inner.isolated = True
        return self

    def warm_up(self, seconds: float) -> Self:
        """Comes before the executor's own time, at the level with which it begins, and is kept out of all statistics."""
        self.inner.warm_up_ms = _milliseconds(seconds)
        return self

    def pace(self, seconds: float) -> Self:
        """The least time from the start of a virtual user's iteration to the start of its next one. Closed models only."""
        self.inner.pace_ms = _milliseconds(seconds)
        return self

    def grace(self, seconds: float) -> Self:
        """How long iterations that are under way may take when the load ends; without it 5 s."""
        self.inner.grace_ms = _milliseconds(seconds)
        return self

    def late(self, seconds: float) -> Self:
        """Open models: an iteration that found no free virtual user for so long is dropped; without it 1 s."""
        self.inner.late_ms = _milliseconds(seconds)
        return self

    def stall(self, seconds: float) -> Self:
        """A longer gap between two events of a stream is a stall; without it none is."""
        self.inner.stall_ms = _milliseconds(seconds)
        return self

    def parameter(self, value: object) -> Self:
        """A value for the scenario, which takes it with `Vu.parameter`. At most 64 KiB as JSON."""
        self.inner.parameter = json.dumps(value, ensure_ascii=False)
        return self

    def threshold(self, baseline: str, measure: Measure) -> Self:
        """Judges a baseline of the suite at the end by what was measured. A search ends with the first step that misses one."""
        self.inner.thresholds.append(contract.Threshold(baseline, measure, False))
        return self

    def abort_on(self, baseline: str, measure: Measure) -> Self:
        """The same, and looks each second: when the critical level is missed, the load ends at once."""
        self.inner.thresholds.append(contract.Threshold(baseline, measure, True))
        return self

    def failures_judged_by_case(self) -> Self:
        """The case judges failures itself, by the outcome. Otherwise the host checks that nothing failed, was cut off or was dropped,
        unless a threshold judges failures (`Figure.FAILED_PERCENT`) or a limit is searched."""
        self.inner.failures_are_judged = True
        return self

    async def run(self) -> Outcome:
        """Runs it to its end."""
        try:
            return Outcome.of(await calls.finished(contract.run(self.inner)))
        except Err as refusal:
            raise Error(_KINDS[type(refusal.value)], refusal.value.value) from None


class Scenario:
    """A plan without its executor: how the load is made comes next."""

    def __init__(self, name: str) -> None:
        self.name = name

    def shared_iterations(self, vus: int, iterations: int) -> Plan:
        """So many iterations, shared by all virtual users."""
        return self._closed(contract.Executor_SharedIterations(contract.SharedIterations(vus, iterations)), vus)

    def iterations_each(self, vus: int, iterations: int) -> Plan:
        """So many iterations for each virtual user."""
        return self._closed(contract.Executor_PerVuIterations(contract.PerVuIterations(vus, iterations)), vus)

    def constant_vus(self, vus: int, seconds: float) -> Plan:
        """So many virtual users for so long."""
        return self._closed(contract.Executor_ConstantVus(contract.ConstantVus(vus, _milliseconds(seconds))), vus)

    def ramping_vus(self, stages: Stages) -> Plan:
        """Virtual users that reach each target in a straight line over its duration, from 0 on."""
        return self._closed(contract.Executor_RampingVus(_stages(stages)), _users(_highest(stages)))

    def constant_rate(self, per_second: float, seconds: float) -> Plan:
        """So many new iterations a second, whether or not earlier ones are done. `Plan.max_vus` says how many may be under way."""
        rate = contract.ConstantRate(per_second, _milliseconds(seconds))
        return self._open(contract.Executor_ConstantArrivalRate(rate), per_second)

    def ramping_rate(self, stages: Stages) -> Plan:
        """New iterations a second that reach each target in a straight line over its duration, from 0 on."""
        return self._open(contract.Executor_RampingArrivalRate(_stages(stages)), _highest(stages))

    def searching_vus(self, first: float, step: float, last: float, hold: float) -> Plan:
        """Finds how many virtual users the system holds: `first`, then `step` more after each `hold`, until a threshold is missed or
        `last` is held. `Outcome.limit` has the answer."""
        search = contract.Search(first, step, last, _milliseconds(hold))
        return self._closed(contract.Executor_SearchingVus(search), _users(last))

    def searching_rate(self, first: float, step: float, last: float, hold: float) -> Plan:
        """The same with new iterations a second."""
        search = contract.Search(first, step, last, _milliseconds(hold))
        return self._open(contract.Executor_SearchingArrivalRate(search), last)

    def _closed(self, executor: contract.Executor, vus: int) -> Plan:
        return self._plan(executor, vus, 0)

    def _open(self, executor: contract.Executor, per_second: float) -> Plan:
        return self._plan(executor, min(_users(per_second), _MOST_FOR_A_RATE), _LATE_MS)

    def _plan(self, executor: contract.Executor, max_vus: int, late_ms: int) -> Plan:
        scenario = SUITE.scenarios.get(self.name)
        # A scenario that is a plain function waits with its whole instance.
        isolated = scenario is not None and not scenario.is_async
        return Plan(
            contract.Plan(self.name, executor, max_vus, isolated, 0, 0, _GRACE_MS, late_ms, 0, "", [], False)
        )


def plan(scenario: str) -> Scenario:
    """A plan for a scenario of this suite, by its name in reports."""
    return Scenario(scenario)


def iterations(figure: Figure) -> Measure:
    """Looks at iterations; those of open models from the moment at which they should have started."""
    return contract.Measure_Iterations(figure)


def request(name: str, figure: Figure) -> Measure:
    """Looks at requests of this name."""
    return contract.Measure_Requests((name, figure))


def stream_connect(figure: Figure) -> Measure:
    """Looks at the times from asking for a stream to the head of its answer."""
    return contract.Measure_StreamConnect(figure)


def first_event(figure: Figure) -> Measure:
    """Looks at the times from asking for a stream to its first event."""
    return contract.Measure_FirstEvent(figure)


def event_gap(figure: Figure) -> Measure:
    """Looks at the times between two events of a stream."""
    return contract.Measure_EventGap(figure)


def stalls() -> Measure:
    """Counts gaps between two events that were longer than `Plan.stall`."""
    return contract.Measure_Stalls()


def reconnects() -> Measure:
    """Counts streams that broke and were opened again."""
    return contract.Measure_Reconnects()


def lost_events() -> Measure:
    """Counts ids that were left out, where a stream counts its ids."""
    return contract.Measure_LostEvents()


def duplicated_events() -> Measure:
    """Counts events whose id was there before, where a stream counts its ids."""
    return contract.Measure_DuplicatedEvents()


def streams_cut_short() -> Measure:
    """Counts streams that broke while they were read, and were not opened again."""
    return contract.Measure_StreamsCutShort()


def _milliseconds(seconds: float) -> int:
    return max(round(seconds * 1000), 0)


def _stages(stages: Stages) -> list[contract.Stage]:
    return [contract.Stage(_milliseconds(seconds), target) for seconds, target in stages]


def _highest(stages: Stages) -> float:
    return max((target for _, target in stages), default=0)


def _users(number: float) -> int:
    """As many virtual users as that, at least one. What is no sensible number is for the host to refuse."""
    return max(math.ceil(number), 1) if math.isfinite(number) else 1
