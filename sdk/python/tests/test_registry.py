"""What a suite may consist of."""

import unittest

from assay import registry
from assay.component import describe
from assay.registry import Registry


class Registering(unittest.TestCase):
    """A suite of its own for each test."""

    def setUp(self) -> None:
        self.before = registry.SUITE
        registry.SUITE = Registry()
        registry.suite("shop", "Orders arrive")

    def tearDown(self) -> None:
        registry.SUITE = self.before

    def test_a_case_is_named_after_its_function_and_summed_up_by_its_docstring(self) -> None:
        @registry.case(tags=("smoke",), timeout=0.0015, needs=("shop",), exclusive=True)
        async def an_order_is_taken() -> None:
            """An order is taken.

            And more.
            """

        case = describe(registry.SUITE).cases[0]
        self.assertEqual((case.name, case.summary), ("an-order-is-taken", "An order is taken"))
        self.assertEqual((case.tags, case.needs, case.exclusive), (["smoke"], ["shop"], True))
        self.assertEqual(case.timeout_ms, 2)
        self.assertRegex(str(case.location), r"test_registry\.py:\d+$")

    def test_a_case_takes_shared_and_nothing_else(self) -> None:
        with self.assertRaisesRegex(ValueError, "takes `other`, and may take `shared`"):

            @registry.case
            def takes_another(other: str) -> None:
                pass

    def test_two_cases_have_two_names(self) -> None:
        def twice() -> None:
            pass

        registry.case(twice)
        with self.assertRaisesRegex(ValueError, "two cases have the name `twice`"):
            registry.case(twice)

    def test_setup_and_teardown_are_no_names_of_cases(self) -> None:
        def setup() -> None:
            pass

        with self.assertRaisesRegex(ValueError, "cannot be named `setup`"):
            registry.case(setup)

    def test_a_name_has_at_most_64_characters(self) -> None:
        def function() -> None:
            pass

        function.__name__ = "a" * 64
        registry.case(function)
        function.__name__ = "a" * 65
        with self.assertRaisesRegex(ValueError, "kebab-case"):
            registry.case(function)

    def test_a_case_has_at_most_16_tags_of_400_bytes(self) -> None:
        def tagged() -> None:
            pass

        registry.case(tags=("é" * 200,) * 16)(tagged)
        tagged.__name__ = "tagged_too_often"
        with self.assertRaisesRegex(ValueError, "are 17, and may be 16"):
            registry.case(tags=("a",) * 17)(tagged)
        with self.assertRaisesRegex(ValueError, "over 400 bytes"):
            registry.case(tags=("é" * 201,))(tagged)

    def test_a_timeout_is_a_number_of_seconds_that_32_bits_of_milliseconds_hold(self) -> None:
        def timed() -> None:
            pass

        for seconds in (-1.0, float("nan"), float("inf"), 4_294_967.296):
            with self.assertRaisesRegex(ValueError, "the timeout of `timed`"):
                registry.case(timeout=seconds)(timed)
        registry.case(timeout=4_294_967.295)(timed)

    def test_a_scenario_takes_a_state_that_somebody_makes(self) -> None:
        def without_a_maker(state: object) -> None:
            pass

        with self.assertRaisesRegex(ValueError, "exactly if `state=`"):
            registry.scenario(without_a_maker)
        registry.scenario(state=dict)(without_a_maker)

    def test_what_makes_a_state_takes_the_user_and_what_setup_returned(self) -> None:
        def scenario(state: object) -> None:
            pass

        def maker(shared: str, vu: object, other: int = 0) -> None:
            pass

        def strange(other: int) -> None:
            pass

        with self.assertRaisesRegex(ValueError, "takes `other`, and may take `shared` and `vu`"):
            registry.scenario(state=strange)(scenario)
        registry.scenario(state=maker)(scenario)
        self.assertEqual(registry.SUITE.scenarios["scenario"].state_takes, {"shared", "vu"})

    def test_levels_of_a_baseline_are_finite_and_in_order(self) -> None:
        registry.baseline("latency", "ms", target=1, critical=1)
        registry.baseline("rate", "/s", target=2, critical=1, at_least=True)
        for target, critical, at_least in ((2, 1, False), (1, 2, True), (1, float("inf"), False)):
            with self.assertRaises(ValueError):
                registry.baseline("wrong", "ms", target=target, critical=critical, at_least=at_least)

    def test_a_suite_has_at_most_a_hundred_baselines(self) -> None:
        for number in range(100):
            registry.baseline(f"b{number}", "ms", target=1, critical=2)
        with self.assertRaisesRegex(ValueError, "at most 100 baselines"):
            registry.baseline("one-more", "ms", target=1, critical=2)

    def test_a_suite_without_a_name_or_a_case_cannot_be_built(self) -> None:
        with self.assertRaisesRegex(ValueError, "has no case"):
            describe(registry.SUITE)
        with self.assertRaisesRegex(ValueError, "has no name"):
            describe(Registry())
        with self.assertRaisesRegex(ValueError, "named twice"):
            registry.suite("again", "")


if __name__ == "__main__":
    unittest.main()
