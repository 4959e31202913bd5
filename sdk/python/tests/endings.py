"""A suite whose cases end otherwise than well, each in its own way: what becomes of an exception is seen from the host's side.

The first tag of a case is the verdict that it must get.
"""

import asyncio
import random

from assay import (
    case, check, check_eq, cleanup, context, ensure, eventually, fail, http, load, scenario, skip, sleep, suite, teardown,
)  # fmt: skip

suite("python-endings", "Cases that end otherwise than well")


@case(tags=("failed",))
def a_check_that_does_not_hold() -> None:
    """A check fails the case, which goes on"""
    check_eq(503, 200, "the status is good")
    context.info("it went on")


@case(tags=("failed",))
def an_assert_that_does_not_hold() -> None:
    """An assert ends the case"""
    assert len([1, 2]) == 3, "there are three"


@case(tags=("failed",))
async def nothing_listens() -> None:
    """A request without an answer blames the system"""
    await http.get("http://127.0.0.1:1/").send()


@case(tags=("failed",))
async def data_of_another_shape() -> None:
    """A member that is missing is named"""
    answer = await http.get(f"{context.service_url('project-service')}/livez").send()
    answer.at("data", "nowhere")


@case(tags=("failed",))
async def a_clean_up_that_fails() -> None:
    """A problem in the clean-up fails the case"""

    async def undo() -> None:
        fail("it cannot be undone")

    cleanup(undo())
    check(True, "the case itself is well")


@case(tags=("failed",))
async def what_never_happens() -> None:
    """What is tried in vain says how often and why"""

    async def attempt() -> None:
        ensure(False, "it happens")

    await eventually(0.1, attempt)


@case(tags=("failed",))
def nothing_is_checked() -> None:
    """A case without evidence does not pass"""


@case(tags=("skipped",))
def it_cannot_test_here() -> None:
    """A case that cannot test anything says why"""
    skip("there is nothing to test")


@case(tags=("errored",))
def a_mistake_of_the_suite() -> None:
    """An exception of Python is the suite's own fault"""
    dict[str, int]()["missing"]


@case(tags=("errored",))
def a_service_that_is_not_declared() -> None:
    """What the environment lacks is no fault of the system"""
    context.service_url("nowhere")


@case(tags=("errored",))
async def a_task_that_raises() -> None:
    """What goes wrong in a group of tasks ends the case"""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sleep(3_600))
        tasks.create_task(broken())


async def broken() -> None:
    """Raises."""
    raise RuntimeError("broken")


@case(tags=("failed",))
async def iterations_that_fail() -> None:
    """An iteration that raises is counted, with its reason, and the host checks that none did"""
    outcome = await load.plan("fails-every-second-time").iterations_each(2, 4).run()
    check_eq(outcome.failed, 4, "every second one fails")
    check_eq([counted.name for counted in outcome.failures], ["order {id} is lost"], "they have one reason")


@scenario
async def fails_every_second_time() -> None:
    """Fails when it is told to"""
    _CALLS.append(1)
    if len(_CALLS) % 2 == 0:
        fail(f"order {1_000_000 + len(_CALLS)} is lost")


_CALLS: list[int] = []


@case(tags=("passed",))
def random_choices_can_be_repeated() -> None:
    """The state of `random` follows from the run's seed and not from the build"""
    check(True, "it is told")
    context.attach_text("choice", str(random.random()))


@teardown
def nothing_to_do() -> None:
    """A teardown runs after cases that failed."""
    context.info("torn down")
