"""binding.c.*: a program in C beside the framework's Python, rung by rung."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.c.install", "official")
def test_install(framework, oracle, case):
    """It builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "c", "install")


@pytest.mark.capability("binding.c.arithmetic", "official")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "c", "arithmetic")


@pytest.mark.capability("binding.c.inference", "official")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "c", "inference")


@pytest.mark.capability("binding.c.gradients", "official")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "c", "gradients")


@pytest.mark.capability("binding.c.training", "official")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "c", "training")


@pytest.mark.capability("binding.c.saving", "official")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "c", "saving")


@pytest.mark.capability("binding.c.custom-layer", "official")
def test_custom_layer(framework, oracle, case):
    """A layer written in C, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "c", "custom-layer")


@pytest.mark.capability("binding.c.errors", "official")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file come back as codes with a message, and the program goes on."""
    check_rung(case, framework, oracle, "c", "errors")
