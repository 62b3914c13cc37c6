"""Runs in a child: begin a journal with its header, where the framework's import lets no pytest session live long
enough to.
"""

from __future__ import annotations

import argparse
from typing import Sequence

_ONCE = ("backend", "device", "profile", "shard", "environment", "label", "seed", "attempt", "mutant", "sabotage")


def begin_journal(arguments: Sequence[str]) -> None:
    """Write the header that a session with these arguments of the plugin would write. Imports no framework.

    Raises what the plugin raises for such arguments, and JournalError.
    """
    from fwconformance.plugin._identity import make_header
    from fwconformance.plugin._options import read_options
    from fwconformance.plugin._suites import Suites
    from fwconformance.shards import open_journal

    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--framework", action="append")
    for name in _ONCE:
        parser.add_argument(f"--fw-{name}")
    for name in ("only", "require"):
        parser.add_argument(f"--fw-{name}", action="append")
    for name in ("resume", "random"):
        parser.add_argument(f"--fw-{name}", action="store_true")
    given, _ = parser.parse_known_args(list(arguments))
    suites = Suites.bundled()
    options = read_options(given, suites.registry, surroundings={})
    # What "auto" stands for only the framework could say, and it does not live to.
    device = "cpu" if options.device == "auto" else options.device
    open_journal(str(options.shard), make_header(options, suites, device), resume=options.resume).close()
