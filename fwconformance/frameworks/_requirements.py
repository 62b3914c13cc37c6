"""What an installed distribution says that it requires."""

from __future__ import annotations

import re
from importlib import metadata

from fwconformance.frameworks._protocol import Unavailable


def summary(distribution: str) -> str:
    """What the metadata of `distribution` say that it is, in one line. Raises Unavailable where it is not installed."""
    try:
        said = metadata.metadata(distribution)
    except metadata.PackageNotFoundError:
        raise Unavailable(f"{distribution} is not installed: `pip install {distribution}`") from None
    return said["Summary"] if "Summary" in said else ""  # noqa: SIM401  typed without `get`


def required(distribution: str) -> dict[str, str]:
    """Distributions that `distribution` requires without an extra, to their specifiers ("" for any version).

    Names are normalised (PEP 503). Raises Unavailable where it is not installed.
    """
    try:
        stated = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        raise Unavailable(f"{distribution} is not installed: `pip install {distribution}`") from None
    found = {}
    for each in stated:
        requirement, _, marker = each.partition(";")
        if "extra" in marker:
            continue
        name, specifier = re.match(r"\s*([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*\(?([^)]*)\)?", requirement).groups()  # type: ignore[union-attr]
        found[re.sub(r"[-_.]+", "-", name).lower()] = specifier.strip()
    return found
