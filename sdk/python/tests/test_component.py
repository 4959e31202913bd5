"""How entries are run: on Python's own loop, with a host that is a few functions."""

import asyncio
import random
import unittest
from collections.abc import Callable
from unittest.mock import patch

from assay import Vu, check, eventually, fail, registry, sleep, within
from assay.component import Suite
from assay.problem import Kind, Problem
from assay.registry import Registry
from componentize_py_types import Err
from wit_world.exports import suite as contract
from wit_world.imports import context
from wit_world.imports import load


class Host:
    """The functions of the contract that these tests need."""

    def __init__(self) -> None:
        self.checks: list[context.Check] = []
        self.users = iter([1, 2, 3])
        self.endings: list[tuple[int, load.Ending | None]] = []
        self.turns: dict[int, int] = {}

    def identify(self) -> context.Identity:
        return context.Identity("run", "suite", "entry", 1, "default", "none", 7)

    async def sleep(self, nanoseconds: int) -> None:
        await asyncio.sleep(nanoseconds / 1e9)

    async def join(self) -> int | None:
        await asyncio.sleep(0)
        return next(self.users, None)

    async def next(self, vu: int, before: load.Ending | None) -> load.Turn | None:
        await asyncio.sleep(0)
        return self.next_now(vu, before)

    def next_now(self, vu: int, before: load.Ending | None) -> load.Turn | None:
        self.endings.append((vu, before))
        turn = self.turns.get(vu, 0)
        self.turns[vu] = turn + 1
        return load.Turn(turn, turn * 1_000_000_000, False) if turn < 2 else None


class Entries(unittest.TestCase):
    def setUp(self) -> None:
        self.host = Host()
        self.before = registry.SUITE
        registry.SUITE = Registry()
        for module, name, double in (
            (context, "identify", self.host.identify),
            (context, "sleep", self.host.sleep),
            (context, "report", self.host.checks.append),
            (load, "join", self.host.join),
            (load, "next", self.host.next),
            (load, "next_now", self.host.next_now),
        ):
            patching = patch.object(module, name, double)
            patching.start()
            self.addCleanup(patching.stop)

    def tearDown(self) -> None:
        registry.SUITE = self.before

    def run_entry(self, kind: contract.Kind, name: str = "", vu: int = 0, data: str = "") -> str:
        return asyncio.run(Suite().run(contract.Entry(kind, name, vu, data)))

    def problem_of(self, *entry: object) -> contract.Problem:
        with self.assertRaises(Err) as raised:
            self.run_entry(*entry)  # type: ignore[arg-type]
        problem: contract.Problem = raised.exception.value
        return problem

    def test_what_setup_returns_reaches_a_case_plain_or_async(self) -> None:
        taken: list[str] = []

        @registry.setup
        async def prepare() -> str:
            return "found"

        @registry.case
        def plain(shared: str) -> None:
            taken.append(shared)

        @registry.case
        async def waiting(shared: str) -> None:
            await sleep(0)
            taken.append(shared)

        data = self.run_entry(contract.Kind.SETUP)
        for name in ("plain", "waiting"):
            self.assertEqual(self.run_entry(contract.Kind.TEST_CASE, name, 0, data), "")
        self.assertEqual(taken, ["found", "found"])

    def test_an_entry_ends_as_its_exception_says(self) -> None:
        @registry.case
        async def failing() -> None:
            fail("it is broken")

        @registry.case
        def mistaken() -> None:
            dict[str, int]()["missing"]

        @registry.case
        def skipping() -> None:
            raise Problem.skipped("not here")

        case = contract.Kind.TEST_CASE
        failed = self.problem_of(case, "failing")
        assert isinstance(failed, contract.Problem_Failed)
        self.assertEqual(failed.value.message, "it is broken")
        self.assertRegex(str(failed.value.location), r"test_component\.py:\d+$")
        self.assertIsInstance(self.problem_of(case, "mistaken"), contract.Problem_Errored)
        self.assertEqual(self.problem_of(case, "skipping"), contract.Problem_Skipped("not here"))
        self.assertIsInstance(self.problem_of(case, "unknown"), contract.Problem_Errored)

    def test_virtual_users_share_an_instance_and_tell_how_each_iteration_ended(self) -> None:
        made: list[int] = []

        def state(vu: Vu) -> list[int]:
            made.append(vu.number)
            return [vu.number]

        @registry.scenario(state=state)
        async def browse(vu: Vu, state: list[int]) -> None:
            await sleep(0)
            check(state == [vu.number], "each has its own state")
            if vu.iteration == 1:
                fail("order 1234567 is lost")

        self.run_entry(contract.Kind.VIRTUAL_USER, "browse")
        self.assertEqual(sorted(made), [1, 2, 3])
        ended = [ending for vu, ending in self.host.endings if vu == 2]
        self.assertEqual(ended, [None, load.Ending_Passed(), load.Ending_Failed("order {id} is lost")])
        self.assertTrue(all(told.passed for told in self.host.checks))

    def test_a_failed_check_fails_its_iteration_and_no_other(self) -> None:
        @registry.scenario
        def browse(vu: Vu) -> None:
            check(vu.iteration != 0, "it is not the first")

        self.run_entry(contract.Kind.VIRTUAL_USER, "browse", 5)
        self.assertEqual(
            self.host.endings, [(5, None), (5, load.Ending_Failed("it is not the first")), (5, load.Ending_Passed())]
        )

    def test_a_plain_scenario_cannot_share_its_instance(self) -> None:
        @registry.scenario
        def browse() -> None:
            pass

        problem = self.problem_of(contract.Kind.VIRTUAL_USER, "browse")
        assert isinstance(problem, contract.Problem_Errored)
        self.assertIn("make the plan `isolated`", problem.value.message)

    def test_a_state_that_cannot_be_made_ends_the_load(self) -> None:
        def broken() -> None:
            fail("no state")

        @registry.scenario(state=broken)
        async def browse(state: None) -> None:
            pass

        problem = self.problem_of(contract.Kind.VIRTUAL_USER, "browse")
        assert isinstance(problem, contract.Problem_Failed)
        self.assertEqual(problem.value.message, "no state")

    def test_random_follows_from_the_seed_the_entry_and_the_attempt(self) -> None:
        drawn: dict[str, list[float]] = {"one": [], "two": []}

        @registry.case
        def one() -> None:
            drawn["one"].append(random.random())

        @registry.case
        def two() -> None:
            drawn["two"].append(random.random())

        for name in ("one", "two", "one"):
            self.run_entry(contract.Kind.TEST_CASE, name)
        self.assertEqual(drawn["one"][0], drawn["one"][1])
        self.assertNotEqual(drawn["one"][0], drawn["two"][0])


