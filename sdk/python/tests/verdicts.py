"""Looks whether a run of `endings.py` ended as it must: `python3 sdk/python/tests/verdicts.py reports/report.json`.

The first tag of each of its cases is the verdict that it must get. Ends with 1 and the differences otherwise.
"""

import json
import sys
from pathlib import Path
from typing import Any


def differences(report: dict[str, Any]) -> list[str]:
    """What each case got that it should not have; a run without cases is different, too."""
    cases = [case for suite in report["suites"] for case in suite["cases"]]
    if not cases:
        return ["the report has no case"]
    return [
        f"{case['name']}: {case['verdict']} instead of {case['tags'][0]}"
        for case in cases
        if case["verdict"] != case["tags"][0]
    ]


if __name__ == "__main__":
    found = differences(json.loads(Path(sys.argv[1]).read_text()))
    for difference in found:
        print(difference, file=sys.stderr)
    sys.exit(1 if found else 0)
