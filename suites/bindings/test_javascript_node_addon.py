"""binding.javascript.node-addon, and from source: TensorFlow.js on TensorFlow's C library, rung by rung, as its package
installs itself, and built for the library that is installed for Python.
"""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.javascript.node-addon", "install")
def test_install_as_released(framework, oracle, case):
    """As released: it builds with its ecosystem's own tool and says which versions it runs with."""
    check_rung(case, framework, oracle, "javascript", "install", lineage="node-addon")


@pytest.mark.capability("binding.javascript.node-addon", "arithmetic")
def test_arithmetic_as_released(framework, oracle, case):
    """As released: a sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "javascript", "arithmetic", lineage="node-addon")


@pytest.mark.capability("binding.javascript.node-addon", "inference")
def test_inference_as_released(framework, oracle, case):
    """As released: a convolutional network that Python exported, as the SavedModel that it is."""
    check_rung(case, framework, oracle, "javascript", "inference", lineage="node-addon")


@pytest.mark.capability("binding.javascript.node-addon", "gradients")
def test_gradients_as_released(framework, oracle, case):
    """As released: loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "javascript", "gradients", lineage="node-addon")


@pytest.mark.capability("binding.javascript.node-addon", "training")
def test_training_as_released(framework, oracle, case):
    """As released: twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "javascript", "training", lineage="node-addon")


@pytest.mark.capability("binding.javascript.node-addon", "saving")
def test_saving_as_released(framework, oracle, case):
    """As released: Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "javascript", "saving", lineage="node-addon")


@pytest.mark.capability("binding.javascript.node-addon", "custom-layer")
def test_custom_layer_as_released(framework, oracle, case):
    """As released: a layer of the user's own, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "javascript", "custom-layer", lineage="node-addon")


@pytest.mark.capability("binding.javascript.node-addon", "errors")
def test_errors_as_released(framework, oracle, case):
    """As released: a wrong shape and a missing file are errors, and the program goes on."""
    check_rung(case, framework, oracle, "javascript", "errors", lineage="node-addon")


@pytest.mark.capability("binding.javascript.node-addon-from-source", "install")
def test_install_from_source(framework, oracle, case):
    """From source: it builds with its ecosystem's own tool and says which versions it runs with."""
    check_rung(case, framework, oracle, "javascript", "install", lineage="node-addon-from-source")


@pytest.mark.capability("binding.javascript.node-addon-from-source", "arithmetic")
def test_arithmetic_from_source(framework, oracle, case):
    """From source: a sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "javascript", "arithmetic", lineage="node-addon-from-source")


@pytest.mark.capability("binding.javascript.node-addon-from-source", "inference")
def test_inference_from_source(framework, oracle, case):
    """From source: a convolutional network that Python exported, as the SavedModel that it is."""
    check_rung(case, framework, oracle, "javascript", "inference", lineage="node-addon-from-source")


@pytest.mark.capability("binding.javascript.node-addon-from-source", "gradients")
def test_gradients_from_source(framework, oracle, case):
    """From source: loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "javascript", "gradients", lineage="node-addon-from-source")


@pytest.mark.capability("binding.javascript.node-addon-from-source", "training")
def test_training_from_source(framework, oracle, case):
    """From source: twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "javascript", "training", lineage="node-addon-from-source")


@pytest.mark.capability("binding.javascript.node-addon-from-source", "saving")
def test_saving_from_source(framework, oracle, case):
    """From source: Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "javascript", "saving", lineage="node-addon-from-source")


@pytest.mark.capability("binding.javascript.node-addon-from-source", "custom-layer")
def test_custom_layer_from_source(framework, oracle, case):
    """From source: a layer of the user's own, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "javascript", "custom-layer", lineage="node-addon-from-source")


@pytest.mark.capability("binding.javascript.node-addon-from-source", "errors")
def test_errors_from_source(framework, oracle, case):
    """From source: a wrong shape and a missing file are errors, and the program goes on."""
    check_rung(case, framework, oracle, "javascript", "errors", lineage="node-addon-from-source")
