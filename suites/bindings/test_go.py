"""binding.go.*: a program in Go beside the framework's Python, rung by rung."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.go.install", "official")
def test_install(framework, oracle, case):
    """It builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "go", "install")


@pytest.mark.capability("binding.go.install", "community")
def test_install_community(framework, oracle, case):
    """Of the living fork: it builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "go", "install", lineage="community")


@pytest.mark.capability("binding.go.arithmetic", "official")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "go", "arithmetic")


@pytest.mark.capability("binding.go.arithmetic", "community")
def test_arithmetic_community(framework, oracle, case):
    """Of the living fork: a sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "go", "arithmetic", lineage="community")


@pytest.mark.capability("binding.go.inference", "official")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "go", "inference")


@pytest.mark.capability("binding.go.inference", "community")
def test_inference_community(framework, oracle, case):
    """Of the living fork: a convolutional network that Python exported."""
    check_rung(case, framework, oracle, "go", "inference", lineage="community")


@pytest.mark.capability("binding.go.gradients", "official")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "go", "gradients")


@pytest.mark.capability("binding.go.gradients", "community")
def test_gradients_community(framework, oracle, case):
    """Of the living fork: loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "go", "gradients", lineage="community")


@pytest.mark.capability("binding.go.training", "official")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "go", "training")


@pytest.mark.capability("binding.go.training", "community")
def test_training_community(framework, oracle, case):
    """Of the living fork: twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "go", "training", lineage="community")


@pytest.mark.capability("binding.go.saving", "official")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "go", "saving")


@pytest.mark.capability("binding.go.saving", "community")
def test_saving_community(framework, oracle, case):
    """Of the living fork: python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "go", "saving", lineage="community")


@pytest.mark.capability("binding.go.custom-layer", "official")
def test_custom_layer(framework, oracle, case):
    """A layer of the user's own, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "go", "custom-layer")


@pytest.mark.capability("binding.go.custom-layer", "community")
def test_custom_layer_community(framework, oracle, case):
    """Of the living fork: a layer of the user's own, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "go", "custom-layer", lineage="community")


@pytest.mark.capability("binding.go.errors", "official")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file are errors, and the program goes on."""
    check_rung(case, framework, oracle, "go", "errors")


@pytest.mark.capability("binding.go.errors", "community")
def test_errors_community(framework, oracle, case):
    """Of the living fork: a wrong shape and a missing file are errors, and the program goes on."""
    check_rung(case, framework, oracle, "go", "errors", lineage="community")
