"""A suite that tries to do what it has no grant for, with what the SDK has and with what Python itself has. What must come of each case is in
`hostile.toml`; `hostile_run.py` runs it and looks.

The cases judge nothing that a grant would change: they tell in their log what they were answered."""

import encodings.idna  # noqa: F401 - without it no name is looked up, and no socket is asked for
import importlib
import os
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from functools import partial
from types import ModuleType

from assay import HostError, Vu, case, chaos, check, check_eq, context, http, load, metrics, scenario, sse, suite
from wit_world.imports import context as contract


def _module(name: str) -> ModuleType | None:
    """A module that a component may not have: what is imported later is not there at all."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


_CTYPES = _module("ctypes")
_SUBPROCESS = _module("subprocess")
_MULTIPROCESSING = _module("multiprocessing")

suite("hostile", "Tries to do what it has no grant for")


async def attempt(way: str, work: Callable[[], Awaitable[object]]) -> None:
    """Tells what the host answered."""
    try:
        await work()
    except HostError as error:
        context.info(f"{error.kind.name.lower()}: {way}")
    else:
        context.info(f"done: {way}")


def fails(way: str, told: type[Exception], work: Callable[[], object]) -> None:
    """Checks that Python itself cannot do it, and is told so by this exception: another one may be a mistake of this suite."""
    try:
        came = work()
    except told as error:
        check(True, f"{way} is not there: {type(error).__name__}")
    except Exception as error:  # noqa: BLE001 - what it was is what is told
        check(False, f"{way} ended with {error!r} and not with {told.__name__}")
    else:
        check(False, f"{way} came to {came!r}")


@case(timeout=20)
async def asks_a_host() -> None:
    """Asks a host on every way, and one that leads to it"""
    for name in ("hostile.url", "hostile.redirect"):
        url = context.setting(name, str)
        await attempt("send", lambda: http.get(url).redirects(3).send())
        await attempt("open", lambda: sse.request(http.get(url).redirects(3)).open_any())
        await attempt("scrape", lambda: metrics.scrape(url))
        await attempt("fire", lambda: fires(url, 3))


async def fires(url: str, redirects: int) -> None:
    """Fires a prepared request."""
    template = http.get(f"{url}?{{slot}}").redirects(redirects).prepare(["slot"])
    await template.fire_with("value")


@case(timeout=20)
async def asks_by_virtual_users() -> None:
    """Lets virtual users of both sorts ask it"""
    url = context.setting("hostile.url", str)
    for name in ("asks", "asks-alone"):
        plan = load.plan(name).iterations_each(1, 1).parameter(url).failures_judged_by_case()
        await attempt(name, plan.run)
    check(True, "everything was asked")


@scenario
async def asks(vu: Vu) -> None:
    """Asks"""
    url = str(vu.parameter())
    await attempt("send", lambda: http.get(url).send())
    await attempt("fire", lambda: fires(url, 0))


@scenario
def asks_alone(vu: Vu) -> None:
    """Asks, and stops its instance"""
    url = str(vu.parameter())
    try:
        http.get(url).send_now()
    except HostError as error:
        context.info(f"{error.kind.name.lower()}: send-now")
    else:
        context.info("done: send-now")


@case(timeout=20)
async def looks_at_a_service() -> None:
    """Looks at a service, and makes a fault on it"""
    found = context.optional_service_url("cache")
    context.info("nothing: url" if found is None else "done: url")
    cache = chaos.service("cache")
    await attempt("state", cache.state)
    await attempt("usage", cache.usage)
    await attempt("logs", lambda: cache.logs(10))
    await attempt("pause", lambda: cache.inject(chaos.pause()))
    await attempt("reset", lambda: chaos.link(chaos.CLIENT, "cache").may_be_idle().inject(chaos.reset()))


@case
def reads_settings() -> None:
    """Reads a secret and the setting of another suite, with the SDK and without"""
    for name in ("shop.token", "hostile.token"):
        for value in (context.optional_setting(name, str), contract.setting(name)):
            context.info(f"nothing: {name}" if value is None else f"done: {name}")


@case(timeout=20)
async def makes_load() -> None:
    """Makes load with more users, faster, longer and without an end"""
    plan = load.plan("rests")
    await attempt("users", plan.iterations_each(50, 1).run)
    await attempt("rate", load.plan("rests").constant_rate(500, 0.1).max_vus(1).run)
    await attempt("duration", load.plan("rests").constant_vus(1, 86_400).run)


@scenario
async def rests() -> None:
    """Does nothing"""


@case
def attaches() -> None:
    """Attaches evidence"""
    context.attach_text("evidence", "more than nothing")


@case(timeout=20)
def opens_sockets() -> None:
    """Opens sockets with Python's own modules"""
    url = context.setting("hostile.url", str)
    host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
    address = (host, int(port))
    fails("a connection", socket.gaierror, lambda: socket.create_connection(address, timeout=2))
    fails("a socket", PermissionError, lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).connect(address))
    fails("a datagram", PermissionError, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", address))
    fails("a server", PermissionError, lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).bind(("127.0.0.1", 0)))
    fails("a name", socket.gaierror, lambda: socket.getaddrinfo("localhost", int(port)))
    fails("urllib", urllib.error.URLError, lambda: urllib.request.urlopen(url, timeout=2))


