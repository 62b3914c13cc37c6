"""binding.octave.*: programs in Octave beside the framework's Python, rung by rung: as released, and as changed."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_rung

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.octave.install", "official")
def test_install(framework, oracle, case):
    """It builds with its ecosystem's own tool and says which version it runs with."""
    check_rung(case, framework, oracle, "octave", "install")


@pytest.mark.capability("binding.octave.install", "community")
def test_install_community(framework, oracle, case):
    """The same with the package as its users changed it for Octave."""
    check_rung(case, framework, oracle, "octave", "install", lineage="community")


@pytest.mark.capability("binding.octave.arithmetic", "official")
def test_arithmetic(framework, oracle, case):
    """A sum, a product and a matrix product."""
    check_rung(case, framework, oracle, "octave", "arithmetic")


@pytest.mark.capability("binding.octave.arithmetic", "community")
def test_arithmetic_community(framework, oracle, case):
    """The same with the package as its users changed it for Octave."""
    check_rung(case, framework, oracle, "octave", "arithmetic", lineage="community")


@pytest.mark.capability("binding.octave.inference", "official")
def test_inference(framework, oracle, case):
    """A convolutional network that Python exported."""
    check_rung(case, framework, oracle, "octave", "inference")


@pytest.mark.capability("binding.octave.inference", "community")
def test_inference_community(framework, oracle, case):
    """The same with the package as its users changed it for Octave."""
    check_rung(case, framework, oracle, "octave", "inference", lineage="community")


@pytest.mark.capability("binding.octave.gradients", "official")
def test_gradients(framework, oracle, case):
    """Loss and gradients of a two-layer network."""
    check_rung(case, framework, oracle, "octave", "gradients")


@pytest.mark.capability("binding.octave.gradients", "community")
def test_gradients_community(framework, oracle, case):
    """The same with the package as its users changed it for Octave."""
    check_rung(case, framework, oracle, "octave", "gradients", lineage="community")


@pytest.mark.capability("binding.octave.training", "official")
def test_training(framework, oracle, case):
    """Twelve steps of SGD with momentum from given weights."""
    check_rung(case, framework, oracle, "octave", "training")


@pytest.mark.capability("binding.octave.training", "community")
def test_training_community(framework, oracle, case):
    """The same with the package as its users changed it for Octave."""
    check_rung(case, framework, oracle, "octave", "training", lineage="community")


@pytest.mark.capability("binding.octave.saving", "official")
def test_saving(framework, oracle, case):
    """Python loads what the program trained and saved."""
    check_rung(case, framework, oracle, "octave", "saving")


@pytest.mark.capability("binding.octave.saving", "community")
def test_saving_community(framework, oracle, case):
    """The same with the package as its users changed it for Octave."""
    check_rung(case, framework, oracle, "octave", "saving", lineage="community")


@pytest.mark.capability("binding.octave.custom-layer", "official")
def test_custom_layer(framework, oracle, case):
    """A layer written in Octave, with parameters that the framework trains."""
    check_rung(case, framework, oracle, "octave", "custom-layer")


@pytest.mark.capability("binding.octave.custom-layer", "community")
def test_custom_layer_community(framework, oracle, case):
    """The same with the package as its users changed it for Octave."""
    check_rung(case, framework, oracle, "octave", "custom-layer", lineage="community")


@pytest.mark.capability("binding.octave.errors", "official")
def test_errors(framework, oracle, case):
    """A wrong shape and a missing file are exceptions, and the program goes on."""
    check_rung(case, framework, oracle, "octave", "errors")


@pytest.mark.capability("binding.octave.errors", "community")
def test_errors_community(framework, oracle, case):
    """The same with the package as its users changed it for Octave."""
    check_rung(case, framework, oracle, "octave", "errors", lineage="community")
