"""Keras' "same" padding, told from numbers alone."""

from __future__ import annotations

import pytest

hypothesis = pytest.importorskip("hypothesis", reason="Hypothesis is not installed here")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from fwconformance.frameworks.keras._geometry import cropping, is_same, same_padding  # noqa: E402

SMALL = st.integers(1, 12)


@given(length=SMALL, size=SMALL, stride=SMALL)
def test_padding_makes_room_for_every_window(length, size, stride):
    """With it, "valid" windows number ceil(length / stride), and the odd cell lies behind."""
    before, after = same_padding(length, size, stride)
    assert after - before in {0, 1}
    if before or after:
        assert (length + before + after - size) // stride + 1 == -(-length // stride)


def test_a_window_of_three_pads_one_on_each_side():
    assert same_padding(5, 3, 1) == (1, 1)


@pytest.mark.parametrize(("lengths", "same"), [((7, 7), True), ((6, 7), False)], ids=["odd", "even"])
def test_every_axis_must_agree(lengths, same):
    """A window of 3 by stride 2 is padded on both sides of an odd axis, behind an even one only."""
    assert is_same(lengths, (3, 3), (2, 2), (1, 1)) is same


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "expected"),
    [
        ((3, 2), (2, 1), (1, 0), ((1, 1), (0, 0))),
        # A kernel smaller than its stride: Keras fills up behind the last window.
        ((1, 2), (3, 2), (0, 1), ((0, 2), (1, 1))),
    ],
)
def test_cropping(kernel, stride, padding, expected):
    """What is cut from a "valid" transposed convolution: the padding, and what Keras fills up."""
    assert cropping(kernel, stride, padding) == expected
