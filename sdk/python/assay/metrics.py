"""Figures of the suite's own, figures of the services, and baselines to judge them by.

Names and labels are as Prometheus has them, names at most 256 bytes long; a suite has at most 1,000 series, 100 of them histograms, each
with at most 10 labels of at most 128 bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import TypeVar

from componentize_py_types import Err
from wit_world.imports import metrics as contract
from wit_world.imports.metrics import Family, Grade, MetricKind, Scraped, Summary, Unit

from . import calls
from .problem import HostError

__all__ = [
    "Error", "ErrorKind", "Family", "Grade", "MetricKind", "Page", "Scraped", "Summary", "Unit", "counter", "gauge", "judge",
    "observe", "query", "scrape", "summarize",
]  # fmt: skip

Value = TypeVar("Value")
Labels = Mapping[str, str]


class ErrorKind(Enum):
    """What kind of error it is, in the words of its message."""

    DENIED = "denied"
    INVALID = "invalid figure"
    UNKNOWN_BASELINE = "unknown baseline"
    NO_SAMPLES = "no samples"
    UNREACHABLE = "no metrics to be had"
    MALFORMED = "malformed metrics"
    UNSUPPORTED = "unsupported"


_KINDS: dict[type[contract.Error], ErrorKind] = {
    contract.Error_Denied: ErrorKind.DENIED,
    contract.Error_Invalid: ErrorKind.INVALID,
    contract.Error_UnknownBaseline: ErrorKind.UNKNOWN_BASELINE,
    contract.Error_NoSamples: ErrorKind.NO_SAMPLES,
    contract.Error_Unreachable: ErrorKind.UNREACHABLE,
    contract.Error_Malformed: ErrorKind.MALFORMED,
    contract.Error_Unsupported: ErrorKind.UNSUPPORTED,
}


class Error(HostError):
    """Why there is no figure."""

    # No samples is none of these: something that should have happened did not.
    OWN_FAULTS = frozenset(
        {ErrorKind.DENIED, ErrorKind.INVALID, ErrorKind.UNKNOWN_BASELINE, ErrorKind.UNSUPPORTED}
    )

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(kind, f"{kind.value}: {text}")

    @classmethod
    def of(cls, error: contract.Error) -> Error:
        """What the host answered."""
        return cls(_KINDS[type(error)], error.value)


class Page:
    """A page of Prometheus's text format, read."""

    def __init__(self, families: list[Family]) -> None:
        self.families = families
        """All families, in the order of the page."""

    def family(self, name: str) -> Family | None:
        """The family of that name."""
        return next((family for family in self.families if family.name == name), None)

    def samples(self, name: str, labels: Labels | None = None) -> Iterator[Scraped]:
        """All samples of that name with at least these labels."""
        wanted = set((labels or {}).items())
        for family in self.families:
            for sample in family.samples:
                if sample.name == name and wanted <= set(sample.labels):
                    yield sample

    def value(self, name: str, labels: Labels | None = None) -> float | None:
        """The value of the first such sample."""
        return next((sample.value for sample in self.samples(name, labels)), None)

    def sum(self, name: str, labels: Labels | None = None) -> float:
        """The sum of all such samples; 0 if there is none."""
        return sum(sample.value for sample in self.samples(name, labels))


def counter(name: str, add: float = 1, labels: Labels | None = None) -> None:
    """Adds to a counter; finite and not negative."""
    _answer(lambda: contract.counter(name, _pairs(labels), add))


def gauge(name: str, value: float, unit: Unit = Unit.NONE, labels: Labels | None = None) -> None:
    """Sets a gauge."""
    _answer(lambda: contract.gauge(name, _pairs(labels), value, unit))


def observe(name: str, value: float, unit: Unit = Unit.NONE, labels: Labels | None = None) -> None:
    """Adds a value to a histogram. From 0 to 10^12, resolved to a millionth."""
    _answer(lambda: contract.observe(name, _pairs(labels), value, unit))


def summarize(name: str, labels: Labels | None = None) -> Summary | None:
    """What a histogram of this suite holds so far; none if nothing was observed under that name and labels."""
    return contract.summarize(name, _pairs(labels))


def judge(baseline: str, value: float, samples: int) -> Grade:
    """Judges a figure, in the unit of the baseline, that rests on so many samples, and reports it. Between target and critical the case
    is degraded, beyond that it fails; the grade is answered in either case."""
    return _answer(lambda: contract.judge(baseline, contract.Measurement(value, samples)))


async def scrape(url: str) -> Page:
    """Reads a page in Prometheus's text format. At most 16 MiB and 100,000 samples."""
    try:
        return Page(await calls.finished(contract.scrape(url)))
    except Err as refusal:
        raise Error.of(refusal.value) from None


async def query(promql: str) -> list[Scraped]:
    """Asks the Prometheus of the environment an instant query."""
    try:
        return await calls.finished(contract.query(promql))
    except Err as refusal:
        raise Error.of(refusal.value) from None


def _pairs(labels: Labels | None) -> list[tuple[str, str]]:
    return list((labels or {}).items())


def _answer(call: Callable[[], Value]) -> Value:
    try:
        return call()
    except Err as refusal:
        raise Error.of(refusal.value) from None
