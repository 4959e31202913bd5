"""Runs the hostile suite as a stranger of a project, and holds what came of it to `hostile.toml`: `hostile_run.py HOST COMPONENT`.

Ends with 0 if each case came to what it must, nobody connected to the server that is not granted, no file tells a secret, and nothing was left
behind. The reference system has to be beside the host. The file of the
component has to be called `hostile.wasm`: grants go by the name of the file."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import tomllib
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("hostile.toml")
# What nobody may be told.
HUSH = "hush-4c1f-hush"


class Server:
    """Counts who comes, and answers with what it is made with."""

    def __init__(self, answer: bytes) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._answer = answer
        self.connections = 0
        host, port = self._listener.getsockname()
        self.address = f"{host}:{port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            self.connections += 1
            threading.Thread(target=self._answer_all, args=(connection,), daemon=True).start()

    def _answer_all(self, connection: socket.socket) -> None:
        # Whoever asked may be gone before it is answered.
        with connection, contextlib.suppress(OSError):
            while connection.recv(65_536):
                connection.sendall(self._answer)

    def connections_until_now(self) -> int:
        """One of our own is the last one in line, so that none is missed."""
        with socket.create_connection(self._listener.getsockname(), timeout=20) as own:
            own.sendall(b"GET / HTTP/1.1\r\n\r\n")
            own.recv(1)
        return self.connections - 1


def project(folder: Path, forbidden: Server, granted: Server) -> Path:
    """The project, which grants little."""
    file = folder / "assay.toml"
    file.write_text(
        f"""
[settings.hostile]
url = "http://{forbidden.address}/"
redirect = "http://{granted.address}/"
token = "{HUSH}"
[settings.shop]
token = "{HUSH}-shop"
[redact]
settings = ["hostile.token"]
[grants.hostile]
hosts = ["{granted.address}"]
settings = ["hostile.*"]
load = {{ vus = 1, duration = "10s" }}
[environments.hostile.services.cache]
command = ["{{exe-dir}}/reference", "cache", "--listen", "127.0.0.1:{{port}}"]
ready-line = "listening on "
scheme = "redis"
[environments.hostile.links]
"client->cache" = {{}}
"""
    )
    return file


def run(host: str, component: str, file: Path, reports: Path) -> subprocess.CompletedProcess[str]:
    """A run with a variable that nobody may see, and nothing of the caller's that says something to the host."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("ASSAY_")}
    command = [
        host, "run", component, "--config", str(file), "--trust", "own", "--jobs", "1", "--environment", "hostile",
        "--no-history", "--no-progress", "--report-dir", str(reports),
    ]  # fmt: skip
    variables["HOSTILE_SECRET"] = HUSH
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=300, check=False)


def mistakes(report: dict[str, Any], address: str) -> list[str]:
    """What came otherwise than the table says."""
    table = tomllib.loads(_TABLE.read_text())
    cases = {case["name"]: case for case in report["suites"][0]["cases"]}
    found = []
    if cases.keys() != table.keys():
        found.append(f"the cases are {sorted(cases)}")
    for name, expected in table.items():
        case = cases.get(name, {"verdict": None, "attempts": []})
        refused = [f"{one['capability']} {one['subject']}" for attempt in case["attempts"] for one in attempt.get("refusals", [])]
        wanted = [subject.replace("ADDRESS", address) for subject in expected.get("refused", [])]
        if case["verdict"] != expected["verdict"]:
            found.append(f"{name} is {case['verdict']}: {case.get('reason')} {case['attempts'][-1:]}")
        if refused != wanted:
            found.append(f"{name} was refused {refused}")
    return found


def leaks(folder: Path) -> list[str]:
    """The files below a folder that hold the secret, whatever they are for."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file() and HUSH.encode() in file.read_bytes())


def main(host: str, component: str) -> int:
    """Runs it and looks."""
    forbidden = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nup 1\n")
    lead = f"HTTP/1.1 307 There\r\nLocation: http://{forbidden.address}/\r\nContent-Length: 0\r\n\r\n"
    granted = Server(lead.encode())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reports = folder / "reports"
        ended = run(host, component, project(folder, forbidden, granted), reports)
        try:
            report = json.loads((reports / "report.json").read_text())
        except OSError as error:
            print(f"FAIL: {error}\n{ended.stdout}{ended.stderr}")
            return 1
        found = mistakes(report, forbidden.address)
        log = (reports / "events.jsonl").read_text()
        done = [line for line in log.splitlines() if '"done: ' in line and "asks" not in json.loads(line)["message"]]
        found.extend(f"something was done: {line}" for line in done)
        found.extend(f"a secret is told in {file}" for file in leaks(reports))
        if HUSH in ended.stdout + ended.stderr:
            found.append("a secret is told on the console")
        found.extend(f"it left {left}" for left in folder.rglob("left-behind"))
        if "\x1b" in ended.stdout:
            found.append("the console obeys the suite")
    if count := forbidden.connections_until_now():
        found.append(f"there were {count} connections to the server that is not granted")
    if ended.returncode != 5:
        found.append(f"the run ended with {ended.returncode}")
    for mistake in found:
        print(f"FAIL: {mistake}")
    print(f"{len(report['suites'][0]['cases'])} hostile cases, {len(found)} mistakes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
