"""Checks: something looked at, and whether it was as it must be."""

from __future__ import annotations

from wit_world.imports import context as contract

from . import place, scope
from .problem import Kind, Problem

_LONGEST_SIDE = 2_000
"""Characters of a side of a comparison; the host takes 4 KiB, and a character has at most 4 bytes of its own or an escape."""


def check(condition: object, message: str) -> bool:
    """Checks a condition, truthy or not, and goes on. Answers whether it held. A failed check fails the case at its end."""
    return _report(bool(condition), message, "True", "False")


def check_eq(actual: object, expected: object, message: str) -> bool:
    """Checks that two values are equal and goes on; both sides are reported if they are not. Answers whether they are."""
    passed = bool(actual == expected)
    return _report(passed, message, *_sides(passed, actual, expected))


def ensure(condition: object, message: str) -> None:
    """Checks a condition and ends the case with a failure if it does not hold."""
    _ensure(bool(condition), message, "True", "False")


def ensure_eq(actual: object, expected: object, message: str) -> None:
    """Checks that two values are equal and ends the case with a failure if they are not."""
    passed = bool(actual == expected)
    _ensure(passed, message, *_sides(passed, actual, expected))


def _ensure(passed: bool, message: str, expected: str, actual: str) -> None:
    if not passed:
        raise Problem(Kind.FAILED, message, expected=expected, actual=actual)
    _report(True, message, expected, actual)


def _report(passed: bool, message: str, expected: str, actual: str) -> bool:
    if passed:
        contract.report(contract.Check(message, True, None, None, place.of_caller()))
        return True
    scope.check_failed(message)
    contract.report(contract.Check(message, False, expected, actual, place.of_caller()))
    return False


def _sides(passed: bool, actual: object, expected: object) -> tuple[str, str]:
    """What was expected and what was there; made into text only if they differ."""
    if passed:
        return "", ""
    return shown(expected), shown(actual)


def shown(value: object) -> str:
    """A value as a report shows it, cut where it is very long."""
    return cut(repr(value), _LONGEST_SIDE)


def cut(text: str, most: int) -> str:
    """The start of a text, with its whole length where something is missing."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
