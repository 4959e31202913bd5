"""Requests, plans and pages as the contract has them."""

import unittest

from assay import http, load, metrics, registry
from assay.http import milliseconds
from wit_world.imports import http as contract
from wit_world.imports import load as load_contract
from wit_world.imports.metrics import Family, MetricKind, Scraped


def response(status: int, headers: list[tuple[str, str]], body: bytes) -> http.Response:
    """An answer that never came over a network."""
    timings = contract.Timings(None, 1_000_000, 0, 2_000_000_000)
    return http.Response(contract.Response(status, "HTTP/1.1", headers, body, "http://h", 0, timings), "GET http://h")


class Requests(unittest.TestCase):
    def test_a_query_is_percent_encoded_joins_the_one_of_the_url_and_stays_before_its_fragment(self) -> None:
        request = http.get("http://h/p?a=1#top").query("search", "a b&c=ä").query("limit", 5)
        self.assertEqual(request.finish().url, "http://h/p?a=1&search=a%20b%26c%3D%C3%A4&limit=5#top")

    def test_json_brings_its_content_type_unless_one_is_given(self) -> None:
        self.assertEqual(http.post("http://h").json([1]).finish().headers, [("content-type", "application/json")])
        given = http.post("http://h").header("Content-Type", "text/json").json([1]).finish()
        self.assertEqual(given.headers, [("Content-Type", "text/json")])
        self.assertEqual(given.payload, contract.Payload_Bytes(b"[1]"))

    def test_waits_are_rounded_up_and_end_at_the_largest(self) -> None:
        table = [(0.000001, 1), (0.02, 20), (0.0201, 21), (-1.0, 0), (1e9, 2**32 - 1), (float("inf"), 2**32 - 1)]
        for seconds, expected in table:
            self.assertEqual(milliseconds(seconds), expected, seconds)

    def test_headers_are_found_in_any_case(self) -> None:
        answer = response(200, [("set-cookie", "a"), ("x-trace-id", "t"), ("set-cookie", "b")], b"")
        self.assertEqual(answer.header("X-Trace-Id"), "t")
        self.assertEqual(answer.headers("Set-Cookie"), ["a", "b"])
        self.assertIsNone(answer.header("x-none"))

    def test_times_are_seconds(self) -> None:
        timings = response(200, [], b"").timings
        self.assertEqual((timings.first_byte, timings.total), (0.001, 2.0))

    def test_an_error_names_the_request_and_says_what_to_do(self) -> None:
        error = http.Error.of(contract.Error_TooLarge(10), "GET http://h")
        self.assertEqual(
            str(error), "GET http://h: too large: the body is over 10 bytes: allow more with `max_body`"
        )


class Plans(unittest.TestCase):
    def test_a_plan_has_as_many_users_as_its_executor_needs(self) -> None:
        stages = [(1.0, 3.0), (1.0, 7.2), (1.0, 0.0)]
        table = [
            (load.plan("a").shared_iterations(4, 10), 4),
            (load.plan("a").ramping_vus(stages), 8),
            (load.plan("a").ramping_vus([]), 1),
            (load.plan("a").constant_rate(0.5, 1), 1),
            (load.plan("a").constant_rate(20_000, 1), 1_000),
            (load.plan("a").constant_rate(float("nan"), 1), 1),
            (load.plan("a").searching_vus(10, 10, 200, 1), 200),
            (load.plan("a").constant_vus(2, 1).max_vus(9), 9),
        ]
        for plan, most in table:
            self.assertEqual(plan.inner.max_vus, most, plan.inner.executor)

    def test_only_open_models_have_a_bound_for_late_iterations(self) -> None:
        self.assertEqual(load.plan("a").constant_rate(1, 1).inner.late_ms, 1_000)
        self.assertEqual(load.plan("a").constant_vus(1, 1).inner.late_ms, 0)

    def test_a_scenario_that_is_a_plain_function_gets_instances_of_its_own(self) -> None:
        def plain() -> None:
            pass

        registry.scenario(plain)
        self.addCleanup(registry.SUITE.scenarios.clear)
        self.assertTrue(load.plan("plain").constant_vus(1, 1).inner.isolated)
        self.assertFalse(load.plan("another").constant_vus(1, 1).inner.isolated)

    def test_a_threshold_looks_at_requests_by_name(self) -> None:
        plan = load.plan("a").constant_vus(1, 1).threshold("p95", load.request("GET /", load.Figure.P95))
        looked_at = load_contract.Measure_Requests(("GET /", load.Figure.P95))
        self.assertEqual(plan.inner.thresholds, [load_contract.Threshold("p95", looked_at, False)])


class Pages(unittest.TestCase):
    def test_samples_are_found_by_name_and_by_some_of_their_labels(self) -> None:
        def sample(outcome: str, value: float) -> Scraped:
            return Scraped("made_total", MetricKind.COUNTER, [("outcome", outcome), ("service", "a")], value)

        page = metrics.Page([Family("made_total", MetricKind.COUNTER, None, [sample("good", 2), sample("bad", 1)])])
        self.assertEqual(page.sum("made_total"), 3)
        self.assertEqual(page.value("made_total", {"outcome": "bad"}), 1)
        self.assertIsNone(page.value("made_total", {"outcome": "none"}))
        self.assertEqual(page.sum("nothing"), 0)


if __name__ == "__main__":
    unittest.main()
