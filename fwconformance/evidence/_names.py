"""What an environment may be called. Pure."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


def environment_name(name: str) -> str:
    """`name` itself, where it can stand for a column and in the name of a file.

    Raises ValueError where it has other than letters, digits, ".", "_" and "-", or begins with a dot or a dash.
    """
    if not _PLAIN.fullmatch(name):
        raise ValueError(
            f"{name!r} is no name for an environment; use letters, digits, '.', '_' and '-', and begin with neither "
            "a dot nor a dash"
        )
    return name
