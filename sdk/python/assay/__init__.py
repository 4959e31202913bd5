"""What the author of an Assay suite uses, in Python. A complete suite:

    from assay import baseline, case, check, check_eq, cleanup, context, http, metrics, setup, sse, suite

    suite("shop", "Orders arrive")
    CONFIRMED = baseline("confirmation", "ms", target=100, critical=500)

    @setup
    def shop() -> str:
        return context.service_url("shop")

    @case(tags=("smoke",), timeout=20, needs=("shop",))
    async def an_order_is_confirmed(shared: str) -> None:
        \"\"\"An order is confirmed over its stream of events\"\"\"
        response = await http.post(f"{shared}/orders/7").json({"item": "tea"}).send()
        check_eq(response.status, 201, "the order is taken")
        cleanup(http.delete(f"{shared}/orders/7").send())
        stream = await sse.open(f"{response.url}/events")
        first = await stream.next_event(timeout=5)
        assert first is not None, "an event comes"
        check_eq(first.name, "confirmed", "the first event confirms it")
        metrics.judge(CONFIRMED, first.seconds * 1000, samples=1)

- Cases are functions with `@case`, listed in the order in which they are written.
- `check` and `check_eq` go on when they fail; `ensure`, `ensure_eq` and `assert` end the case. A case that checks nothing does not pass.
- Many things at a time: `asyncio.gather`, `asyncio.TaskGroup`. Waiting: `sleep`, `within`, `eventually`; there is no `asyncio.sleep`.
- All times are seconds.
- Import at the top of a file: what is imported is part of the component, and there are no files when it runs.
"""

from . import chaos, context, http, load, metrics, sse
from .context import debug, error, info, warn
from .finding import check, check_eq, ensure, ensure_eq
from .load import Figure, Vu
from .problem import HostError, Kind, Problem, WrongShape, fail, skip
from .registry import baseline, case, scenario, setup, suite, teardown
from .scope import Cleanup, cleanup
from .waiting import eventually, sleep, within

__all__ = [
    "Cleanup", "Figure", "HostError", "Kind", "Problem", "Vu", "WrongShape", "baseline", "case", "chaos", "check", "check_eq",
    "cleanup", "context", "debug", "ensure", "ensure_eq", "error", "eventually", "fail", "http", "info", "load", "metrics",
    "scenario", "setup", "skip", "sleep", "sse", "suite", "teardown", "warn", "within",
]  # fmt: skip
