"""The suite that every SDK implements, in Python. What each case does, and what must come of it, is in `conformance/suite.toml`."""

import asyncio
import random
from dataclasses import dataclass

from assay import (
    Vu, baseline, case, chaos, check, check_eq, cleanup, context, ensure, eventually, fail, http, load, metrics, scenario, setup, skip,
    sleep, sse, suite, teardown,
)  # fmt: skip

suite("conformance", "What an SDK has to get right")

PATIENCE = baseline("patience", "ms", target=100, critical=500)
SHARED = "from the setup"


@setup
def hands_a_text_on() -> str:
    """Hands a text on."""
    return SHARED


@teardown
def nothing_to_do() -> None:
    """A teardown runs after cases that failed."""
    context.info("torn down")


@case
def a_check_that_does_not_hold() -> None:
    """A check fails the case, which goes on"""
    check_eq(503, 200, "the status is good")
    context.info("it went on")


@case
def an_assertion_that_does_not_hold() -> None:
    """An assert ends the case"""
    assert len([1, 2]) == 3, "there are three"
    context.info("it went on")


@case
async def nothing_listens() -> None:
    """A request without an answer blames the system"""
    await http.get("http://127.0.0.1:1/").send()


@case
async def data_of_another_shape() -> None:
    """A member that is missing is named"""
    answer = await http.get(f"{context.service_url('project-service')}/livez").send()
    answer.at("data", "nowhere")


@case
async def a_clean_up_that_fails() -> None:
    """A problem in the clean-up fails the case"""

    async def undo() -> None:
        fail("it cannot be undone")

    cleanup(undo())
    check(True, "the case itself is well")


@case
async def a_clean_up_after_a_failure() -> None:
    """A clean-up runs after a failure, too"""

    async def undo() -> None:
        context.info("tidied up")

    cleanup(undo())
    fail("it is broken")


@case
async def what_never_happens() -> None:
    """What is tried in vain says how often and why"""

    async def attempt() -> None:
        ensure(False, "it happens")

    await eventually(0.1, attempt)


@case(timeout=0.5)
async def what_takes_too_long() -> None:
    """A case that waits beyond its timeout fails"""
    await sleep(3_600)


@case
def nothing_is_checked() -> None:
    """A case without evidence does not pass"""


@case
def it_cannot_test_here() -> None:
    """A case that cannot test anything says why"""
    skip("there is nothing to test")


@case(needs=("unobtainable",))
def what_it_needs_is_missing() -> None:
    """A case whose needs are missing is not run"""
    check(False, "it is not run")


@case
def a_mistake_of_the_suite() -> None:
    """An exception of Python is the suite's own fault"""
    dict[str, int]()["missing"]


@case
def a_service_that_is_not_declared() -> None:
    """What the environment lacks is no fault of the system"""
    context.service_url("nowhere")


@case
async def one_of_two_tasks_breaks() -> None:
    """What goes wrong in a group of tasks ends the case"""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sleep(3_600))
        tasks.create_task(broken())


async def broken() -> None:
    """Raises."""
    raise RuntimeError("broken")


@case
def what_setup_returned_arrives(shared: str) -> None:
    """What setup returned reaches a case"""
    check_eq(shared, SHARED, "what setup returned is there")


@case
def it_knows_what_it_is() -> None:
    """A case knows its suite, its own name and its attempt"""
    identity = context.identity()
    check_eq(identity.suite, "conformance", "the suite is conformance")
    check_eq(identity.entry, "it-knows-what-it-is", "the entry is it-knows-what-it-is")
    check_eq(identity.attempt, 1, "the attempt is the first")


@case
def random_choices_can_be_repeated() -> None:
    """The state of `random` follows from the run's seed and not from the build"""
    check(True, "it is told")
    context.attach_text("choice", str(random.random()))


@case(needs=("project-service",))
async def a_request_is_answered() -> None:
    """A request is answered with status and headers"""
    url = context.service_url("project-service")
    answer = await http.get(f"{url}/livez").header("x-conformance", "yes").send()
    check_eq(answer.status, 200, "the status is 200")
    check(answer.header("Content-Type") is not None, "Content-Type is found")


@case(needs=("project-service",))
async def requests_go_at_a_time() -> None:
    """Ten requests are under way at a time"""
    url = context.service_url("project-service")
    answers = await asyncio.gather(*(http.get(f"{url}/livez").send() for _ in range(10)))
    check(all(answer.status == 200 for answer in answers), "all ten are answered")


@case(needs=("project-service",))
async def a_prepared_request_is_fired() -> None:
    """A request that is prepared once is fired with values"""
    url = context.service_url("project-service")
    template = http.get(f"{url}/api/v1/projects/{{project}}").prepare(["project"])
    for project in ("proj_1", "proj_2"):
        sample = await template.fire_with(project)
        check_eq(sample.status, 404, f"the status of {project} is 404")


