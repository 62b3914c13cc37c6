"""What an installed distribution says that it requires."""

from __future__ import annotations

import re
from importlib import metadata

from fwconformance.frameworks._protocol import Unavailable


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
