"""JSON that came from the system: read, and taken apart so that what is missing is named."""

from __future__ import annotations

import json
from typing import Any

from .finding import cut
from .problem import WrongShape

_SHOWN = 300
"""How much of the text a message shows, in characters."""


def parse(text: bytes | str, source: str) -> Any:
    """The value of a JSON text. Raises `WrongShape` with the place of the first mistake and the start of the text."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise WrongShape(f"{source}, which is no JSON: {error}: {_start(text)}") from None


def at(text: bytes | str, path: tuple[str | int, ...], source: str) -> Any:
    """The value at a path of a JSON text: names of members, indices of lists. Raises `WrongShape` that names the first step that is missing."""
    value = parse(text, source)
    for taken, step in enumerate(path):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            whole = ".".join(str(part) for part in path[: taken + 1])
            raise WrongShape(f"{source}, which has no `{whole}`: {_start(text)}") from None
    return value


def _start(text: bytes | str) -> str:
    return cut(text.decode(errors="replace") if isinstance(text, bytes) else text, _SHOWN)
