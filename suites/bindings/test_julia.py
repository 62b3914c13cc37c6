"""binding.julia.*: programs in Julia beside the framework's Python, rung by rung: the official binding, and others."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.julia.install", "official")
def test_install(framework, oracle, case):
    """It builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "julia", "install")


@pytest.mark.capability("binding.julia.install", "community")
def test_install_community(framework, oracle, case):
    """The same with a community's way to Python's package."""
    check_rung(case, framework, oracle, "julia", "install", lineage="community")


@pytest.mark.capability("binding.julia.arithmetic", "official")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "julia", "arithmetic")


@pytest.mark.capability("binding.julia.arithmetic", "community")
def test_arithmetic_community(framework, oracle, case):
    """The same with a community's way to Python's package."""
    check_rung(case, framework, oracle, "julia", "arithmetic", lineage="community")


@pytest.mark.capability("binding.julia.inference", "official")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "julia", "inference")


@pytest.mark.capability("binding.julia.inference", "community")
def test_inference_community(framework, oracle, case):
    """The same with a community's way to Python's package."""
    check_rung(case, framework, oracle, "julia", "inference", lineage="community")


@pytest.mark.capability("binding.julia.gradients", "official")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "julia", "gradients")


@pytest.mark.capability("binding.julia.gradients", "community")
def test_gradients_community(framework, oracle, case):
    """The same with a community's way to Python's package."""
    check_rung(case, framework, oracle, "julia", "gradients", lineage="community")


@pytest.mark.capability("binding.julia.training", "official")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "julia", "training")


@pytest.mark.capability("binding.julia.training", "community")
def test_training_community(framework, oracle, case):
    """The same with a community's way to Python's package."""
    check_rung(case, framework, oracle, "julia", "training", lineage="community")


@pytest.mark.capability("binding.julia.saving", "official")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "julia", "saving")


@pytest.mark.capability("binding.julia.saving", "community")
def test_saving_community(framework, oracle, case):
    """The same with a community's way to Python's package."""
    check_rung(case, framework, oracle, "julia", "saving", lineage="community")


@pytest.mark.capability("binding.julia.custom-layer", "official")
def test_custom_layer(framework, oracle, case):
    """A layer written in Julia, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "julia", "custom-layer")


@pytest.mark.capability("binding.julia.custom-layer", "community")
def test_custom_layer_community(framework, oracle, case):
    """The same with a community's way to Python's package."""
    check_rung(case, framework, oracle, "julia", "custom-layer", lineage="community")


@pytest.mark.capability("binding.julia.errors", "official")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file are exceptions, and the program goes on."""
    check_rung(case, framework, oracle, "julia", "errors")


@pytest.mark.capability("binding.julia.errors", "community")
def test_errors_community(framework, oracle, case):
    """The same with a community's way to Python's package."""
    check_rung(case, framework, oracle, "julia", "errors", lineage="community")
