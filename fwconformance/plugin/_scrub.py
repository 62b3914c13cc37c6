"""Messages without machine paths, user names and memory addresses, so that they can be published and compared."""

from __future__ import annotations

import getpass
import os
import re
import tempfile
from pathlib import Path
from typing import Iterable

#: Longest message kept.
LIMIT = 800

_INSTALLED = re.compile(r"(?:[A-Za-z]:)?[\\/](?:[^\s'\"<>|:()]+[\\/])?(?:site|dist)-packages[\\/]")
_STANDARD = re.compile(r"(?:[A-Za-z]:)?[\\/](?:[^\s'\"<>|:()]+[\\/])?lib[\\/]python3\.\d+[\\/]")
_HOMES = re.compile(r"([\\/](?:home|Users)[\\/])[^\s\\/'\":,;()<>]+")
_PYTEST_OF = re.compile(r"\bpytest-of-[^\s\\/'\"]+")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_PROCESS = re.compile(r"\b(pid|PID)([ =:]+)\d+\b")


class Scrubber:
    """Takes out of a text what belongs to one machine.

    Args:
        places: (path, what to say instead); longer paths are replaced first, so that one inside another wins.
        user: the user's name, replaced where it stands as a component of a path.
    """

    def __init__(self, places: Iterable[tuple[str, str]], user: str = "") -> None:
        known = {os.path.normpath(path): instead for path, instead in places if len(os.path.normpath(path)) > 1}
        ordered = sorted(known.items(), key=lambda item: -len(item[0]))
        # A path ends where its next character cannot belong to the same component.
        self._places: list[tuple[re.Pattern[str], str]] = [
            (re.compile(r"(?<![\w./\\-])" + re.escape(path) + r"(?![\w-])(?!\.\w)"), instead)
            for path, instead in ordered
        ]
        self._user = re.compile(r"(?<=[\\/])" + re.escape(user) + r"(?=[\\/]|$)") if user else None

    def __call__(self, text: str) -> str:
        """`text` on one line, scrubbed, at most `LIMIT` characters long."""
        text = " ".join(text.split())
        if "/" in text or "\\" in text:
            text = _INSTALLED.sub("site-packages/", text)
            for pattern, instead in self._places:
                text = pattern.sub(lambda _, said=instead: said, text)  # type: ignore[misc]
            text = _STANDARD.sub("python/", text)
            text = _HOMES.sub(r"\1<user>", text)
            text = _PYTEST_OF.sub("pytest-of-<user>", text)
            if self._user is not None:
                text = self._user.sub("<user>", text)
        text = _ADDRESS.sub("0x...", text)
        text = _PROCESS.sub(r"\1\2...", text)
        return text if len(text) <= LIMIT else text[: LIMIT - 3] + "..."


def scrubber(*, suites: str, package: str, working: str, temporary: str = "") -> Scrubber:
    """One for this process. `temporary`: pytest's own temporary folder, which may lie anywhere."""
    places = [
        (suites, "suites"),
        (package, "fwconformance"),
        (working, "."),
        (str(Path("~").expanduser()), "~"),
        (tempfile.gettempdir(), "<tmp>"),
        (os.path.realpath(tempfile.gettempdir()), "<tmp>"),
    ]
    if temporary:
        places.append((temporary, "<tmp>"))
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container may run under an id without a name
        user = ""
    return Scrubber(places, user)
