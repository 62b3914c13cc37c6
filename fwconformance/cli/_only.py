"""What --only names: capabilities, cases of them, and groups ("binding.java.*")."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Iterable

from fwconformance.cli._errors import CommandError

if TYPE_CHECKING:
    from fwconformance.registry import Registry

METAVAR = "CAPABILITY[:CASE]"
HELP = "; a * stands for any characters of a capability's id (binding.java.*)"


def expanded(given: Iterable[str], registry: Registry) -> list[str]:
    """`given` with each group as the active capabilities in it, in order. Raises CommandError for one that is empty."""
    found: dict[str, None] = {}
    for item in given:
        if "*" not in item:
            found[item] = None
            continue
        name, colon, case = item.partition(":")
        group = [one.id for one in registry.active() if fnmatchcase(one.id, name)]
        if not group:
            raise CommandError(
                f"--only {item}: no capability with a test is called so; `fwconformance list capabilities` names them"
            )
        found.update(dict.fromkeys(f"{one}{colon}{case}" for one in group))
    return list(found)