@case
def opens_files() -> None:
    """Opens files with Python's own functions"""
    for path in ("/etc/passwd", "assay.toml", "/proc/self/environ", "/dev/mem", "..", "/"):
        fails(f"reading {path}", FileNotFoundError, partial(open, path))
        fails(f"listing {path}", FileNotFoundError, partial(os.listdir, path))
    for path in ("left-behind", "/tmp/left-behind", "../left-behind"):
        fails(f"writing {path}", FileNotFoundError, partial(open, path, "w"))
        fails(f"making {path}", FileNotFoundError, partial(os.mkdir, path))
    fails("a descriptor", FileNotFoundError, lambda: os.open("/etc/passwd", os.O_RDONLY))
    fails("removing", FileNotFoundError, lambda: os.remove("assay.toml"))
    fails("a link", FileNotFoundError, lambda: os.symlink("/etc/passwd", "left-behind"))


@case
def reads_the_environment() -> None:
    """There are no variables of the host, nor of whoever built the component"""
    # A plain interpreter puts these two there itself.
    found = sorted(set(os.environ) - {"PYTHONHOME", "PYTHONPATH"})
    check_eq(found, [], "there are no variables")
    check_eq(os.environ.get("HOSTILE_SECRET"), None, "nor the one that was planted")
    check(all("hush" not in text for text in (*sys.argv, *os.environ.values())), "nor an argument")


@case
def runs_programs() -> None:
    """There are no programs, processes and threads"""
    fails("a shell", AttributeError, lambda: os.system("true"))
    fails("a fork", AttributeError, lambda: getattr(os, "fork")())
    fails("a program", AttributeError, lambda: getattr(os, "execv")("/bin/true", ["true"]))
    fails("a thread", RuntimeError, threading.Thread(target=print).start)
    if _SUBPROCESS is not None:
        fails("subprocess", OSError, lambda: getattr(_SUBPROCESS, "run")(["true"]))
    if _MULTIPROCESSING is not None:
        fails("multiprocessing", ModuleNotFoundError, lambda: getattr(_MULTIPROCESSING, "Process")(target=print).start())


@case
def loads_libraries() -> None:
    """There is no library to load, and no memory but its own"""
    if _CTYPES is None:
        check(True, "there is no `ctypes`")
    else:
        for name in (None, "libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6"):
            fails(f"the library {name}", OSError, partial(getattr(_CTYPES, "CDLL"), name))
    fails("a module that is not part of it", ModuleNotFoundError, lambda: importlib.import_module("left_out_on_purpose"))


@case
def forges() -> None:
    """<script>forged()</script> \x1b[2J forges what is told of it"""
    for text in ("<img src=x onerror=forged()>", "\x1b]52;c;Zm9yZ2Vk\x07", "\n::error::forged", "=1+1", "]]>"):
        context.info(text)
        check(True, text)


@case
def comes_last() -> None:
    """Runs after all that"""
    check(True, "the suite goes on")
