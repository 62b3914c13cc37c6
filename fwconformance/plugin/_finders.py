"""Finders of modules from before Python 3.4, which some library of a framework's time may have left in the interpreter.

six 1.15, which TensorFlow 2.4 asks for, puts one on `sys.meta_path`. Python up to 3.11 asks such a finder in the old
way; pytest, importing a file by its path, asks every finder for a spec.
"""

from __future__ import annotations

import functools
import importlib.machinery
import importlib.util
import sys
from typing import Any


def give_specs() -> None:
    """Let every finder on `sys.meta_path` that knows the old way alone answer in the new one."""
    finders: list[Any] = list(sys.meta_path)
    for finder in finders:
        if not hasattr(finder, "find_spec") and hasattr(finder, "find_module"):
            finder.find_spec = functools.partial(_spec, finder)


def _spec(finder: Any, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
    loader = finder.find_module(name, path)
    return None if loader is None else importlib.util.spec_from_loader(name, loader)
