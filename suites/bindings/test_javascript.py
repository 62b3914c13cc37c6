"""binding.javascript.*: a program in JavaScript beside the framework's Python, rung by rung."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.javascript.install", "official")
def test_install(framework, oracle, case):
    """It builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "javascript", "install")


@pytest.mark.capability("binding.javascript.arithmetic", "official")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "javascript", "arithmetic")


@pytest.mark.capability("binding.javascript.inference", "official")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "javascript", "inference")


@pytest.mark.capability("binding.javascript.gradients", "official")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "javascript", "gradients")


@pytest.mark.capability("binding.javascript.training", "official")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "javascript", "training")


@pytest.mark.capability("binding.javascript.saving", "official")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "javascript", "saving")


@pytest.mark.capability("binding.javascript.custom-layer", "official")
def test_custom_layer(framework, oracle, case):
    """A layer of the user's own, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "javascript", "custom-layer")


@pytest.mark.capability("binding.javascript.errors", "official")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file are errors, and the program goes on."""
    check_rung(case, framework, oracle, "javascript", "errors")


@pytest.mark.capability("binding.javascript.browser", "install")
def test_install_in_a_browser(framework, oracle, case):
    """In a page: it builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "javascript", "install", lineage="browser")


@pytest.mark.capability("binding.javascript.browser", "arithmetic")
def test_arithmetic_in_a_browser(framework, oracle, case):
    """In a page: a sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "javascript", "arithmetic", lineage="browser")


@pytest.mark.capability("binding.javascript.browser", "inference")
def test_inference_in_a_browser(framework, oracle, case):
    """In a page: a convolutional network that Python exported."""
    check_rung(case, framework, oracle, "javascript", "inference", lineage="browser")


@pytest.mark.capability("binding.javascript.browser", "gradients")
def test_gradients_in_a_browser(framework, oracle, case):
    """In a page: loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "javascript", "gradients", lineage="browser")


@pytest.mark.capability("binding.javascript.browser", "training")
def test_training_in_a_browser(framework, oracle, case):
    """In a page: twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "javascript", "training", lineage="browser")


@pytest.mark.capability("binding.javascript.browser", "saving")
def test_saving_in_a_browser(framework, oracle, case):
    """In a page: python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "javascript", "saving", lineage="browser")


@pytest.mark.capability("binding.javascript.browser", "custom-layer")
def test_custom_layer_in_a_browser(framework, oracle, case):
    """In a page: a layer of the user's own, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "javascript", "custom-layer", lineage="browser")


@pytest.mark.capability("binding.javascript.browser", "errors")
def test_errors_in_a_browser(framework, oracle, case):
    """In a page: a wrong shape and a missing file are errors, and the program goes on."""
    check_rung(case, framework, oracle, "javascript", "errors", lineage="browser")
