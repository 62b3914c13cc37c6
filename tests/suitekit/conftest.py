"""The `case` that a test of the suites is given, made without a run."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Profile
from fwconformance.plugin._case import Case
from fwconformance.registry import Tolerance


@pytest.fixture
def make_case(tmp_path):
    """Makes one by its capability and its id in it; `tolerance`: (rtol, atol), None where none is declared."""

    def make(capability, case, *, tolerance=None, profile=Profile.STANDARD):
        if tolerance is not None:
            tolerance = Tolerance(rtol=tolerance[0], atol=tolerance[1], because="of a test")
        return Case(
            capability=capability,
            case=case,
            tolerance=tolerance,
            profile=profile,
            seed=1,
            temporary=lambda: tmp_path,
        )

    return make
