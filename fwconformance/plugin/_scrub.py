"""Messages without machine paths, user names and memory addresses, so that they can be published and compared."""

from __future__ import annotations

import getpass
import os
import re
import socket
import tempfile
from pathlib import Path
from typing import Iterable

from fwconformance.shards import printable

#: Longest message kept.
LIMIT = 800
_READ = 20 * LIMIT  # of a text; the rest would be cut off anyway

_INSTALLED = re.compile(r"(?:[A-Za-z]:)?[\\/]+(?:[^\s'\"<>|:()]+[\\/])?(?:site|dist)-packages[\\/]+")
_STANDARD = re.compile(r"(?:[A-Za-z]:)?[\\/]+(?:[^\s'\"<>|:()]+[\\/])?lib[\\/]+python3\.\d+[\\/]+")
_HOMES = re.compile(r"([\\/](?:home|Users)[\\/]+)[^\s\\/'\":,;()<>]+")
_PYTEST_OF = re.compile(r"\bpytest-of-[^\s\\/'\"]+")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_PROCESS = re.compile(r"\b(pid|PID)([ =:]+)\d+\b")

_PART = r"[^\s\\/'\"`<>|:;,*?()\[\]{}]+"
_SPACED = r"[^\\/'\"`<>|:;,*?()\[\]{}]+"  # of a path whose separators are rare in prose
# Absolute paths of at least two components, and before them what looks like one and is to stay: URLs, and what already
# is a stand-in. A slash after a word or a bracket divides, or parts a relative path; TensorFlow's names of devices
# (/job:localhost/...) have no second component before their colon.
_PATHS = re.compile(
    rf"""
    (?P<stays> \b(?!file:)[A-Za-z][A-Za-z0-9+.-]+://[^\s'\"<>]+
             | <[\w.-]+>(?:[\\/]+{_PART})+
             | [\\/](?:home|Users)[\\/]+<user>(?:[\\/]+{_PART})*
             | (?<![\w.])(?:\.\.?|~)(?:[\\/]+{_PART})+ )
    | \bfile://[\w.-]*(?:/+[A-Za-z]:)?(?:/+{_PART})*/(?P<url>{_PART})
    | (?P<quote>['"`])/(?=\S)(?:[^/\\'"`]+/+)+(?P<quoted>[^/\\'"`]+)(?=(?P=quote))
    | (?:(?<![\w.)\]}}%*/\\-])|(?<=\.\.\.)|(?<=[\s'\"(=]-[A-Z])|(?<=^-[A-Z]))/+(?:{_PART}/+)+(?P<posix>{_PART})
    | (?<!\w)[A-Za-z]:[\\/]+(?:{_SPACED}[\\/]+)+(?P<windows>{_PART})
    | (?<![\w)\]\\/:.])\\{{2,}}(?!x[0-9a-f]{{2}}|[uU][0-9a-f]{{4}})[\w.$-]{{2,}}\\+(?:{_SPACED}\\+)*(?P<share>{_PART})
    """,
    re.VERBOSE,
)

# Names that a machine may have and that mean something else in a message.
_WORDS = re.compile(
    r"host|path|tmp|user|local(host|domain)?|linux|windows|darwin|ubuntu|debian|fedora|docker|container|build(er)?"
    r"|runner|worker|node|server|tests?|cpu|gpu|cuda|tpu|python|pytest|numpy|torch|pytorch|tensorflow|keras|mxnet|jax"
    r"|reference|tensor|model|train",
    re.IGNORECASE,
)
_SHORTEST_HOST = 3


class Scrubber:
    """Takes out of a text what belongs to one machine.

    Args:
        places: (path, what to say instead); longer paths are replaced first, so that one inside another wins.
        user: the user's name, replaced where it stands as a component of a path.
        hosts: names of the machine, replaced where they stand as whole words, but for those that are too short, or
            words of our field, to be told from the rest of a message.
    """

    def __init__(self, places: Iterable[tuple[str, str]], user: str = "", hosts: Iterable[str] = ()) -> None:
        known = {os.path.normpath(path): instead for path, instead in places if len(os.path.normpath(path)) > 1}
        ordered = sorted(known.items(), key=lambda item: -len(item[0]))
        # A path ends where its next character cannot belong to the same component.
        self._places: list[tuple[re.Pattern[str], str]] = [
            (re.compile(r"(?<![\w./\\-])" + re.escape(path) + r"(?![\w-])(?!\.\w)"), instead)
            for path, instead in ordered
        ]
        self._user = re.compile(r"(?<=[\\/])" + re.escape(user) + r"(?=[\\/]|$)") if user else None
        names = sorted((name for name in set(hosts) if _tells(name)), key=lambda name: (-len(name), name))
        alternatives = "|".join(map(re.escape, names))
        self._hosts = re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])", re.IGNORECASE) if names else None

    def __call__(self, text: str) -> str:
        """`text` on one line, scrubbed, at most `LIMIT` characters long."""
        text = printable(text[:_READ])
        if "/" in text or "\\" in text:
            text = _INSTALLED.sub("site-packages/", text)
            for pattern, instead in self._places:
                text = pattern.sub(lambda _, said=instead: said, text)  # type: ignore[misc]
            text = _STANDARD.sub("python/", text)
            text = _HOMES.sub(r"\1<user>", text)
            text = _PATHS.sub(_shortened, text)
            text = _PYTEST_OF.sub("pytest-of-<user>", text)
            if self._user is not None:
                text = self._user.sub("<user>", text)
        if self._hosts is not None:
            text = self._hosts.sub("<host>", text)
        text = _ADDRESS.sub("0x...", text)
        text = _PROCESS.sub(r"\1\2...", text)
        return text if len(text) <= LIMIT else text[: LIMIT - 3] + "..."


def _shortened(match: re.Match[str]) -> str:
    """Of a path, its last component."""
    found = match.groupdict()
    if found["stays"] is not None:
        return match.group()
    last = next(found[name] for name in ("url", "quoted", "posix", "windows", "share") if found[name] is not None)
    return f"{found['quote'] or ''}<path>/{last}"


def _tells(name: str) -> bool:
    return len(name) >= _SHORTEST_HOST and not name.isdigit() and not _WORDS.fullmatch(name)


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
    try:
        host = socket.gethostname()
    except OSError:
        host = ""
    return Scrubber(places, user, (host, host.split(".", maxsplit=1)[0]))
