"""How an entry ends, other than well: what is made of every exception, and what the host is told."""

from __future__ import annotations

import traceback
from enum import Enum
from typing import ClassVar, NoReturn

from . import place


class Kind(Enum):
    """Who is at fault."""

    FAILED = "failed"
    """The system under test did not do what it must."""
    SKIPPED = "skipped"
    """Nothing was tested."""
    ERRORED = "errored"
    """The suite or the environment is at fault, not the system under test."""


class Problem(Exception):
    """Why an entry ends early. Raise one with `fail`, `skip` or `Problem.errored`."""

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        expected: str | None = None,
        actual: str | None = None,
        location: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.expected = expected
        self.actual = actual
        self.location = location or place.of_caller()

    @classmethod
    def failed(
        cls, message: str, *, expected: str | None = None, actual: str | None = None
    ) -> Problem:
        """The system under test did not do what it must."""
        return cls(Kind.FAILED, message, expected=expected, actual=actual)

    @classmethod
    def skipped(cls, why: str) -> Problem:
        """Nothing was tested; the text says why."""
        return cls(Kind.SKIPPED, why)

    @classmethod
    def errored(cls, message: str) -> Problem:
        """The suite or the environment is at fault; the text ends in what to do about it."""
        return cls(Kind.ERRORED, message)

    def context(self, what: str) -> Problem:
        """The same with what was being done in front: `what: message`."""
        return Problem(
            self.kind,
            f"{what}: {self.message}",
            expected=self.expected,
            actual=self.actual,
            location=self.location,
        )

    def __str__(self) -> str:
        if self.expected is None or self.actual is None:
            return self.message
        return f"{self.message} (expected {self.expected}, actual {self.actual})"


class HostError(Exception):
    """What the host refused or could not do. Each module has its own `Error`."""

    OWN_FAULTS: ClassVar[frozenset[Enum]] = frozenset()
    """The kinds that the suite brings about itself, such as a missing grant; they are errored, all others failed."""

    def __init__(self, kind: Enum, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def is_own_fault(self) -> bool:
        """Whether the suite brought it about itself."""
        return self.kind in self.OWN_FAULTS


class WrongShape(Exception):
    """Data that are no JSON, or not of the shape that was asked for: the system under test did not do what it must."""


def fail(message: str) -> NoReturn:
    """Ends the case as failed."""
    raise Problem.failed(message)


def skip(why: str) -> NoReturn:
    """Ends a case that cannot test anything here. It is never counted as passed."""
    raise Problem.skipped(why)


def of(error: BaseException) -> Problem:
    """What an exception means for the entry that it ends.

    An `assert` that does not hold and data of another shape blame the system under test, as do requests without an answer.
    Any other exception is a mistake of the suite: it says nothing about the system.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, ExceptionGroup):
        # Of a `TaskGroup`: the first task that went wrong ended the others.
        return of(error.exceptions[0])
    location = place.of_traceback(error.__traceback__)
    if isinstance(error, AssertionError):
        message = str(error) or place.source(error.__traceback__) or "an assert does not hold"
        return Problem(Kind.FAILED, message, location=location)
    if isinstance(error, WrongShape):
        return Problem(Kind.FAILED, str(error), location=location)
    if isinstance(error, HostError):
        kind = Kind.ERRORED if error.is_own_fault() else Kind.FAILED
        return Problem(kind, str(error), location=location)
    what = "".join(traceback.format_exception_only(error)).strip()
    trace = "".join(traceback.format_exception(error)).rstrip()
    return Problem(Kind.ERRORED, f"the suite raised {what}\n{trace}", location=location)
