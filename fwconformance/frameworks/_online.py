"""Whether this run may reach beyond the machine it is on."""

from __future__ import annotations

import os

from fwconformance.frameworks._protocol import Unavailable

#: Variable of the environment that says so, for runs and the processes that they start.
ONLINE = "FWCONFORMANCE_ONLINE"


def require_online(what: str) -> None:
    """Raises Unavailable, saying how to ask for it, where the run may not fetch `what`."""
    if os.environ.get(ONLINE, "") in ("", "0"):
        raise Unavailable(f"{what} need network access: allow it with --online (pytest: --fw-online)")
