"""`fwconformance suite-revision`: which suites these are."""

from __future__ import annotations

import argparse

from fwconformance._version import __version__
from fwconformance.cli._errors import Exit
from fwconformance.cli._output import out

NAME = "suite-revision"
SUMMARY = "print the package version and the content hash of suites, fixtures and adapters"
DESCRIPTION = (
    "Print the suite revision that shards carry. Equal in a checkout and in the installed wheel; needs no git."
)
EXAMPLES = """\
examples:
  fwconformance suite-revision       # 0.1.0 sha256:...
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def execute(options: argparse.Namespace) -> int:
    from fwconformance.registry import suite_content

    out(f"{__version__} {suite_content()}")
    return Exit.MEASURED
