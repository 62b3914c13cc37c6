"""One case while it runs: what is known of it so far, and what that makes of it in the end."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Mapping, Sequence

from fwconformance.evidence import Details, Figure, Header, Level, Observation, Outcome, weakest
from fwconformance.shards import line_of

if TYPE_CHECKING:
    from fwconformance.plugin._adapter import Adapter
    from fwconformance.plugin._case import Case
    from fwconformance.plugin._classify import Classified

NO_FIGURES: Mapping[str, Figure] = {}
NO_DETAILS: Details = {}


class CaseRun:
    """One run of one case.

    Attributes:
        fixture: the `case` fixture, if the test asked for it.
        outcome: None until it is known to be other than passed.
    """

    __slots__ = (
        "_temporary",
        "capability",
        "case",
        "details",
        "devices",
        "duration",
        "figures",
        "finding",
        "fixture",
        "level",
        "message",
        "outcome",
    )

    def __init__(self, capability: str, case: str) -> None:
        self.capability = capability
        self.case = case
        self.fixture: Case | None = None
        self.outcome: Outcome | None = None
        self.level: Level | None = None
        self.message = ""
        self.finding: str | None = None
        self.duration: float | None = None
        self.devices: tuple[str, ...] = ()
        self.figures: Mapping[str, Figure] = NO_FIGURES
        self.details = NO_DETAILS
        self._temporary: Path | None = None

    def temporary(self) -> Path:
        """A folder of this case's own, there until the case ends."""
        if self._temporary is None:
            self._temporary = Path(tempfile.mkdtemp(prefix="fwconformance-"))
        return self._temporary

    def clean_up(self) -> None:
        """The case ended."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def settle(self, adapter: Adapter, device: str) -> None:
        """The call came back without an exception: whether that proves anything, and how strongly."""
        self.devices = adapter.observed()
        stated = self.fixture.stated if self.fixture else None
        compared = self.fixture.compared if self.fixture else 0
        self.level = adapter.capped(proven(self.devices, stated, device))
        if self.level is None:
            self.outcome = Outcome.BROKEN
            self.message = f"proves nothing: it states level hardware, and no tensor was seen on {device}"
            if stated is None:
                self.message = "proves nothing: no tensor of the framework was looked at, and the test states no level"
        elif stated is None and not compared:
            self.level, self.outcome = None, Outcome.BROKEN
            self.message = "proves nothing: the test compared nothing with `case.assert_close`, and states no level"

    def fell(self, classified: Classified, adapter: Adapter, device: str) -> None:
        """An exception ended it."""
        self.devices = adapter.observed()
        self.outcome, self.message, self.finding = classified.outcome, classified.message, classified.finding
        self.level = None
        if self.outcome is Outcome.UNSUPPORTED:
            self.level = Level.HARDWARE  # the probe ran in this process
        elif self.outcome is Outcome.FAILED:
            stated = self.fixture.stated if self.fixture else None
            # On a CPU whatever fails, fails on the real device; elsewhere only what was seen there does.
            shown = proven(self.devices, stated, device) or (Level.HARDWARE if kind(device) == "cpu" else None)
            self.level = adapter.capped(shown)

    def line(self, attempt: int, scrub: Callable[[str], str], *, timed: bool) -> str:
        """The case is over: what is to be kept of it, as the journal's line. Without a duration, if not `timed`."""
        if self.message:
            self.message = scrub(self.message)
        self.duration = round(self.duration, 6) if timed and self.duration is not None else None
        if self.fixture is not None:
            self.figures = self.fixture.figures
            self.details = {
                kind: {name: scrub(text) for name, text in named.items()}
                for kind, named in self.fixture.details.items()
            }
            self.fixture = None
        return line_of(
            attempt,
            self.capability,
            self.case,
            self.details,
            self.devices,
            self.duration,
            self.figures,
            self.finding,
            self.level,
            self.message,
            self.outcome or Outcome.PASSED,
        )

    def observation(self, header: Header, attempt: int) -> Observation:
        """The same as data."""
        return Observation(
            key=header.key(self.capability, self.case),
            attempt=attempt,
            outcome=self.outcome or Outcome.PASSED,
            level=self.level,
            message=self.message,
            figures=dict(self.figures),
            device_observed=self.devices,
            duration=self.duration,
            finding=self.finding,
            details=self.details,
        )


def proven(devices: Sequence[str], stated: Level | None, device: str) -> Level | None:
    """The level that a case shows, None for none.

    Hardware where tensors were seen on the device asked for, and on no other; what the case states where that is
    weaker, or where it looked at no tensor. Nothing was run on an accelerator on which no tensor was seen, whatever
    the case states.
    """
    seen = Level.HARDWARE if devices and {kind(each) for each in devices} == {kind(device)} else None
    if stated is None:
        return seen
    if seen is not None:
        return weakest([seen, stated])
    if stated is Level.HARDWARE and (devices or kind(device) != "cpu"):
        return None
    return stated


def kind(device: str) -> str:
    """Device kind without its index."""
    return device.split(":", maxsplit=1)[0]
