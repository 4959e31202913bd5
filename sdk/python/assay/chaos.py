"""Real faults, on services and on the links between them. A host or an environment that cannot do one answers `unsupported`.

    fault = await chaos.service("cache").inject(chaos.pause())
    ...  # the services go on without their cache
    recovery = await fault.heal()
    check(recovery.healthy() < 5, "it is healthy soon")

Other cases run beside this one, unless it is `exclusive`: a case that makes faults should be. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Coroutine
from enum import Enum
from typing import Any, Self, TypeVar

from componentize_py_types import Err
from wit_world.imports import chaos as contract
from wit_world.imports.chaos import Action, Direction, State, Usage

from . import calls
from .http import milliseconds
from .problem import HostError

__all__ = [
    "Action", "CLIENT", "Direction", "Error", "ErrorKind", "Fault", "Link", "Recovery", "Service", "State", "Usage",
    "bandwidth", "blackhole", "cut_after_bytes", "cut_after", "disconnect", "drop_first", "kill", "latency", "limit_cpu",
    "limit_memory", "link", "pause", "refuse", "reset", "restart", "service", "slow_close", "stop",
]  # fmt: skip

Value = TypeVar("Value")

CLIENT = "client"
"""The end of a link at which the suites are."""


class ErrorKind(Enum):
    """What kind of error it is, in the words of its message."""

    DENIED = "denied"
    UNKNOWN_SERVICE = "unknown service or link"
    UNSUPPORTED = "unsupported"
    NOT_CONFIRMED = "the fault was not confirmed"
    ENVIRONMENT = "the environment broke"


_KINDS: dict[type[contract.Error], ErrorKind] = {
    contract.Error_Denied: ErrorKind.DENIED,
    contract.Error_UnknownService: ErrorKind.UNKNOWN_SERVICE,
    contract.Error_Unsupported: ErrorKind.UNSUPPORTED,
    contract.Error_NotConfirmed: ErrorKind.NOT_CONFIRMED,
    contract.Error_Environment: ErrorKind.ENVIRONMENT,
}


class Error(HostError):
    """Why a fault is not active, or a service did not answer for itself."""

    # A fault that does not show has tested nothing: the case fails. The others say nothing about the system under test.
    OWN_FAULTS = frozenset(set(ErrorKind) - {ErrorKind.NOT_CONFIRMED})

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(kind, f"{kind.value}: {text}")


class Recovery:
    """What followed on a fault that was healed."""

    def __init__(self, inner: contract.Fault, healthy: int | None) -> None:
        self._inner = inner
        self._healthy = healthy

    def healthy(self) -> float:
        """Seconds from the heal to the first healthy answer of the service.

        Fails if that was not seen, because another fault was in the way: then nothing is known of it, and nothing may pass by it.
        """
        if self._healthy is None:
            raise Error(
                ErrorKind.NOT_CONFIRMED,
                "whether the service was healthy after this heal could not be seen while another fault was in the way: "
                "heal that one first",
            )
        return self._healthy / 1e9

    def first_success(self) -> float | None:
        """Seconds from the heal to the end of the first successful request of this attempt that was begun after it: one that is answered
        with a status from 200 to 299, at another path than the `health` of its service. None as long as there was no such request."""
        took = self._inner.first_success()
        return None if took is None else took / 1e9


class Fault:
    """An active fault. It is healed when nothing holds it any more, and at the end of the attempt, however it comes."""

    def __init__(self, inner: contract.Fault) -> None:
        self._inner = inner

    async def heal(self) -> Recovery:
        """Heals, and waits until the service is healthy; of a link only until the fault is gone, while another one is in the way of every
        answer, on the same link or on its service."""
        return Recovery(self._inner, await _answer(self._inner.heal()))

    def traffic(self) -> int:
        """Connections that met the fault of a link so far; of a service the requests of this attempt and the connections over links that
        were for it while the fault was active."""
        return self._inner.traffic()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.heal()


class Service:
    """A service of the environment."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def inject(self, action: Action) -> Fault:
        """Makes a fault; it is active and confirmed from outside when this returns."""
        target = contract.Target_Service(self.name)
        return Fault(await _answer(contract.inject(target, action, contract.Options(Direction.BOTH, 1.0, False))))

    async def state(self) -> State:
        """How it looks from outside, now."""
        return await _answer(contract.state_of(self.name))

    async def usage(self) -> Usage:
        """What it uses of the machine, now."""
        return await _answer(contract.usage_of(self.name))

    async def logs(self, last_lines: int) -> str:
        """The last lines that it wrote, at most 10,000."""
        return await _answer(contract.logs(self.name, last_lines))


