"""--claims: claim files of other people beside the bundled one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Sequence

from fwconformance.cli._errors import CommandError


def add_claims(parser: argparse.ArgumentParser) -> None:
    """The option, which may be repeated."""
    parser.add_argument(
        "--claims",
        action="append",
        default=[],
        metavar="FILE",
        type=Path,
        help="another claim file beside the bundled one; repeatable",
    )


def claim_files(options: argparse.Namespace) -> Sequence[Path]:
    """Those that were given. Raises CommandError for one that is not there, and for two of one name."""
    seen: dict[str, Path] = {}
    for path in options.claims:
        if not path.is_file():
            raise CommandError(f"{path}: there is no such claim file")
        if path.name in seen:
            raise CommandError(f"{path} has the name of {seen[path.name]}; a report keeps both, so rename one")
        seen[path.name] = path
    return tuple(seen.values())
