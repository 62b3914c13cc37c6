"""binding.rust.*: a program in Rust beside the framework's Python, rung by rung."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.rust.install", "crate")
def test_install(framework, oracle, case):
    """It builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "rust", "install", lineage="crate")


@pytest.mark.capability("binding.rust.arithmetic", "crate")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "rust", "arithmetic", lineage="crate")


@pytest.mark.capability("binding.rust.inference", "crate")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "rust", "inference", lineage="crate")


@pytest.mark.capability("binding.rust.gradients", "crate")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "rust", "gradients", lineage="crate")


@pytest.mark.capability("binding.rust.training", "crate")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "rust", "training", lineage="crate")


@pytest.mark.capability("binding.rust.saving", "crate")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "rust", "saving", lineage="crate")


@pytest.mark.capability("binding.rust.custom-layer", "crate")
def test_custom_layer(framework, oracle, case):
    """A layer of the user's own, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "rust", "custom-layer", lineage="crate")


@pytest.mark.capability("binding.rust.errors", "crate")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file are errors, and the program goes on."""
    check_rung(case, framework, oracle, "rust", "errors", lineage="crate")
