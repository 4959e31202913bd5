"""Tests of the SDK without a host. The contract's bindings are those for checkers, which `build.sh --check` makes; what they run on in a
component is not there and is not used."""

import os
import sys
import types
from contextvars import ContextVar
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_TARGET = Path(os.environ.get("CARGO_TARGET_DIR", _ROOT / "target"))
sys.path[:0] = [str(_TARGET / "python/bindings"), str(_ROOT / "sdk/python")]

for _name, _items in {
    "componentize_py_async_support": (),
    "componentize_py_async_support.streams": ("StreamReader", "StreamWriter", "ByteStreamReader", "ByteStreamWriter"),
    "componentize_py_async_support.futures": ("FutureReader", "FutureWriter"),
}.items():
    _module = types.ModuleType(_name)
    for _item in _items:
        setattr(_module, _item, type(_item, (), {}))
    sys.modules[_name] = _module

# Outside of a component no call of the host is under way.
setattr(sys.modules["componentize_py_async_support"], "_future_state", ContextVar("no calls"))
