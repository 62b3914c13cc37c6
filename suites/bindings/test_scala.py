"""binding.scala.*: programs in Scala beside the framework's Python, rung by rung: the official binding, and others."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.scala.install", "official")
def test_install(framework, oracle, case):
    """It builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "scala", "install")


@pytest.mark.capability("binding.scala.install", "community")
def test_install_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "scala", "install", lineage="community")


@pytest.mark.capability("binding.scala.arithmetic", "official")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "scala", "arithmetic")


@pytest.mark.capability("binding.scala.arithmetic", "community")
def test_arithmetic_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "scala", "arithmetic", lineage="community")


@pytest.mark.capability("binding.scala.inference", "official")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "scala", "inference")


@pytest.mark.capability("binding.scala.inference", "community")
def test_inference_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "scala", "inference", lineage="community")


@pytest.mark.capability("binding.scala.gradients", "official")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "scala", "gradients")


@pytest.mark.capability("binding.scala.gradients", "community")
def test_gradients_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "scala", "gradients", lineage="community")


@pytest.mark.capability("binding.scala.training", "official")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "scala", "training")


@pytest.mark.capability("binding.scala.training", "community")
def test_training_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "scala", "training", lineage="community")


@pytest.mark.capability("binding.scala.saving", "official")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "scala", "saving")


@pytest.mark.capability("binding.scala.saving", "community")
def test_saving_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "scala", "saving", lineage="community")


@pytest.mark.capability("binding.scala.custom-layer", "official")
def test_custom_layer(framework, oracle, case):
    """A layer written in Scala, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "scala", "custom-layer")


@pytest.mark.capability("binding.scala.custom-layer", "community")
def test_custom_layer_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "scala", "custom-layer", lineage="community")


@pytest.mark.capability("binding.scala.errors", "official")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file are exceptions, and the program goes on."""
    check_rung(case, framework, oracle, "scala", "errors")


@pytest.mark.capability("binding.scala.errors", "community")
def test_errors_community(framework, oracle, case):
    """The same with a community's binding."""
    check_rung(case, framework, oracle, "scala", "errors", lineage="community")
