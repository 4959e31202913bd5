"""What came of a load, without its warm-up. Times are seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from wit_world.imports import load as contract
from wit_world.imports.load import CheckCount, Counted


@dataclass(frozen=True)
class Distribution:
    """A distribution of times, to three significant figures; all zero if there is no value."""

    count: int
    min: float
    mean: float
    p50: float
    p90: float
    p95: float
    p99: float
    p999: float
    max: float

    @classmethod
    def of(cls, told: contract.Distribution) -> Self:
        """As the host tells it, in nanoseconds."""
        times = (told.min, told.mean, told.p50, told.p90, told.p95, told.p99, told.p999, told.max)
        return cls(told.count, *(time / 1e9 for time in times))


@dataclass(frozen=True)
class Requests:
    """Requests of one name. A status of 400 or more is a failure, as is no answer."""

    name: str
    succeeded: Distribution
    failed: Distribution
    failures: list[Counted]
    """Why: `timeout`, `connect`, `status 503`, ..."""
    received: int
    """Bytes of all bodies."""

    @property
    def count(self) -> int:
        """All of them."""
        return self.succeeded.count + self.failed.count


@dataclass(frozen=True)
class Streams:
    """What came of the event streams."""

    opened: int
    most_open: int
    """The most that were open at once."""
    connect: Distribution
    """From asking to the head of the answer."""
    first_event: Distribution
    """From asking to the first event."""
    gap: Distribution
    """Between two events of a stream."""
    events: int
    stalls: int
    """Gaps that were longer than `Plan.stall`."""
    reconnects: int
    lost: int
    """Ids that were left out."""
    duplicated: int
    """Events whose id was there before."""
    cut_short: int
    """Streams that broke while they were read, and were not opened again."""
    failures: list[Counted]
    """Why streams were not opened, or broke."""


@dataclass(frozen=True)
class Generator:
    """How the generator itself did."""

    saturated: bool
    """True if it was itself the limit, so that the figures say more of it than of the system."""
    busiest: float
    """The share of a processor that its busiest thread took."""
    late: Distribution
    """From the intended start of an iteration to the actual one, where a virtual user was free."""


@dataclass(frozen=True)
class Outcome:
    """What came of a load."""

    elapsed: float
    """From start to end."""
    iterations: int
    """How many came to their end."""
    failed: int
    """How many of them failed."""
    interrupted: int
    """How many were cut off at the end of the grace."""
    dropped: int
    """Iterations of an open model that never started."""
    warm_up: int
    """Iterations that began in the warm-up. They are counted nowhere else."""
    intended_per_second: float | None
    """Open models: how many should have started each second."""
    per_second: float
    """How many came to their end each second."""
    most_vus: int
    """The most virtual users at once."""
    replaced: int
    """Instances that were replaced after a trap."""
    succeeded: Distribution
    """Times of the iterations that passed."""
    failed_after: Distribution
    """Times of those that failed."""
    failures: list[Counted]
    """Why they failed. At most 64 reasons."""
    checks: list[CheckCount]
    """The checks of the virtual users."""
    requests: list[Requests]
    """Their requests, by name."""
    streams: Streams | None
    """Their event streams; none if there were none."""
    generator: Generator
    aborted: str | None
    """Why it ended before its time: a missed baseline."""
    limit: float | None
    """A search: the last step that missed nothing; none if the first one did."""

    def requests_named(self, name: str) -> Requests | None:
        """The requests of this name, if there were any."""
        return next((requests for requests in self.requests if requests.name == name), None)

    @classmethod
    def of(cls, told: contract.Outcome) -> Self:
        """As the host tells it, in nanoseconds."""
        return cls(
            elapsed=told.elapsed_ns / 1e9,
            iterations=told.iterations,
            failed=told.failed,
            interrupted=told.interrupted,
            dropped=told.dropped,
            warm_up=told.warm_up,
            intended_per_second=told.intended_per_second,
            per_second=told.per_second,
            most_vus=told.most_vus,
            replaced=told.replaced,
            succeeded=Distribution.of(told.succeeded),
            failed_after=Distribution.of(told.failed_after),
            failures=told.failures,
            checks=told.checks,
            requests=[_requests(requests) for requests in told.requests],
            streams=None if told.streams is None else _streams(told.streams),
            generator=Generator(
                told.generator.saturated, told.generator.busiest, Distribution.of(told.generator.late)
            ),
            aborted=told.aborted,
            limit=told.limit,
        )


def _requests(told: contract.Requests) -> Requests:
    succeeded, failed = Distribution.of(told.succeeded), Distribution.of(told.failed)
    return Requests(told.name, succeeded, failed, told.failures, told.received)


def _streams(told: contract.Streams) -> Streams:
    return Streams(
        opened=told.opened,
        most_open=told.most_open,
        connect=Distribution.of(told.connect),
        first_event=Distribution.of(told.first_event),
        gap=Distribution.of(told.gap),
        events=told.events,
        stalls=told.stalls,
        reconnects=told.reconnects,
        lost=told.lost,
        duplicated=told.duplicated,
        cut_short=told.cut_short,
        failures=told.failures,
    )
