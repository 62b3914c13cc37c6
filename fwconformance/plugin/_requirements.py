"""Requirements: what must be met for a run to count. One function decides, for pytest and for the command line
alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterable, Mapping, Protocol

from fwconformance.evidence import Level, Status

if TYPE_CHECKING:
    from fwconformance.registry import Registry


class CellLike(Protocol):
    """What is asked of a cell: `fwconformance.evidence.CellFold` and the matrix's cells both have it."""

    @property
    def status(self) -> Status: ...

    @property
    def level(self) -> Level | None: ...

    @property
    def reason(self) -> str: ...


def parse_requirement(text: str, registry: Registry) -> tuple[str, Level]:
    """(capability, weakest level that meets it); the capability is "hardware" for that requirement.

    `hardware`; `CAPABILITY`, at any level; `CAPABILITY:LEVEL`. Raises ValueError with what is wrong and what there is.
    """
    name, _, level = text.strip().partition(":")
    if name == "hardware" and not level:
        return name, Level.HARDWARE
    capability = registry.capabilities.get(name)
    if capability is None:
        near = [known for known in sorted(registry.capabilities) if known.split(".")[0] == name.split(".")[0]]
        known = ", ".join(near or sorted({known.split(".")[0] + ".*" for known in registry.capabilities}))
        raise ValueError(f"requirement {text!r}: no capability {name!r}; `hardware` or one of: {known}")
    if not capability.active:
        raise ValueError(f"requirement {text!r}: {name} is planned, there is no test for it yet")
    try:
        return name, Level(level) if level else Level.DECLARED
    except ValueError:
        levels = ", ".join(known.value for known in Level)
        raise ValueError(f"requirement {text!r}: no evidence level {level!r}; one of: {levels}") from None


def unmet(requirements: Iterable[tuple[str, Level]], cells: Mapping[str, CellLike]) -> list[str]:
    """What is not met, a line each, naming every cell; empty where all is.

    A capability is met by a cell that is `supported` at its level or better. `hardware` is met where at least one cell
    is `supported` and every supported one has the level hardware.

    Args:
        requirements: as `parse_requirement` gives them.
        cells: by capability, of one framework in one environment; one that is not there is untested.
    """
    lines: list[str] = []
    for name, level in dict.fromkeys(requirements):
        if name == "hardware":
            supported = {
                capability: cell for capability, cell in sorted(cells.items()) if cell.status is Status.SUPPORTED
            }
            if not supported:
                lines.append("hardware: no cell is supported" + _first_reason(cells))
            lines += [
                f"hardware: {capability} is supported at level {_word(cell.level)} only"
                for capability, cell in supported.items()
                if cell.level is not Level.HARDWARE
            ]
            continue
        cell = cells.get(name)
        wanted = f"{name}: required" + ("" if level is Level.DECLARED else f" at level {level.value}")
        if cell is None:
            lines.append(f"{wanted}, untested: not run")
        elif cell.status is not Status.SUPPORTED:
            lines.append(f"{wanted}, {cell.status.value}" + (f": {cell.reason}" if cell.reason else ""))
        elif cell.level is None or not cell.level.at_least(level):
            lines.append(f"{wanted}, supported at level {_word(cell.level)} only")
    return lines


def _first_reason(cells: Mapping[str, CellLike]) -> str:
    reasons = {cell.reason for cell in cells.values() if cell.reason}
    return f" ({reasons.pop()})" if len(reasons) == 1 else ""


def _word(level: Level | None) -> str:
    return level.value if level else "none"
