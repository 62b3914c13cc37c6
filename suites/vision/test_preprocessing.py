"""vision.preprocessing: from a photograph as it is decoded to what a network takes."""

from __future__ import annotations

import numpy as np
import pytest

MEAN = (104.0, 117.0, 123.0)


def check(case, framework, oracle, rows, columns):
    images = case.rng.integers(0, 256, (3, 12, 10, 3)).astype("float32")
    given = images, np.array(MEAN, "float32"), 0.017, rows, columns
    actual = framework.piece("preprocessing").batch(*given)
    case.assert_close(actual, oracle.piece("preprocessing").batch(*given), what="the network's input")


@pytest.mark.capability("vision.preprocessing", "channels")
def test_channels(framework, oracle, case):
    """Red, green, blue last becomes blue, green, red first; each channel loses its mean and is scaled."""
    check(case, framework, oracle, 12, 10)


@pytest.mark.capability("vision.preprocessing", "crop")
def test_crop(framework, oracle, case):
    """The same on the centre of the image."""
    check(case, framework, oracle, 8, 4)
