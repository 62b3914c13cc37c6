"""The reference as a framework: what it says of itself, what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Dense, Dropout, Network, Unavailable
from fwconformance.frameworks.reference import Reference, Tensor, create

NETWORK = Network(layers=(Dense(units=3),), input_shape=(2,))


def test_create():
    """On the CPU, and where the device is left to it, on the CPU too."""
    assert create("", "cpu").device == create(device="auto").device == "cpu"


def test_other_devices_are_not_there():
    """There is no GPU code: asked for one, the reference is not available rather than quietly on the CPU."""
    with pytest.raises(Unavailable, match="on the CPU only, not on cuda"):
        create(device="cuda")


@pytest.mark.parametrize(
    ("given", "message"), [({"backend": "x"}, "no backend"), ({"mutant": "x"}, "known are: .*, adam-without")]
)
def test_create_refuses(given, message):
    """A backend and an unknown mutant are errors that say what there is."""
    with pytest.raises(ValueError, match=message):
        create(**given)


def test_describe():
    """A tensor's device, type and shape."""
    info = Reference().describe(Tensor(np.zeros((2, 3))))
    assert (info.device, info.dtype, info.shape) == ("cpu", "float64", (2, 3))
    assert info.native_type.endswith("reference._tensor.Tensor")


@pytest.mark.parametrize("foreign", [np.zeros(2), 1.0, [1.0], None])
def test_describe_refuses_what_is_no_tensor(foreign):
    """NumPy's arrays and Python's numbers are not the reference's tensors."""
    with pytest.raises(TypeError):
        Reference().describe(foreign)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"0.kernel": np.zeros((2, 3))}, r"missing \['0.bias'\]"),
        ({"0.kernel": np.zeros((2, 3)), "0.bias": np.zeros(3), "1.bias": np.zeros(3)}, r"not of it \['1.bias'\]"),
        ({"0.kernel": np.zeros((3, 2)), "0.bias": np.zeros(3)}, r"0.kernel is \(3, 2\); the network needs \(2, 3\)"),
    ],
)
def test_weights_that_do_not_fit(weights, message):
    """Missing, foreign and misshapen weights are named."""
    with pytest.raises(ValueError, match=message):
        Reference().build(NETWORK, weights)


def test_seed_reaches_initialisation_and_dropout():
    """One seed decides both; another decides otherwise; without a new one the generator goes on."""
    framework, seen = Reference(), []
    masks = Network(layers=(Dropout(rate=0.5),), input_shape=(40,))
    for seed in (1, 1, 2, None):
        if seed is not None:
            framework.seed(seed)
        kernel = framework.build(NETWORK).arrays()["0.kernel"]
        seen.append((kernel.tolist(), framework.build(masks).forward(np.ones((1, 40)), training=True).array.tolist()))
    assert seen[0] == seen[1]
    for part in (0, 1):
        assert len({str(one[part]) for one in seen}) == 3


def test_versions_and_devices():
    """It is a part of this package, on NumPy."""
    assert set(Reference().versions()) == {"fwconformance", "numpy"}
    assert Reference().devices() == ("cpu",)
