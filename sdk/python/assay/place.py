"""Where in a suite something stands, as `file:line`: the innermost line that is neither of this package nor of Python's own library."""

from __future__ import annotations

import linecache
import re
import sys
from types import CodeType, FrameType, TracebackType

_NOT_OF_SUITES = frozenset({"assay", "componentize_py_async_support", "componentize_py_types", "wit_world", "poll_loop"})
_MOUNT = re.compile(r"^/\d+/")
"""Where the folders of a suite are while its component is built: `/0/`, `/1/`, ..."""


def of_caller() -> str | None:
    """The line of the suite that is being executed; none if there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if _is_of_suite(_module(frame)):
            return at(frame.f_code, frame.f_lineno)
        frame = frame.f_back
    return None


def of_traceback(trace: TracebackType | None) -> str | None:
    """The innermost line of the suite on the way of an exception; none if it passed none."""
    found = _innermost(trace)
    return None if found is None else at(found.tb_frame.f_code, found.tb_lineno)


def source(trace: TracebackType | None) -> str:
    """The text of that line; empty where it is not known."""
    found = _innermost(trace)
    return "" if found is None else linecache.getline(found.tb_frame.f_code.co_filename, found.tb_lineno).strip()


def keep_sources() -> None:
    """Keeps the text of all files of the suite, so that messages can show lines of it: when a component runs there are no files."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and _is_of_suite(name):
            lines = linecache.getlines(file)
            # Without a time the entry is not compared with the file.
            linecache.cache[file] = (sum(map(len, lines)), None, lines, file)


def at(code: CodeType, line: int) -> str:
    """A line of a file, without the folder in which it was while the component was built."""
    return f"{_MOUNT.sub('', code.co_filename)}:{line}"


def _innermost(trace: TracebackType | None) -> TracebackType | None:
    found = None
    while trace is not None:
        if _is_of_suite(_module(trace.tb_frame)):
            found = trace
        trace = trace.tb_next
    return found


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _is_of_suite(module: str) -> bool:
    package = module.partition(".")[0]
    return package not in _NOT_OF_SUITES and package not in sys.stdlib_module_names
