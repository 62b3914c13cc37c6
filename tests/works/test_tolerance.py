"""How far gradients may be from the oracle's."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.works import gradient_tolerance


def test_it_grows_with_the_gradient():
    assert gradient_tolerance(np.full((3, 4), 2.0)) > gradient_tolerance(np.full((3, 4), 1.0))


def test_units_left_at_their_kinks_are_allowed_for_after_training():
    ones = np.ones(100)
    assert gradient_tolerance(ones) == pytest.approx(0.1, rel=0.01)
    assert gradient_tolerance(ones, trained=True) == pytest.approx(0.5, rel=0.01)


def test_nothing_is_not_compared_exactly():
    """A hundred thousandth of each of four components."""
    assert gradient_tolerance(np.zeros((2, 2))) == pytest.approx(2e-5)


def test_a_work_may_tolerate_more():
    """After steps, the larger of both shares."""
    ones = np.ones(100)
    assert gradient_tolerance(ones, share=0.1) == pytest.approx(1.0, rel=0.01)
    assert gradient_tolerance(ones, share=0.1, trained=True) == pytest.approx(1.0, rel=0.01)
    assert gradient_tolerance(ones, share=0.01, trained=True) == pytest.approx(0.5, rel=0.01)
