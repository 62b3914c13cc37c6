"""binding.java.*: programs in Java beside the framework's Python, rung by rung: the official binding, and others."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.java.install", "official")
def test_install(framework, oracle, case):
    """It builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "java", "install")


@pytest.mark.capability("binding.java.install", "community")
def test_install_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "java", "install", lineage="community")


@pytest.mark.capability("binding.java.arithmetic", "official")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "java", "arithmetic")


@pytest.mark.capability("binding.java.arithmetic", "community")
def test_arithmetic_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "java", "arithmetic", lineage="community")


@pytest.mark.capability("binding.java.inference", "official")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "java", "inference")


@pytest.mark.capability("binding.java.inference", "community")
def test_inference_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "java", "inference", lineage="community")


@pytest.mark.capability("binding.java.gradients", "official")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "java", "gradients")


@pytest.mark.capability("binding.java.gradients", "community")
def test_gradients_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "java", "gradients", lineage="community")


@pytest.mark.capability("binding.java.training", "official")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "java", "training")


@pytest.mark.capability("binding.java.training", "community")
def test_training_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "java", "training", lineage="community")


@pytest.mark.capability("binding.java.saving", "official")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "java", "saving")


@pytest.mark.capability("binding.java.saving", "community")
def test_saving_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "java", "saving", lineage="community")


@pytest.mark.capability("binding.java.custom-layer", "official")
def test_custom_layer(framework, oracle, case):
    """A layer written in Java, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "java", "custom-layer")


@pytest.mark.capability("binding.java.custom-layer", "community")
def test_custom_layer_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "java", "custom-layer", lineage="community")


@pytest.mark.capability("binding.java.errors", "official")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file are exceptions, and the program goes on."""
    check_rung(case, framework, oracle, "java", "errors")


@pytest.mark.capability("binding.java.errors", "community")
def test_errors_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "java", "errors", lineage="community")
