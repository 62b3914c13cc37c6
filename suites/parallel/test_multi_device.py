"""parallel.multi-device: three steps on several devices of one host, beside the oracle's on one."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.suitekit import CONVOLUTIONAL, DENSE, LARGE_EPSILON, check_data_parallel, training_for


def on_devices(case, framework, oracle, training, devices):
    """On a CPU they are logical ones, whether they work or fail."""
    if framework.device == "cpu":
        case.level("simulated")
    check_data_parallel(case, framework, oracle, training, devices, piece="data-parallel")


@pytest.mark.capability("parallel.multi-device", "two-devices")
def test_two_devices(framework, oracle, case):
    """A dense network by SGD with momentum on two."""
    on_devices(case, framework, oracle, training_for(DENSE, case.rng), 2)


@pytest.mark.capability("parallel.multi-device", "four-devices")
def test_four_devices(framework, oracle, case):
    """A convolutional network by SGD with momentum on four."""
    on_devices(case, framework, oracle, training_for(CONVOLUTIONAL, case.rng), 4)


@pytest.mark.capability("parallel.multi-device", "adam")
def test_adam(framework, oracle, case):
    """A dense network by Adam on two."""
    adam = attrs.evolve(LARGE_EPSILON, epsilon_placement=framework.adam_placement())
    on_devices(case, framework, oracle, training_for(DENSE, case.rng, optimizer=adam), 2)
