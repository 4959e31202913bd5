"""A suite in Python for the reference system: HTTP, event streams, faults, metrics, checks and load, each as an author would write it."""

import asyncio
from dataclasses import dataclass

from assay import (
    Figure, Problem, Vu, baseline, case, chaos, check, check_eq, cleanup, context, ensure, eventually, http, load, metrics, scenario,
    setup, sleep, sse, suite, within,
)  # fmt: skip

suite("python-example", "The reference system, looked at from Python: its projects, streams, faults, metrics and load")

READ_P95 = baseline("read-p95", "ms", target=250, critical=2_000, summary="95 % of reads under load are at most this")
CACHE_RECOVERY = baseline("cache-recovery", "ms", target=1_000, critical=10_000, summary="from the heal of the cache to its answer")
READ_NAME = "GET /projects/{id}"


@dataclass
class Services:
    """Where the services are."""

    projects: str
    generations: str


@setup
async def services() -> Services:
    """Finds the services and sees that both answer."""
    found = Services(context.service_url("project-service"), context.service_url("generation-service"))
    for url in (found.projects, found.generations):
        (await http.get(f"{url}/livez").send()).expect_status(200)
    return found


async def temporary_project(services: Services, name: str) -> str:
    """A project that is deleted at the end of the case; its id."""
    request = http.post(f"{services.projects}/api/v1/projects").json({"name": name, "type": "drama"})
    project = str((await request.send()).expect_status(201).at("data", "id"))
    cleanup(http.delete(f"{services.projects}/api/v1/projects/{project}").send())
    return project


@case(tags=("smoke",), timeout=20, needs=("project-service",))
async def a_project_can_be_read_as_it_was_made(shared: Services) -> None:
    """A project is answered as it was made, and named when it is not there"""
    project = await temporary_project(shared, "seen from Python")
    read = (await http.get(f"{shared.projects}/api/v1/projects/{project}").send()).expect_status(200)
    check_eq(read.at("data", "name"), "seen from Python", "it has its name")
    check_eq(read.at("data", "type"), "drama", "it has its type")
    check((read.header("X-Trace-Id") or "") != "", "every answer has a trace id")
    missing = await http.get(f"{shared.projects}/api/v1/projects/proj_none").send()
    check_eq(missing.status, 404, "another one is not found")
    check_eq(missing.at("error", "code"), "PROJECT_NOT_FOUND", "and the answer says what")


@case(tags=("concurrency",), timeout=30, needs=("project-service",))
async def twenty_requests_go_at_a_time(shared: Services) -> None:
    """Twenty requests that are sent together are answered, each with its own project"""
    names = [f"project {number}" for number in range(20)]
    projects = await asyncio.gather(*(temporary_project(shared, name) for name in names))
    answers = await asyncio.gather(
        *(http.get(f"{shared.projects}/api/v1/projects/{project}").send() for project in projects)
    )
    check_eq([answer.at("data", "name") for answer in answers], names, "each answer is of its own project")


@case(tags=("stream",), timeout=30, needs=("project-service", "generation-service"))
async def a_generation_streams_its_way_to_an_episode(shared: Services) -> None:
    """A generation tells its progress over a stream, in order, and its episode is there when it says so"""
    project = await temporary_project(shared, "streamed")
    request = http.post(f"{shared.generations}/api/v1/generations").json(
        {"projectId": project, "title": "Storm", "description": "A storm at sea", "lengthTarget": 120}
    )
    job = (await request.send()).expect_status(201).at("data", "jobId")
    stream = await sse.open(f"{shared.generations}/api/v1/generations/{job}/events")
    seen = [event async for event in stream.events(timeout=10)]
    ensure(seen, "the stream has events")
    check_eq(seen[-1].name, "completed", "its last event says that it is completed")
    ids = [event.id for event in seen]
    check_eq(len(set(ids)), len(ids), "no event comes twice")
    episodes = await http.get(f"{shared.projects}/api/v1/projects/{project}/episodes").send()
    check_eq(len(episodes.expect_status(200).at("data")), 1, "the episode is stored")


@case(tags=("waiting",), timeout=20, needs=("project-service",))
async def waits_have_bounds(shared: Services) -> None:
    """What takes too long is given up at its bound, what is in time is not held up, and both leave nothing behind"""
    check_eq(await within(3_600, later(0.01, "in time")), "in time", "what is in time is answered")
    try:
        await within(0.05, later(3_600, "too late"))
        check(False, "what is too late is given up")
    except Problem as problem:
        check_eq(problem.message, "not done within 0.05 s", "what is too late is given up")
    tries: list[int] = []

    async def third_time() -> int:
        tries.append(len(tries))
        ensure(len(tries) == 3, "it is the third try")
        return len(tries)

    check_eq(await eventually(10, third_time), 3, "it is tried until it succeeds")