class Waiting(unittest.TestCase):
    def setUp(self) -> None:
        patching = patch.object(context, "sleep", Host().sleep)
        patching.start()
        self.addCleanup(patching.stop)

    def wait(self, work: Callable[[], object]) -> object:
        async def waiting() -> object:
            return await work()  # type: ignore[misc]

        return asyncio.run(waiting())

    def test_what_is_in_time_is_not_held_up_by_its_bound(self) -> None:
        async def work() -> str:
            return "done"

        self.assertEqual(self.wait(lambda: within(3_600, work())), "done")

    def test_what_is_too_late_is_cancelled(self) -> None:
        ended: list[str] = []

        async def work() -> None:
            try:
                await sleep(3_600)
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

        with self.assertRaisesRegex(Problem, r"^not done within 0\.01 s$"):
            self.wait(lambda: within(0.01, work()))
        self.assertEqual(ended, ["cancelled"])

    def test_it_is_tried_until_it_succeeds(self) -> None:
        tries: list[int] = []

        async def attempt() -> int:
            tries.append(1)
            if len(tries) < 3:
                fail("not yet")
            return len(tries)

        self.assertEqual(self.wait(lambda: eventually(60, attempt)), 3)

    def test_what_is_tried_in_vain_says_how_often_and_why(self) -> None:
        async def attempt() -> None:
            raise Problem.failed("not yet", expected="1", actual="0")

        with self.assertRaisesRegex(Problem, r"^not within 0\.05 s \(\d+ tries\): not yet") as raised:
            self.wait(lambda: eventually(0.05, attempt))
        self.assertEqual((raised.exception.expected, raised.exception.actual), ("1", "0"))

    def test_a_mistake_of_the_suite_is_not_tried_again(self) -> None:
        tries: list[int] = []

        async def attempt() -> None:
            tries.append(1)
            raise KeyError("missing")

        with self.assertRaises(Problem) as raised:
            self.wait(lambda: eventually(60, attempt))
        self.assertIs(raised.exception.kind, Kind.ERRORED)
        self.assertEqual(len(tries), 1)


if __name__ == "__main__":
    unittest.main()
