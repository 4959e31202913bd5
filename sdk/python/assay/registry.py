"""What a suite consists of: its name, its entries and its baselines. They are entered while its files are imported, which is when it is built."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from . import names, place

Function = TypeVar("Function", bound=Callable[..., Any])

MOST_CASES = 1_000
MOST_SCENARIOS = 100
MOST_BASELINES = 100
MOST_WORDS = 16
"""Tags of a case, and services that it needs."""
_LONGEST_TIMEOUT_MS = 2**32 - 1


@dataclass(frozen=True)
class SuiteInfo:
    """What `suite` said."""

    name: str
    summary: str
    version: str


@dataclass(frozen=True)
class Entry:
    """A function of the suite."""

    name: str
    summary: str
    function: Callable[..., Any]
    takes: frozenset[str]
    """The names of its parameters."""
    is_async: bool


@dataclass(frozen=True)
class Case(Entry):
    """One test."""

    tags: tuple[str, ...]
    needs: tuple[str, ...]
    timeout_ms: int
    exclusive: bool
    location: str


@dataclass(frozen=True)
class Scenario(Entry):
    """One load script."""

    state: Callable[..., Any] | None
    """Makes what a virtual user keeps from one iteration to the next."""
    state_takes: frozenset[str]
    """Which of `vu` and `shared` that one takes."""


@dataclass(frozen=True)
class Baseline:
    """A level of quality that the suite expects."""

    name: str
    summary: str
    unit: str
    at_most: bool
    target: float
    critical: float


class Registry:
    """All of one suite."""

    def __init__(self) -> None:
        self.suite: SuiteInfo | None = None
        self.cases: dict[str, Case] = {}
        self.scenarios: dict[str, Scenario] = {}
        self.baselines: dict[str, Baseline] = {}
        self.setup: Entry | None = None
        self.teardown: Entry | None = None

    def name(self, name: str, summary: str, version: str) -> None:
        """Names the suite, once."""
        if self.suite is not None:
            raise ValueError("the suite is named twice: call `suite` once")
        self.suite = SuiteInfo(
            names.name(name, "the suite"),
            names.text(summary, "the suite's summary"),
            names.text(version, "the suite's version"),
        )

    def add_case(self, case: Case) -> None:
        """Adds a case behind those that are there."""
        if case.name in ("setup", "teardown"):
            raise ValueError(f"a case cannot be named `{case.name}`: name it otherwise")
        _add(self.cases, case.name, case, "cases", MOST_CASES)

    def add_scenario(self, scenario: Scenario) -> None:
        """Adds a scenario."""
        _add(self.scenarios, scenario.name, scenario, "scenarios", MOST_SCENARIOS)

    def add_baseline(self, baseline: Baseline) -> None:
        """Adds a baseline."""
        if not (math.isfinite(baseline.target) and math.isfinite(baseline.critical)):
            raise ValueError(f"the levels of the baseline `{baseline.name}` are finite numbers")
        ordered = baseline.target <= baseline.critical if baseline.at_most else baseline.target >= baseline.critical
        if not ordered:
            raise ValueError(
                f"the critical level of the baseline `{baseline.name}` is better than its target: exchange them"
            )
        _add(self.baselines, baseline.name, baseline, "baselines", MOST_BASELINES)

    def complete(self) -> SuiteInfo:
        """The suite's name, once all of it is imported. Raises `ValueError` if it has none, or nothing to run."""
        if self.suite is None:
            raise ValueError('the suite has no name: call `suite("my-suite", "what it proves")`')
        if not self.cases:
            raise ValueError("the suite has no case: write a function with `@case`")
        return self.suite


SUITE = Registry()
"""The suite of this component."""


def suite(name: str, summary: str, *, version: str = "0.0.0") -> None:
    """Names the suite; the name is the first part of each case's id. Once in a suite."""
    SUITE.name(name, summary, version)


@overload
def case(function: Function, /) -> Function: ...
@overload
def case(
    *, tags: tuple[str, ...] = (), timeout: float = 0, needs: tuple[str, ...] = (), exclusive: bool = False
) -> Callable[[Function], Function]: ...
def case(
    function: Function | None = None,
    /,
    *,
    tags: tuple[str, ...] = (),
    timeout: float = 0,
    needs: tuple[str, ...] = (),
    exclusive: bool = False,
) -> Function | Callable[[Function], Function]:
    """Makes a function a case of the suite; the first line of its docstring becomes the summary.

    Its name in reports is the function's, with dashes. It takes nothing, or `shared`: what `@setup` returned. Returning is passing,
    if something was checked.

    - `tags`: words to filter by, at most 16.
    - `timeout`: how long one attempt may take, in seconds; 0 takes the run's default.
    - `needs`: services, or links such as `client->cache`, without which the case is skipped; at most 16.
    - `exclusive`: no other case of the run is active meanwhile.
    """

    def enter(function: Function) -> Function:
        entry = _entry(function, "a case", {"shared"})
        SUITE.add_case(
            Case(
                **vars(entry),
                tags=names.texts(tags, f"the tags of `{entry.name}`", MOST_WORDS),
                needs=names.texts(needs, f"the needs of `{entry.name}`", MOST_WORDS),
                timeout_ms=_timeout(timeout, entry.name),
                exclusive=exclusive,
                location=place.at(function.__code__, function.__code__.co_firstlineno),
            )
        )
        return function

    return enter if function is None else enter(function)


