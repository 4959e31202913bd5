"""What the contract allows as names and texts, told while a suite is built rather than when it is loaded."""

from __future__ import annotations

import re

LONGEST_NAME = 64
"""The longest name of a suite, a case, a scenario or a baseline, in bytes."""
LONGEST_TEXT = 400
"""The longest summary, tag, need, unit or version, in bytes."""

_KEBAB_CASE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def name(text: str, of: str) -> str:
    """The text if it is kebab-case of at most 64 characters. Raises `ValueError`."""
    if len(text) > LONGEST_NAME or _KEBAB_CASE.fullmatch(text) is None:
        raise ValueError(
            f"the name of {of} is `{text}`, which is not kebab-case: small letters and digits in parts joined by single dashes, "
            f"a letter first, at most {LONGEST_NAME}"
        )
    return text


def of_function(function: str, of: str) -> str:
    """The name of an entry: `a_project_gets_an_episode` is `a-project-gets-an-episode`. Raises `ValueError`."""
    return name(function.replace("_", "-"), of)


def text(value: str, of: str) -> str:
    """The text if it has at most 400 bytes. Raises `ValueError`."""
    if len(value.encode()) > LONGEST_TEXT:
        raise ValueError(f"{of} is over {LONGEST_TEXT} bytes: say it shorter")
    return value


def texts(values: tuple[str, ...], of: str, most: int) -> tuple[str, ...]:
    """So many texts at most. Raises `ValueError`."""
    if len(values) > most:
        raise ValueError(f"{of} are {len(values)}, and may be {most}")
    return tuple(text(value, f"one of {of}") for value in values)
