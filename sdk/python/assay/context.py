"""What an entry knows about its run, and where it leaves its evidence."""

from __future__ import annotations

import json
from typing import TypeVar

from wit_world.imports import context as contract
from wit_world.imports.context import Identity, Level

from .problem import Problem

__all__ = [
    "Identity", "Level", "attach", "attach_json", "attach_text", "debug", "error", "identity", "info", "optional_service_url",
    "optional_setting", "service_url", "setting", "warn",
]  # fmt: skip

Value = TypeVar("Value")


def identity() -> Identity:
    """Which attempt of which run this is."""
    return contract.identify()


def optional_setting(name: str, kind: type[Value]) -> Value | None:
    """A value of `[settings]`; nested tables are reached by dots: `reference.step-ms`. None if there is no such setting; errored if it is
    of another type. An `int` is a `float` too."""
    text = contract.setting(name)
    if text is None:
        return None
    value = json.loads(text)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise Problem.errored(f"the setting `{name}` is `{text}`, which is no {kind.__name__}")
    return value


def setting(name: str, kind: type[Value]) -> Value:
    """A value of `[settings]` that must be there; errored if it is not."""
    value = optional_setting(name, kind)
    if value is None:
        raise Problem.errored(
            f"there is no setting `{name}`: add it under `[settings]` of `assay.toml`, or give it with `--set {name}=VALUE`"
        )
    return value


def optional_service_url(service: str) -> str | None:
    """The base URL of a service of the environment, or over a link such as `client->cache`, without a slash at the end; none if the
    environment has no such service."""
    return contract.service_url(service)


def service_url(service: str) -> str:
    """The same; errored if the environment has no such service."""
    url = optional_service_url(service)
    if url is None:
        raise Problem.errored(
            f"the environment has no service `{service}`: declare it in `assay.toml`, or write "
            f'`needs=("{service}",)` so that the case is skipped without it'
        )
    return url


def attach(name: str, media_type: str, body: bytes) -> None:
    """Keeps evidence for the report. A body over 1 MiB is cut; after 32 attachments of an attempt further ones are only counted."""
    contract.attach(name, media_type, body)


def attach_text(name: str, text: str) -> None:
    """Keeps text for the report."""
    attach(name, "text/plain; charset=utf-8", text.encode())


def attach_json(name: str, value: object) -> None:
    """Keeps a value as JSON for the report. Raises `TypeError` if it does not become JSON."""
    attach(name, "application/json", json.dumps(value, ensure_ascii=False, indent=2).encode())


def debug(message: str) -> None:
    """A line for the log of the attempt that matters only when looking for a mistake. A message over 8 KiB is cut; after 10,000 lines of
    an attempt further ones are only counted."""
    contract.log(Level.DEBUG, message)


def info(message: str) -> None:
    """A line for the log of the attempt."""
    contract.log(Level.INFO, message)


def warn(message: str) -> None:
    """A line for the log of the attempt about something that looks wrong."""
    contract.log(Level.WARN, message)


def error(message: str) -> None:
    """A line for the log of the attempt about something that is wrong."""
    contract.log(Level.ERROR, message)