@overload
def scenario(function: Function, /) -> Function: ...
@overload
def scenario(*, state: Callable[..., Any] | None = None) -> Callable[[Function], Function]: ...
def scenario(
    function: Function | None = None, /, *, state: Callable[..., Any] | None = None
) -> Function | Callable[[Function], Function]:
    """Makes a function a load script; `load.plan` runs it, once for each iteration of each virtual user.

    It takes any of these, by name:

    - `vu`: which virtual user and which iteration this is, a `load.Vu`.
    - `state`: what the virtual user keeps from one iteration to the next. The function that `state=` names makes it, once for each
      virtual user; that one may take `vu` and `shared`.
    - `shared`: what `@setup` returned.

    An `async def` runs in an instance that many virtual users share, unless the plan is `isolated`; a plain `def` has its own.
    """

    def enter(function: Function) -> Function:
        entry = _entry(function, "a scenario", {"vu", "state", "shared"})
        if ("state" in entry.takes) != (state is not None):
            raise ValueError(f"the scenario `{entry.name}` takes `state` exactly if `state=` says who makes it")
        taken = frozenset[str]() if state is None else _taken_by(state, entry.name)
        SUITE.add_scenario(Scenario(**vars(entry), state=state, state_takes=taken))
        return function

    return enter if function is None else enter(function)


def setup(function: Function) -> Function:
    """Makes a function the one that runs once, before the first case. What it returns is handed to every other entry as `shared`,
    through JSON: plain values, or a dataclass of them. At most 1 MiB."""
    if SUITE.setup is not None:
        raise ValueError("the suite has a `@setup` already")
    SUITE.setup = _entry(function, "the setup", set())
    return function


def teardown(function: Function) -> Function:
    """Makes a function the one that runs once, after the last case, also when cases failed. It may take `shared`."""
    if SUITE.teardown is not None:
        raise ValueError("the suite has a `@teardown` already")
    SUITE.teardown = _entry(function, "the teardown", {"shared"})
    return function


def baseline(
    name: str, unit: str, *, target: float, critical: float, at_least: bool = False, summary: str = ""
) -> str:
    """A level of quality that the suite expects; answers its name, for `metrics.judge` and `threshold`.

    `[baselines]` of `assay.toml` may set other levels. Reached is `target`; not even `critical` fails the case, and between the two it is
    degraded. The figure has to be at most the level, unless `at_least`.
    """
    SUITE.add_baseline(
        Baseline(
            names.name(name, "a baseline"),
            names.text(summary, f"the summary of the baseline `{name}`"),
            names.text(unit, f"the unit of the baseline `{name}`"),
            not at_least,
            target,
            critical,
        )
    )
    return name


def _entry(function: Callable[..., Any], what: str, may_take: set[str]) -> Entry:
    name = names.of_function(function.__name__, what)
    takes = frozenset(inspect.signature(function).parameters)
    strange = sorted(takes - may_take)
    if strange:
        allowed = ", ".join(f"`{taken}`" for taken in sorted(may_take)) or "nothing"
        raise ValueError(f"{what} `{name}` takes `{strange[0]}`, and may take {allowed}")
    summary = (inspect.getdoc(function) or "").partition("\n")[0].rstrip(".")
    return Entry(
        name, names.text(summary, f"the summary of `{name}`"), function, takes, inspect.iscoroutinefunction(function)
    )


def _taken_by(state: Callable[..., Any], scenario: str) -> frozenset[str]:
    """What the maker of a state takes; it may be a type such as `dict`, whose other parameters have defaults."""
    try:
        parameters = inspect.signature(state).parameters
    except ValueError:
        return frozenset()
    allowed = {"vu", "shared"}
    needed = {name for name, parameter in parameters.items() if parameter.default is parameter.empty}
    if strange := sorted(needed - allowed):
        raise ValueError(f"what makes the state of `{scenario}` takes `{strange[0]}`, and may take `shared` and `vu`")
    return frozenset(allowed & parameters.keys())


def _timeout(seconds: float, of: str) -> int:
    milliseconds = math.ceil(seconds * 1000) if math.isfinite(seconds) else -1
    if not 0 <= milliseconds <= _LONGEST_TIMEOUT_MS:
        raise ValueError(f"the timeout of `{of}` is {seconds} s: give seconds, at most {_LONGEST_TIMEOUT_MS // 1000}")
    return milliseconds


Item = TypeVar("Item")


def _add(items: dict[str, Item], name: str, item: Item, what: str, most: int) -> None:
    if name in items:
        raise ValueError(f"two {what} have the name `{name}`")
    if len(items) == most:
        raise ValueError(f"a suite has at most {most} {what}")
    items[name] = item