async def later(seconds: float, value: str) -> str:
    """A value, after a while."""
    await sleep(seconds)
    return value


@case(tags=("metrics",), timeout=20, needs=("project-service",))
async def the_services_count_what_they_make(shared: Services) -> None:
    """A project that is made is counted by the service; figures of the suite's own are kept beside it"""
    page = f"{shared.projects}/metrics"
    before = (await metrics.scrape(page)).sum("projects_created_total")
    for _ in range(3):
        await temporary_project(shared, "counted")
        metrics.counter("python_projects", labels={"suite": "example"})
    after = (await metrics.scrape(page)).sum("projects_created_total")
    check(after - before >= 3, f"three more are counted: {before:g}, then {after:g}")
    for seconds in (0.1, 0.2, 0.3):
        metrics.observe("python_seconds", seconds, metrics.Unit.SECONDS)
    summary = metrics.summarize("python_seconds")
    ensure(summary is not None and summary.count == 3, "a histogram has what was observed")


@case(tags=("chaos",), timeout=60, exclusive=True, needs=("project-service", "cache"))
async def projects_are_read_without_the_cache(shared: Services) -> None:
    """While the cache is frozen projects are read and made, and it is well again soon after"""
    project = await temporary_project(shared, "without a cache")
    fault = await chaos.service("cache").inject(chaos.pause())
    check_eq(await chaos.service("cache").state(), chaos.State.PAUSED, "the cache is frozen")
    read = await http.get(f"{shared.projects}/api/v1/projects/{project}").send()
    check_eq(read.status, 200, "a project is read without it")
    await temporary_project(shared, "made without a cache")
    recovery = await fault.heal()
    metrics.judge(CACHE_RECOVERY, recovery.healthy() * 1000, samples=1)


@case(tags=("chaos", "link"), timeout=60, exclusive=True, needs=("client->project-service",))
async def a_slow_link_makes_an_answer_late(shared: Services) -> None:
    """Over a link with a delay an answer is late by it both ways, and as ever afterwards"""
    far = context.service_url("client->project-service")
    async with await chaos.link(chaos.CLIENT, "project-service").inject(chaos.latency(0.1)):
        late = (await http.get(f"{far}/livez").send()).expect_status(200)
        check(late.timings.total >= 0.2, f"it takes the delay twice: {late.timings.total:.3f} s")
    again = (await http.get(f"{far}/livez").send()).expect_status(200)
    check(again.timings.total < 0.2, f"afterwards it does not: {again.timings.total:.3f} s")


@dataclass
class Reader:
    """What a virtual user keeps: its request, prepared once."""

    read: http.Template


def prepare(vu: Vu, shared: Services) -> Reader:
    """Runs once for each virtual user."""
    url = f"{shared.projects}/api/v1/projects/{vu.parameter()}"
    return Reader(http.get(url).name(READ_NAME).prepare())


@scenario(state=prepare)
async def read_a_project(state: Reader) -> None:
    """A reader reads a project"""
    sample = await state.read.fire()
    check_eq(sample.status, 200, "the project is read")


@scenario
def read_alone(vu: Vu, shared: Services) -> None:
    """A reader that has its instance to itself reads the health of the service"""
    answer = http.get(f"{shared.projects}/livez").name("GET /livez").send_now()
    check_eq(answer.status, 200, f"the service lives for reader {vu.number}")


@case(tags=("load",), timeout=60, exclusive=True, needs=("project-service",))
async def ten_readers_are_answered_fast(shared: Services) -> None:
    """Ten readers at a time, in instances that they share, are answered fast and without a failure"""
    project = await temporary_project(shared, "read by many")
    outcome = await (
        load.plan("read-a-project")
        .constant_vus(10, 3)
        .warm_up(0.5)
        .parameter(project)
        .threshold(READ_P95, load.request(READ_NAME, Figure.P95))
        .run()
    )
    read = outcome.requests_named(READ_NAME)
    ensure(read is not None and read.count > 100, f"much is read: {outcome.per_second:.0f} a second")
    context.info(f"{outcome.per_second:.0f} iterations a second, busiest thread {outcome.generator.busiest:.2f}")
    check_eq(outcome.failed, 0, "no iteration failed")


@case(tags=("load",), timeout=60, exclusive=True, needs=("project-service",))
async def a_reader_can_have_its_own_instance() -> None:
    """Two readers in instances of their own read fifty times each"""
    outcome = await load.plan("read-alone").iterations_each(2, 50).run()
    check_eq(outcome.iterations, 100, "each reads as often as it was asked to")
