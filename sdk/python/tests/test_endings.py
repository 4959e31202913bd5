"""What becomes of exceptions, checks and iterations that fail."""

import asyncio
import json
import unittest
from unittest.mock import patch

from assay import http, metrics, problem, scope, shape
from assay.finding import check, check_eq, ensure_eq
from assay.problem import Kind, Problem
from assay.shared import LONGEST, from_text, to_text
from assay.user import LONGEST_REASON, reason, without_ids
from dataclasses import dataclass
from wit_world.imports import context as contract


def caught(work: object) -> Problem:
    """What a call that raises means for its entry."""
    try:
        work()  # type: ignore[operator]
    except Exception as error:
        return problem.of(error)
    raise AssertionError("it raised nothing")


class Problems(unittest.TestCase):
    def test_an_assert_blames_the_system_and_shows_its_line(self) -> None:
        def asserts() -> None:
            assert len("") == 2

        found = caught(asserts)
        self.assertEqual((found.kind, found.message), (Kind.FAILED, 'assert len("") == 2'))
        self.assertRegex(str(found.location), r"test_endings\.py:\d+$")

    def test_any_other_exception_is_a_mistake_of_the_suite_with_its_traceback(self) -> None:
        found = caught(lambda: dict[str, int]()["missing"])
        self.assertEqual(found.kind, Kind.ERRORED)
        first, _, trace = found.message.partition("\n")
        self.assertEqual(first, "the suite raised KeyError: 'missing'")
        self.assertIn("Traceback (most recent call last)", trace)

    def test_a_group_of_tasks_ends_as_its_first_task_that_went_wrong(self) -> None:
        group = ExceptionGroup("tasks", [Problem.failed("first"), ValueError("second")])
        self.assertEqual(problem.of(group).message, "first")

    def test_what_the_suite_brings_about_itself_is_errored_and_the_rest_failed(self) -> None:
        table = [
            (http.Error(http.ErrorKind.DENIED, "no", "GET /"), Kind.ERRORED),
            (http.Error(http.ErrorKind.CONNECT, "no", "GET /"), Kind.FAILED),
            (metrics.Error(metrics.ErrorKind.UNKNOWN_BASELINE, "no"), Kind.ERRORED),
            (metrics.Error(metrics.ErrorKind.NO_SAMPLES, "no"), Kind.FAILED),
            (problem.WrongShape("no"), Kind.FAILED),
        ]
        for error, kind in table:
            self.assertIs(problem.of(error).kind, kind, str(error))


class Shapes(unittest.TestCase):
    def test_a_member_that_is_missing_is_named_with_the_start_of_the_text(self) -> None:
        text = json.dumps({"data": [{"id": 1}]})
        self.assertEqual(shape.at(text, ("data", 0, "id"), "GET / answered 200"), 1)
        for path, named in ((("data", 1, "id"), "data.1"), (("data", "id"), "data.id"), (("data", 0, "id", "x"), "data.0.id.x")):
            with self.assertRaisesRegex(problem.WrongShape, f"GET / answered 200, which has no `{named}`: {{"):
                shape.at(text, path, "GET / answered 200")

    def test_what_is_no_json_is_cut(self) -> None:
        with self.assertRaisesRegex(problem.WrongShape, r"which is no JSON: .*x… \(301 characters\)$"):
            shape.parse(b"x" * 301, "GET / answered 200")


class Checks(unittest.TestCase):
    def setUp(self) -> None:
        self.reported: list[contract.Check] = []
        patching = patch.object(contract, "report", self.reported.append)
        patching.start()
        self.addCleanup(patching.stop)

    def test_a_failed_comparison_shows_both_sides_and_its_place(self) -> None:
        self.assertFalse(check_eq(503, 200, "it is well"))
        told = self.reported[0]
        self.assertEqual((told.name, told.passed, told.expected, told.actual), ("it is well", False, "200", "503"))
        self.assertRegex(str(told.location), r"test_endings\.py:\d+$")

    def test_ensure_reports_what_holds_and_raises_what_does_not(self) -> None:
        ensure_eq(1, 1, "they are one")
        with self.assertRaises(Problem) as raised:
            ensure_eq(1, 2, "they are one")
        self.assertEqual((raised.exception.expected, raised.exception.actual), ("2", "1"))
        self.assertEqual([told.passed for told in self.reported], [True])

    def test_clean_up_runs_newest_first_also_after_a_failure_which_stays_the_first_problem(self) -> None:
        done: list[str] = []

        async def undo(what: str) -> None:
            done.append(what)
            problem.fail(what)

        async def body() -> None:
            scope.cleanup(undo("first"))
            scope.cleanup(undo("second"))
            scope.cleanup(undo("never")).cancel()
            problem.fail("the case")

        with patch.object(contract, "log"), self.assertRaisesRegex(Problem, "^the case$"):
            asyncio.run(scope.run(body))
        self.assertEqual(done, ["second", "first"])

    def test_the_first_failed_check_of_an_iteration_is_remembered(self) -> None:
        async def body() -> None:
            check(False, "one")
            check(False, "two")

        here = scope.Scope()
        asyncio.run(scope.run(body, here))
        self.assertEqual(here.failed_check, "one")


class Reasons(unittest.TestCase):
    def test_words_that_look_like_ids_are_replaced(self) -> None:
        table = [
            ("order 123456 of proj_0a1b2c is lost", "order {id} of {id} is lost"),
            ("status 503 after 12345 ms", "status 503 after 12345 ms"),
            ("HTTP/1.1 answered", "HTTP/1.1 answered"),
        ]
        for text, expected in table:
            self.assertEqual(without_ids(text), expected)

    def test_a_reason_is_cut_to_256_bytes_of_whole_characters(self) -> None:
        self.assertEqual(len(without_ids("x" * 256)), LONGEST_REASON)
        self.assertEqual(without_ids("x" * 255 + "é"), "x" * 255)

    def test_a_short_actual_value_and_the_first_line_of_a_mistake_are_part_of_it(self) -> None:
        self.assertEqual(reason(Problem(Kind.FAILED, "it is 200", actual="503")), "it is 200 (actual 503)")
        self.assertEqual(reason(Problem(Kind.FAILED, "it is 200", actual="5" * 33)), "it is 200")
        self.assertEqual(reason(caught(lambda: dict[str, int]()["missing"])), "the suite raised KeyError: 'missing'")


@dataclass
class Services:
    """What a setup returns."""

    url: str


class Shared(unittest.TestCase):
    def test_a_dataclass_goes_to_the_entry_that_asks_for_it(self) -> None:
        def typed(shared: Services) -> None:
            pass

        def plain(shared: dict[str, str]) -> None:
            pass

        text = to_text(Services("http://h"))
        self.assertEqual(from_text(text, typed), Services("http://h"))
        self.assertEqual(from_text(text, plain), {"url": "http://h"})

    def test_a_value_that_is_missing_of_another_type_or_no_json_is_the_suites_fault(self) -> None:
        def typed(shared: Services) -> None:
            pass

        for work in (lambda: from_text("", typed), lambda: from_text('{"other":1}', typed), lambda: to_text({1, 2})):
            self.assertIs(caught(work).kind, Kind.ERRORED)

    def test_it_has_at_most_a_mebibyte(self) -> None:
        to_text("x" * (LONGEST - 2))
        with self.assertRaisesRegex(Problem, "hand over ids, not contents"):
            to_text("x" * (LONGEST - 1))


if __name__ == "__main__":
    unittest.main()
