"""binding.cpp.*: a program in C++ beside the framework's Python, rung by rung."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.cpp.install", "official")
def test_install(framework, oracle, case):
    """It builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "cpp", "install")


@pytest.mark.capability("binding.cpp.arithmetic", "official")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "cpp", "arithmetic")


@pytest.mark.capability("binding.cpp.inference", "official")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "cpp", "inference")


@pytest.mark.capability("binding.cpp.gradients", "official")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "cpp", "gradients")


@pytest.mark.capability("binding.cpp.training", "official")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "cpp", "training")


@pytest.mark.capability("binding.cpp.saving", "official")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "cpp", "saving")


@pytest.mark.capability("binding.cpp.custom-layer", "official")
def test_custom_layer(framework, oracle, case):
    """A layer written in C++, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "cpp", "custom-layer")


@pytest.mark.capability("binding.cpp.errors", "official")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file are exceptions, and the program goes on."""
    check_rung(case, framework, oracle, "cpp", "errors")
