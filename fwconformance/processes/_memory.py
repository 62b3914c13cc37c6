"""How much memory this process has had at most."""

from __future__ import annotations

import pathlib
import re
import sys

_STATUS = pathlib.Path("/proc/self/status")


def peak_memory(status: pathlib.Path = _STATUS) -> int:
    """Peak resident memory of this process in bytes; 0 where the system does not say.

    Linux is asked by /proc: what getrusage says there is never less than what the process that started this one had.
    """
    try:
        found = re.search(r"^VmHWM:\s*(\d+) kB$", status.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    if found is not None:
        return int(found[1]) * 1024
    try:
        import resource
    except ImportError:
        return 0
    scale = 1 if sys.platform == "darwin" else 1024
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * scale
