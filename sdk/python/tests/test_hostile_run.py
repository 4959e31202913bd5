"""What looks at a run of the hostile suite sees what is wrong with it."""

import tempfile
import unittest
from pathlib import Path

from tests import hostile_run


class Leaks(unittest.TestCase):
    """A secret is looked for in all that a run leaves."""

    def test_a_secret_is_found_in_every_file_of_the_report_and_not_in_the_log_alone(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "events.jsonl").write_text("nothing")
            self.assertEqual(hostile_run.leaks(folder), [])
            (folder / "below" / "it").mkdir(parents=True)
            (folder / "below" / "it" / "one.bin").write_bytes(b"\xff" + hostile_run.HUSH.encode() + b"\x00")
            (folder / "report.html").write_text(f"<p>{hostile_run.HUSH}</p>")
            self.assertEqual(hostile_run.leaks(folder), ["below/it/one.bin", "report.html"])


class Mistakes(unittest.TestCase):
    """The table is held."""

    def test_a_case_that_came_otherwise_and_one_that_is_not_there_are_told(self) -> None:
        case = {"name": "asks-a-host", "verdict": "passed", "attempts": []}
        found = hostile_run.mistakes({"suites": [{"cases": [case]}]}, "127.0.0.1:1")
        self.assertIn("the cases are ['asks-a-host']", found)
        self.assertIn("asks-a-host is passed: None []", found)
        self.assertIn("asks-a-host was refused []", found)
        self.assertIn("comes-last is None: None []", found)
