"""What `@setup` returned, on its way to the other entries: as JSON, because each of them has an instance of its own."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Callable
from typing import Any

from .problem import Problem

LONGEST = 1024 * 1024
"""The most bytes of it, as JSON."""


def to_text(value: object) -> str:
    """The JSON of a value: plain values, or a dataclass of them. Raises an errored `Problem` for any other and for one that is too long."""
    plain = dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value
    try:
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise Problem.errored(f"the value of `@setup` does not become JSON: {error}") from None
    size = len(text.encode())
    if size > LONGEST:
        raise Problem.errored(
            f"the value of `@setup` has {size} bytes as JSON and may have {LONGEST}: hand over ids, not contents"
        )
    return text


def from_text(text: str, function: Callable[..., Any]) -> Any:
    """The value for a function that takes `shared`; of a parameter that says it is a dataclass an object of that."""
    if not text:
        raise Problem.errored(
            f"`{function.__name__}` takes `shared`, and there is none: write a `@setup` or take nothing"
        )
    value = json.loads(text)
    kind = typing.get_type_hints(function).get("shared")
    if not isinstance(kind, type) or not dataclasses.is_dataclass(kind):
        return value
    try:
        return kind(**value)
    except TypeError as error:
        raise Problem.errored(f"`{function.__name__}` takes another type than `@setup` returns: {error}") from None
