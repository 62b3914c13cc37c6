"""A framework's own Python as a binding like the others: a program in a process of its own, with no code of ours."""

from __future__ import annotations

import platform
import re
import sys

from fwconformance.frameworks._pieces_bindings import RUNGS, Project


def program(framework: str, title: str, version: str) -> Project:
    """Of `framework`, called `title`, that says of itself that it is `version`."""
    number = re.match(r"\d+(\.\d+)*", version)
    return Project(
        language="python",
        framework=framework,
        artifact=f"the installed Python package of {title}",
        lineage="official",
        because=f"{title}'s own project releases it, and documents this interface first.",
        folder=f"python/{framework}",
        shared="python/shared",
        tool="python",
        rungs=RUNGS[1:],
        # For the key under which the program is kept: it is compiled by one Python for that one.
        settings={"PYTHON": sys.executable, "PYTHON_VERSION": platform.python_version()},
        # Builds ("+cpu") and posts are of one release.
        version=number.group() if number else version,
    )