@case(timeout=30, needs=("project-service", "generation-service"))
async def a_stream_is_read_to_its_end() -> None:
    """A stream is read to its end, and what was made is deleted"""
    projects = f"{context.service_url('project-service')}/api/v1/projects"
    generations = f"{context.service_url('generation-service')}/api/v1/generations"
    made = await http.post(projects).json({"name": "conformance", "type": "drama"}).send()
    check_eq(made.status, 201, "the project is made")
    project = made.at("data", "id")
    cleanup(http.delete(f"{projects}/{project}").send())
    new = {"projectId": project, "title": "Storm", "description": "A storm at sea", "lengthTarget": 120}
    begun = await http.post(generations).json(new).send()
    check_eq(begun.status, 201, "the generation begins")
    stream = await sse.open(f"{generations}/{begun.at('data', 'jobId')}/events")
    seen = [event async for event in stream.events(timeout=10)]
    check_eq(seen[-1].name if seen else None, "completed", "the last event is completed")
    ids = [event.id for event in seen]
    check_eq(len(set(ids)), len(ids), "no id comes twice")


@case
def figures_are_kept() -> None:
    """Counters, gauges and histograms are kept"""
    for add in (1, 2):
        metrics.counter("conformance_orders", add, labels={"kind": "tea"})
    for value in (5, 2):
        metrics.gauge("conformance_open", value)
    for seconds in (0.1, 0.2, 0.3):
        metrics.observe("conformance_seconds", seconds, metrics.Unit.SECONDS)
    summary = metrics.summarize("conformance_seconds")
    check_eq(None if summary is None else summary.count, 3, "three values are held")


@case(needs=("project-service",))
async def a_page_of_metrics_is_read() -> None:
    """A page in Prometheus's text format is read"""
    page = await metrics.scrape(f"{context.service_url('project-service')}/metrics")
    check(len(page.families) > 0, "the page has families")


@case
def a_figure_that_reaches_its_target() -> None:
    """A judged baseline is evidence"""
    metrics.judge(PATIENCE, 50, samples=1)


@case
def a_figure_between_target_and_critical() -> None:
    """Between target and critical a case is degraded"""
    metrics.judge(PATIENCE, 200, samples=1)


@case
def a_figure_beyond_critical() -> None:
    """Beyond critical it fails"""
    metrics.judge(PATIENCE, 900, samples=1)


@case(exclusive=True, timeout=30, needs=("cache",))
async def a_service_is_frozen_and_comes_back() -> None:
    """A service is frozen, and runs again when it is healed"""
    cache = chaos.service("cache")
    fault = await cache.inject(chaos.pause())
    check(await cache.state() == chaos.State.PAUSED, "it is frozen")
    await fault.heal()
    check(await cache.state() == chaos.State.RUNNING, "it runs again")


@case(exclusive=True, timeout=30, needs=("cache",))
async def a_fault_that_nobody_heals() -> None:
    """A fault that is left behind is healed by the host"""
    cache = chaos.service("cache")
    _LEFT.append(await cache.inject(chaos.pause()))
    check(await cache.state() == chaos.State.PAUSED, "it is frozen")


_LEFT: list[chaos.Fault] = []


@case(exclusive=True, timeout=30)
async def users_share_an_instance() -> None:
    """Virtual users share instances, and know the plan's parameter and their iteration"""
    outcome = await load.plan("shares").iterations_each(4, 5).parameter("tea").run()
    check_eq(outcome.iterations, 20, "twenty iterations are done")


@dataclass
class Turns:
    """How many iterations a virtual user had."""

    before: int = 0


@scenario(state=Turns)
async def shares(vu: Vu, state: Turns) -> None:
    """Counts its iterations"""
    check_eq(vu.parameter(), "tea", "the parameter arrives")
    check_eq(vu.iteration, state.before, "iterations are numbered from 0 on")
    state.before += 1
    await sleep(0.001)


@case(exclusive=True, timeout=30, needs=("project-service",))
async def a_user_has_its_own_instance() -> None:
    """A virtual user has its own instance, and may stop it"""
    outcome = await load.plan("alone").iterations_each(2, 10).run()
    check_eq(sum(one.succeeded.count for one in outcome.requests), 20, "twenty requests are answered")


@scenario
def alone() -> None:
    """Reads the health of a service"""
    answer = http.get(f"{context.service_url('project-service')}/livez").send_now()
    check_eq(answer.status, 200, "the service lives")


@case(exclusive=True, timeout=30)
async def iterations_that_fail() -> None:
    """Iterations that fail are counted by their reason, and the host checks that none did"""
    outcome = await load.plan("fails-every-second-time").iterations_each(2, 4).run()
    check_eq(outcome.failed, 4, "every second one fails")


@scenario
async def fails_every_second_time(vu: Vu) -> None:
    """Fails in its iterations with odd numbers"""
    await sleep(0.001)
    if vu.iteration % 2 == 1:
        fail(f"order {1_000_000 + vu.iteration} is lost")
