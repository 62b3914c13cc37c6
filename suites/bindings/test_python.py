"""binding.python.*: a program in Python alone, in a process of its own, rung by rung."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.python.install", "official")
def test_install(framework, oracle, case):
    """It says which version pip installed."""
    check_rung(case, framework, oracle, "python", "install")


@pytest.mark.capability("binding.python.arithmetic", "official")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "python", "arithmetic")


@pytest.mark.capability("binding.python.inference", "official")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "python", "inference")


@pytest.mark.capability("binding.python.gradients", "official")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "python", "gradients")


@pytest.mark.capability("binding.python.training", "official")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "python", "training")


@pytest.mark.capability("binding.python.saving", "official")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "python", "saving")


@pytest.mark.capability("binding.python.custom-layer", "official")
def test_custom_layer(framework, oracle, case):
    """A layer of the user's own, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "python", "custom-layer")


@pytest.mark.capability("binding.python.errors", "official")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file are exceptions, and the program goes on."""
    check_rung(case, framework, oracle, "python", "errors")
