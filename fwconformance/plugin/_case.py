"""The `case` fixture: this run of this case."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any, Callable, Mapping

from fwconformance._hypothesis_profile import EXAMPLES
from fwconformance.evidence import Figure, Level, Profile

if TYPE_CHECKING:
    from pathlib import Path

    from fwconformance.registry import Tolerance

Array = Any  # numpy.ndarray; NumPy is imported by the first comparison, not before


class Case:
    """What a test says about itself beyond passing or failing. It is the `case` fixture.

    Attributes:
        capability: id of the capability. id: id of the case in it.
        tolerance: of the capability; None where it declares none.
        profile: that is run, by name ("smoke", ...). seed: of the run.
        figures: measured so far, by name.
        details: said so far, by kind and by name.
        compared: how many comparisons were made.
        stated: the level stated with `level`, None if none was.
    """

    __slots__ = (
        "_rng",
        "_temporary",
        "capability",
        "compared",
        "details",
        "figures",
        "id",
        "profile",
        "seed",
        "stated",
        "tolerance",
    )

    def __init__(
        self,
        *,
        capability: str,
        case: str,
        tolerance: Tolerance | None,
        profile: Profile,
        seed: int,
        temporary: Callable[[], Path],
    ) -> None:
        self.capability = capability
        self.id = case
        self.tolerance = tolerance
        self.profile = profile.value
        self.seed = seed
        self.figures: dict[str, Figure] = {}
        self.details: dict[str, dict[str, str]] = {}
        self.compared = 0
        self.stated: Level | None = None
        self._temporary = temporary
        self._rng: Any = None

    def __repr__(self) -> str:
        return f"<case {self.capability}:{self.id}>"

    @property
    def examples(self) -> int:
        """How many Hypothesis examples this profile draws."""
        return EXAMPLES[self.profile]

    @property
    def tmp_path(self) -> Path:
        """An empty folder of this test's own."""
        return self._temporary()

    @property
    def rng(self) -> Any:
        """A `numpy.random.Generator` of this case's own: seeded by the run's seed, the capability and the case,
        whatever ran before.
        """
        if self._rng is None:
            import numpy as np

            words = hashlib.sha256(f"{self.seed}\n{self.capability}\n{self.id}".encode()).digest()
            self._rng = np.random.default_rng(int.from_bytes(words[:16], "big"))
        return self._rng

    def level(self, level: Level | str) -> None:
        """State how strong this case's evidence is, where tensors do not show it ("simulated": logical devices on a
        CPU).
        """
        self.stated = Level(level)

    def figure(
        self, name: str, value: float, unit: str, *, low: float | None = None, high: float | None = None
    ) -> None:
        """Keep a measured number; a second one of the same name replaces the first.

        Args:
            name: "forward", "held-out accuracy", ...
            value: finite.
            unit: "s", "1", "images/s", ...
            low: lower end of an interval, where it was estimated.
            high: its upper end.

        Raises ValueError for a number that is not finite or a unit that is empty.
        """
        numbers = [None if number is None else float(number) for number in (value, low, high)]
        if not all(number is None or math.isfinite(number) for number in numbers):
            raise ValueError(f"figure {name!r} is {value}: a figure is a finite number")
        if not unit:
            raise ValueError(f"figure {name!r} has no unit; a ratio or a count has the unit '1'")
        assert numbers[0] is not None
        self.figures[str(name)] = Figure(value=numbers[0], unit=unit, low=numbers[1], high=numbers[2])

    def detail(self, kind: str, name: str, text: str) -> None:
        """Keep what was seen of one of many things, in words; a second one of its kind and name replaces the first.

        Args:
            kind: what became of it ("lacking"): the report counts and names the things of each kind.
            name: of the thing ("Celu").
            text: how that was seen; one line, kept without machine paths, at most 800 characters of it.

        Raises ValueError where one of them is empty.
        """
        if not (kind and name and text.strip()):
            raise ValueError(f"a detail has a kind, a name and a text; of {kind!r}, {name!r} one is empty")
        self.details.setdefault(kind, {})[name] = text

    def assert_close(self, actual: Any, expected: Any, what: str = "outputs") -> None:
        """Assert ``|actual - expected| <= atol + rtol * |expected|`` everywhere, under the capability's tolerance.

        Keeps the largest distance of all comparisons of the case as figure "largest-error", and as "tolerance-used"
        the largest share of the tolerance that any value took (above 1: failed). Mappings are compared key by key.

        Args:
            actual: array or scalar of the framework, as the seam gives it.
            expected: array or scalar of the oracle; its floats may be wider than the framework's.
            what: names it in the message.

        Raises AssertionError, saying where it lies, how far off it is and how far was allowed, for values too far
        apart, shapes or kinds of dtype (real, integer, truth) that differ, and NaN. Raises ValueError where the
        comparison cannot show anything: no tolerance declared, nothing to compare, NaN in `expected`.
        """
        if isinstance(expected, Mapping):
            self._assert_all_close(actual, expected, what)
            return
        import numpy as np

        if self.tolerance is None:
            raise ValueError(
                f"{self.capability} declares no tolerance in capabilities.toml, so there is nothing to compare under"
            )
        got, wanted = np.asarray(actual), np.asarray(expected)
        if wanted.size == 0:
            raise ValueError(f"{what}: there is nothing to compare, the oracle's result has shape {wanted.shape}")
        if not np.all(np.isfinite(wanted) | np.isinf(wanted)):
            raise ValueError(f"{what}: the oracle's result holds NaN")
        if got.shape != wanted.shape:
            raise AssertionError(f"{what}: shape {got.shape}, expected {wanted.shape}")
        if got.dtype.kind != wanted.dtype.kind and {got.dtype.kind, wanted.dtype.kind} - {"i", "u"}:
            raise AssertionError(f"{what}: dtype {got.dtype}, expected one of kind {wanted.dtype}")
        self.compared += 1
        got, wanted = got.astype(np.float64), wanted.astype(np.float64)
        if np.isnan(got).any():
            where = _position(np.isnan(got))
            raise AssertionError(f"{what}: NaN in {int(np.isnan(got).sum())} of {got.size} values, first at {where}")
        same = got == wanted  # also infinities of the same sign, whose difference is NaN
        with np.errstate(invalid="ignore"):
            error = np.where(same, 0.0, np.abs(got - wanted))
            allowed = self.tolerance.atol + self.tolerance.rtol * np.abs(wanted)
            share = np.where(same, 0.0, error / np.where(allowed > 0, allowed, np.finfo(float).tiny))
        # An infinity where a number was expected (or the other way round) is infinitely far off, whatever was allowed.
        share = np.where(np.isfinite(got) | same, share, np.inf)
        share = np.where(np.isfinite(wanted) | same, share, np.inf)
        self._keep("largest-error", float(error.max()))
        self._keep("tolerance-used", float(share.max()))
        wrong = ~(share <= 1.0)
        if wrong.any():
            index = tuple(int(i) for i in np.unravel_index(int(np.argmax(share)), share.shape))
            raise AssertionError(
                f"{what}: {int(wrong.sum())} of {wrong.size} values differ; worst at {_at(index)}: "
                f"{got[index]:.9g}, expected "
                f"{wanted[index]:.9g}, off by {error[index]:.3g}, allowed {allowed[index]:.3g} "
                f"(rtol {self.tolerance.rtol:g}, atol {self.tolerance.atol:g})"
            )

    def _assert_all_close(self, actual: Any, expected: Mapping[Any, Any], what: str) -> None:
        if not expected:
            raise ValueError(f"{what}: there is nothing to compare, the oracle's mapping is empty")
        assert isinstance(actual, Mapping), f"{what}: {type(actual).__name__} came, no mapping"
        assert set(actual) == set(expected), (
            f"{what}: {sorted(map(str, actual))} came, {sorted(map(str, expected))} were expected"
        )
        for name in expected:
            self.assert_close(actual[name], expected[name], what=f"{what}: {name}")

    def _keep(self, name: str, value: float) -> None:
        before = self.figures.get(name)
        if math.isfinite(value) and (before is None or value > before.value):
            self.figures[name] = Figure(value=value, unit="1")


def _position(mask: Array) -> str:
    import numpy as np

    return _at(tuple(int(i) for i in np.argwhere(mask)[0])) if mask.ndim else "the scalar"


def _at(index: Any) -> str:
    return "[" + ", ".join(map(str, index)) + "]" if index else "the scalar"
