"""Probes: how `unsupported` is earned.

A probe asks the framework, in this process, whether it has a thing. What it answers is the evidence. A probe must flip
where the thing exists: then `refuse` raises `NotAdapted`, since the framework has moved on and our adapter has not.
"""

from __future__ import annotations

from typing import Any, Callable, NoReturn, Protocol

import attrs

from fwconformance.frameworks._protocol import NotAdapted, Unsupported


class Probe(Protocol):
    """Asks the framework once; see `Lookup` and `Refusal`."""

    def run(self) -> tuple[bool, str]:
        """(the thing is absent, the evidence in words)."""
        ...


@attrs.frozen(kw_only=True)
class Lookup:
    """Looks for any of `names` (dotted) below `root`, a module or class called `label` in the evidence."""

    root: Any
    label: str
    names: tuple[str, ...]

    def run(self) -> tuple[bool, str]:
        found = [name for name in self.names if self._has(name)]
        if found:
            return False, f"{self.label} has {', '.join(found)}"
        return True, f"{self.label} has none of: {', '.join(self.names)}"

    def _has(self, dotted: str) -> bool:
        here = self.root
        for part in dotted.split("."):
            try:
                here = getattr(here, part)
            except Exception:  # a lazy module may raise anything while it decides that it has no such attribute
                return False
        return True


@attrs.frozen(kw_only=True)
class Refusal:
    """Makes a call that works if the thing exists and expects the framework's own `error`, its text containing
    `saying`.
    """

    call: Callable[[], object]
    label: str
    error: type[BaseException] | tuple[type[BaseException], ...]
    saying: str = ""

    def run(self) -> tuple[bool, str]:
        try:
            self.call()
        except self.error as caught:
            text = " ".join(str(caught).split())
            if self.saying.lower() not in text.lower():
                raise
            return True, f"{self.label}: {type(caught).__name__}: {text[:300]}"
        return False, f"{self.label}: no error"


@attrs.frozen(kw_only=True)
class Seen:
    """What was seen of the framework while it worked, where that alone says whether the thing is `absent`."""

    absent: bool
    evidence: str

    def run(self) -> tuple[bool, str]:
        return self.absent, self.evidence


def refuse(probe: Probe, *, note: str = "") -> NoReturn:
    """Run `probe`; raise `Unsupported` with its evidence, or `NotAdapted` where the thing turns out to exist.

    `note` comes first in the message: "through Keras".
    """
    absent, evidence = probe.run()
    prefix = f"{note}: " if note else ""
    if absent:
        raise Unsupported(prefix + evidence, probe=probe)
    raise NotAdapted(f"our adapter does not do this yet, though {evidence}")
