"""Which public names of a package have a docstring. Run as a script in a process that has imported nothing else.

Public is what is reached from the top-level module: the names in its `__all__`, else those without a leading
underscore; of what they are, functions, classes with their public methods, and submodules of the package, of which the
same holds. Each object counts once, however often it is reached. Only the standard library: it runs anywhere.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import time
import types
from typing import Any, Iterator

LIMIT = 60.0  # seconds for the walk
_WORD = re.compile(r"[^\W\d_]{2,}")
# What Boost.Python, pybind11 and the like write by themselves: how a function is called, in C++ or in Python.
_SIGNATURE = re.compile(r"^\s*(\w[\w.]*\(.*(->.*|:)?|Overloaded function\.|\d+\. .*->.*)\s*$")
_IN_C = re.compile(r"^\s*C\+\+ signature ?:?[ \t]*\n[^\n]*", re.MULTILINE)


class TooLong(Exception):
    """The walk took longer than it may."""


def walk(root: types.ModuleType, *, limit: float = LIMIT) -> dict[str, bool]:
    """Public name to whether its docstring has a sentence. Raises TooLong."""
    found: dict[str, bool] = {}
    package = root.__name__.split(".")[0]
    seen: set[int] = {id(root)}
    deadline = time.monotonic() + limit
    waiting = [(root.__name__, root)]
    while waiting:
        path, module = waiting.pop(0)
        for name, value in _public(module):
            if time.monotonic() > deadline:
                raise TooLong(f"{root.__name__}: more than {limit:g} s for its public names, {len(found)} so far")
            if id(value) in seen:
                continue
            if isinstance(value, types.ModuleType):
                if str(_told(value, "__name__")).split(".")[0] == package:
                    seen.add(id(value))
                    waiting.append((f"{path}.{name}", value))
            elif _is_of(value, package):
                seen.add(id(value))
                found[f"{path}.{name}"] = has_sentence(value)
                if inspect.isclass(value):
                    for method, inner in _methods(value):
                        if id(inner) not in seen:
                            seen.add(id(inner))
                            found[f"{path}.{name}.{method}"] = has_sentence(inner)
    return found


def has_sentence(value: Any) -> bool:
    """Whether its own docstring has, beside signatures, three words in a row or more."""
    text = _told(value, "__doc__")
    if not isinstance(text, str):
        return False
    prose = [line for line in _IN_C.sub("", text).splitlines() if not _SIGNATURE.match(line)]
    return any(len(_WORD.findall(line)) >= 3 for line in prose)


def _public(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    listed = getattr(module, "__all__", None)
    names = dir(module) if listed is None else listed
    for name in sorted(set(map(str, names))):
        if listed is not None or not name.startswith("_"):
            try:
                value = getattr(module, name)
            except Exception:  # noqa: S112  a name that cannot be had is none that a user reaches
                continue
            yield name, value


def _is_of(value: Any, package: str) -> bool:
    """A function or class of the package; one in C, which often tells no module, is where it is reached."""
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return False
    home = _told(value, "__module__")
    return not isinstance(home, str) or home.split(".")[0].lstrip("_") == package


def _told(value: Any, attribute: str) -> Any:
    """The attribute, or None: a lazy module raises whatever it likes once it is asked, even for its name."""
    try:
        return getattr(value, attribute)
    except Exception:
        return None


def _methods(kind: type) -> Iterator[tuple[str, Any]]:
    """Its own public methods and properties, not those that it inherits: they count where they are."""
    for name, value in sorted(vars(kind).items()):
        inner = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        if not name.startswith("_") and (inspect.isroutine(inner) or isinstance(inner, property)):
            yield name, inner


def main() -> None:
    """Print {"documented": n, "names": n, "without": [...]} for the module that the command line names."""
    found = walk(importlib.import_module(sys.argv[1]))
    without = [name for name, has in found.items() if not has]
    print(json.dumps({"documented": len(found) - len(without), "names": len(found), "without": without[:20]}))


if __name__ == "__main__":
    main()
