"""The framework of a run, made once, when the first case asks for it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Iterable

from fwconformance.evidence import Level, weakest
from fwconformance.frameworks import CatalogError, Unavailable, create
from fwconformance.plugin._classify import FrameworkNotMade

if TYPE_CHECKING:
    from fwconformance.frameworks import Sabotage, Seam
    from fwconformance.plugin._options import Options


class Adapter:
    """Makes the seam, remembers why it could not be made, and knows what it saw."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._seam: Seam | None = None
        self._error: Exception | None = None
        self._device = options.device
        self._version: str | None = None

    @property
    def version(self) -> str:
        """Version of the framework's own distribution, by its metadata; "0" where it has none."""
        if self._version is None:
            versions = self._options.entry.versions(self._options.backend)
            self._version = next(iter(versions.values()), "0")
        return self._version

    def seam(self) -> Seam:
        """The framework behind the seam.

        Raises Unavailable where its device is not there, FrameworkNotMade where importing it or making its adapter
        raised: the same each time, without trying again.
        """
        if self._error is not None:
            raise self._error
        if self._seam is None:
            try:
                self._seam = self._make(self._device)
            except Exception as error:
                self._error = error
                raise
        return self._seam

    def _make(self, device: str) -> Seam:
        options = self._options
        extra: Any = {"mutant": options.mutant} if options.mutant else {}
        try:
            made = create(options.entry.name, options.backend, device, **extra)
        except (Unavailable, CatalogError):
            raise
        except Exception as error:
            if options.mutant:
                raise
            what = f"{options.entry.name} cannot be made: {type(error).__name__}: {error}"
            raise FrameworkNotMade(what) from error
        from fwconformance.frameworks import Seam

        return Seam(made)

    def resolve_device(self) -> str:
        """The device asked for; for "auto" the one that the framework chose, "cpu" where it cannot be made to say."""
        if self._device == "auto":
            try:
                self._device = self.seam().device
            except Exception:  # every case will say what is wrong
                self._device = "cpu"
        return self._device

    def observed(self) -> tuple[str, ...]:
        """Devices that tensors were seen on since `forget`, sorted."""
        return tuple(sorted(self._seam.observed)) if self._seam is not None else ()

    def capped(self, level: Level | None) -> Level | None:
        """`level`, or what the adapter says that its device proves at most, where that is weaker."""
        if level is None or self._seam is None:
            return level
        return weakest([level, Level(self._seam.evidence)])

    def forget(self) -> None:
        """A new case begins: what was seen before says nothing about it."""
        if self._seam is not None:
            self._seam.observed.clear()
            self._seam.native_types.clear()

    def check_fault(self, device: str) -> None:
        """Raise where the mutant or sabotage asked for does not exist."""
        if self._options.sabotage:
            self.sabotage()
            return
        from fwconformance.frameworks.reference._mutants import MUTANTS

        if self._options.mutant not in MUTANTS:
            raise KeyError(_unknown(self._options.entry.name, "mutant", self._options.mutant, MUTANTS))
        self._make(device)

    def sabotage(self) -> Sabotage:
        """The sabotage asked for. Raises KeyError, naming the nearest of those that there are."""
        known = {each.name: each for each in self.seam().sabotages()}
        if self._options.sabotage not in known:
            raise KeyError(_unknown(self._options.entry.name, "sabotage", self._options.sabotage, known))
        return known[self._options.sabotage]


def _unknown(framework: str, kind: str, name: str, known: Iterable[str]) -> str:
    """That there is no such fault, and which is meant: there may be two hundred."""
    names = sorted(known)
    if not names:
        instead = "; its faults are mutants: --fw-mutant" if framework == "reference" else ""
        return f"{framework} has no {kind} at all{instead}"
    near = difflib.get_close_matches(name, names, 3)
    meant = (
        f"did you mean {', or '.join(near)}?" if near else f"`fwconformance proofs --framework {framework}` names them"
    )
    return f"{framework} has no {kind} {name!r} among its {len(names)}; {meant}"