class Link:
    """A network path from one service to another, and how much of it a fault is to meet: all, unless said otherwise."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._options = contract.Options(Direction.BOTH, 1.0, False)

    def on(self, direction: Direction) -> Self:
        """Only what flows in that direction; not for actions that meet whole connections."""
        self._options.direction = direction
        return self

    def for_share(self, share: float) -> Self:
        """Only a share of the connections, 0 to 1."""
        self._options.share = share
        return self

    def may_be_idle(self) -> Self:
        """It is right if no connection meets the fault. Otherwise that is a failed check."""
        self._options.may_be_idle = True
        return self

    async def inject(self, action: Action) -> Fault:
        """Makes a fault; it is active and confirmed from outside when this returns."""
        return Fault(await _answer(contract.inject(contract.Target_Link(self.name), action, self._options)))


def service(name: str) -> Service:
    """A service of the environment."""
    return Service(name)


def link(source: str, to: str) -> Link:
    """The network path from one service to another. The suites are at the end `CLIENT`."""
    return Link(f"{source}->{to}")


def stop() -> Action:
    """End the service in an orderly way."""
    return contract.Action_Stop()


def kill(signal: str = "KILL") -> Action:
    """End it with a signal by name: `KILL`, `TERM`."""
    return contract.Action_Kill(signal)


def pause() -> Action:
    """Freeze it: it keeps its connections and does not answer."""
    return contract.Action_Pause()


def restart() -> Action:
    """Stop and start it: it is healthy again when `inject` returns, and `heal` answers how long its start took."""
    return contract.Action_Restart()


def disconnect() -> Action:
    """Take a service off the network; let nothing pass between the two ends of a link, in neither direction."""
    return contract.Action_Disconnect()


def limit_memory(size: int) -> Action:
    """At most so many bytes of memory."""
    return contract.Action_LimitMemory(size)


def limit_cpu(cores: float) -> Action:
    """At most so many cores."""
    return contract.Action_LimitCpu(cores)


def latency(delay: float, jitter: float = 0) -> Action:
    """Delay what is sent over a link, each time by so many seconds plus or minus the jitter. This and what follows is for links only."""
    return contract.Action_Latency(contract.Delay(milliseconds(delay), milliseconds(jitter)))


def bandwidth(bytes_per_second: int) -> Action:
    """At most so many bytes a second."""
    return contract.Action_Bandwidth(bytes_per_second)


def blackhole() -> Action:
    """Take everything, deliver nothing."""
    return contract.Action_Blackhole()


def refuse() -> Action:
    """Refuse new connections."""
    return contract.Action_Refuse()


def reset() -> Action:
    """Reset connections, open ones too."""
    return contract.Action_Reset()


def cut_after_bytes(size: int) -> Action:
    """Cut each connection after so many bytes."""
    return contract.Action_CutAfterBytes(size)


def cut_after(seconds: float) -> Action:
    """Cut each connection after so long."""
    return contract.Action_CutAfterMs(milliseconds(seconds))


def slow_close(seconds: float) -> Action:
    """Hold the end of a connection back for so long."""
    return contract.Action_SlowClose(milliseconds(seconds))


def drop_first(connections: int) -> Action:
    """Refuse the next so many connections; those after them pass."""
    return contract.Action_DropFirst(connections)


async def _answer(call: Coroutine[Any, Any, Value]) -> Value:
    try:
        return await calls.finished(call)
    except Err as refusal:
        raise Error(_KINDS[type(refusal.value)], refusal.value.value) from None
