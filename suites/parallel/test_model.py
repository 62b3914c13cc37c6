"""parallel.model: one network's weights split over devices."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import EVEN, check_model_parallel, training_for


@pytest.mark.capability("parallel.model", "two-devices")
def test_two_devices(framework, oracle, case):
    """Outputs, and three steps of SGD with momentum, with each device holding a part."""
    if framework.device == "cpu":
        case.level("simulated")
    check_model_parallel(case, framework, oracle, training_for(EVEN, case.rng), 2)
