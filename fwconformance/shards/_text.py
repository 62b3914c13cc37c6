"""Text that every terminal, file and browser takes."""

from __future__ import annotations

import re

# Control characters (a terminal obeys ESC, a C program stops at NUL), what turns the direction of writing around, and
# lone surrogates: os.fsdecode() makes them of bytes that are no UTF-8, and no encoder takes them.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """`text` on one line: white space collapsed, and U+FFFD for each character that cannot be shown."""
    return _UNPRINTABLE.sub("\ufffd", " ".join(text.split()))


def free_text(text: str) -> str:
    """`text` itself, in somebody's own words, where it can be kept in a journal and shown.

    Raises ValueError where a character of it cannot.
    """
    found = _UNPRINTABLE.search(text)
    if found is None:
        return text
    lone = _LONE_SURROGATE.match(found.group())
    what = "bytes that are no UTF-8" if lone else f"the control character {found.group()!r}"
    raise ValueError(f"{text!r} holds {what}; use characters that can be printed, on one line")


def encodable(value: object) -> bool:
    """Whether every string in `value`, as read from JSON, can be written as UTF-8."""
    if isinstance(value, str):
        return _LONE_SURROGATE.search(value) is None
    if isinstance(value, dict):
        return all(encodable(name) and encodable(item) for name, item in value.items())
    return not isinstance(value, list) or all(map(encodable, value))
