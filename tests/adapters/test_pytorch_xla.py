"""PyTorch on XLA: which client computes, how strong that is, and where torch_xla is here, the adapter on it."""

from __future__ import annotations

import importlib.util
import types

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import (  # noqa: E402
    SGD,
    BatchNorm,
    Dense,
    Dropout,
    Loss,
    Network,
    NotAdapted,
    Seam,
    SeamViolation,
    Unavailable,
    Unsupported,
    create,
)
from fwconformance.frameworks.pytorch import _xla  # noqa: E402

NETWORK = Network(layers=(Dense(units=2),), input_shape=(3,))
HERE = importlib.util.find_spec("torch_xla") is not None


class Precision:
    """torch_xla.backends, which remembers what it was told."""

    def __init__(self):
        self.told = []

    def get_mat_mul_precision(self):
        return self.told[-1] if self.told else "default"

    def set_mat_mul_precision(self, precision):
        self.told.append(precision)


@pytest.fixture
def standing_in(monkeypatch):
    """torch_xla is stood in for by one with the devices named; returned is what was told to its precision."""

    def install(*devices, error=None):
        def real_devices():
            if error is not None:
                raise error
            return list(devices)

        precision = Precision()
        module = types.SimpleNamespace(real_devices=real_devices, device_count=lambda: len(devices))
        modules = {"torch_xla": module, "torch_xla.backends": precision}
        monkeypatch.setattr(_xla, "installed", lambda: True)
        monkeypatch.setattr(_xla, "importlib", types.SimpleNamespace(import_module=modules.__getitem__))
        return precision

    return install


@pytest.fixture(scope="module")
def seam():
    """On XLA's CPU client."""
    if not HERE:
        pytest.skip("torch_xla is not installed here: tox -e torch-xla-cpu has it")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PJRT_DEVICE", "CPU")
        yield Seam(create("pytorch", device="xla"))


@pytest.fixture
def weights(rng):
    return {"0.kernel": rng.normal(size=(3, 2)), "0.bias": rng.normal(size=2)}


@pytest.mark.parametrize("device", ["xla", "tpu", "xla:1"])
def test_without_torch_xla_the_message_names_the_environment_that_has_it(monkeypatch, device):
    monkeypatch.setattr(_xla, "installed", lambda: False)
    with pytest.raises(Unavailable, match=r"no torch_xla.*`tox -e torch-xla-cpu` has it"):
        create("pytorch", device=device)


def test_a_tpu_is_hardware_and_xla_on_the_cpu_is_simulated(standing_in):
    standing_in("TPU:0", "TPU:1")
    assert [create("pytorch", device=each).device for each in ("tpu", "tpu:0", "tpu:1")] == ["tpu", "tpu", "tpu:1"]
    assert Seam(create("pytorch", device="tpu")).evidence == "hardware"
    standing_in("CPU:0")
    assert (create("pytorch", device="xla").device, Seam(create("pytorch", device="xla")).evidence) == (
        "xla",
        "simulated",
    )


def test_a_cpu_client_does_not_pass_for_a_tpu(standing_in):
    standing_in("CPU:0")
    with pytest.raises(Unavailable, match=r"no TPU: torch_xla's client computes on the CPU.*--fw-device=xla"):
        create("pytorch", device="tpu")


def test_a_tpu_does_not_pass_for_xla_on_the_cpu(standing_in):
    standing_in("TPU:0")
    with pytest.raises(Unavailable, match="computes on a TPU, which is --fw-device=tpu; PJRT_DEVICE=CPU"):
        create("pytorch", device="xla")


def test_a_client_that_the_adapter_does_not_know_is_named(standing_in):
    standing_in("NEURON:0")
    with pytest.raises(Unavailable, match="computes on NEURON, which is no device that this adapter knows"):
        create("pytorch", device="tpu")


def test_a_device_beyond_the_last_is_unavailable(standing_in):
    standing_in("TPU:0", "TPU:1")
    with pytest.raises(Unavailable, match="no device tpu:2: torch_xla sees 2"):
        create("pytorch", device="tpu:2")


def test_a_client_that_does_not_start_is_unavailable_in_its_own_words(standing_in, monkeypatch):
    monkeypatch.setenv("PJRT_DEVICE", "TPU")
    standing_in(error=RuntimeError("libtpu is not found\nat /somewhere"))
    with pytest.raises(Unavailable, match=r"does not start with PJRT_DEVICE=TPU: RuntimeError: libtpu is not found$"):
        create("pytorch", device="tpu")


def test_auto_takes_a_tpu_but_not_xla_on_the_cpu(standing_in, monkeypatch):
    for kind in ("cuda", "xpu"):
        monkeypatch.setattr(getattr(torch, kind), "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    standing_in("TPU:0")
    assert create("pytorch", device="auto").device == "tpu"
    standing_in("CPU:0")
    found = create("pytorch", device="auto")
    assert (found.device, list(found.devices())) == ("cpu", ["cpu", "xla"])


def test_products_are_kept_float32_and_that_is_told_once(standing_in):
    precision = standing_in("TPU:0")
    for _ in range(2):
        create("pytorch", device="tpu")
    assert precision.told == ["highest"]


def test_tensors_say_that_they_are_on_xla(seam, weights):
    seam.observed.clear()
    model = seam.build(NETWORK, weights)
    np.testing.assert_allclose(
        model.forward(np.ones((4, 3))), np.ones((4, 3)) @ weights["0.kernel"] + weights["0.bias"], rtol=1e-5
    )
    assert seam.observed == {"xla"}
    assert seam.versions()["torch_xla"]


def test_training_on_xla_moves_the_weights_as_by_hand(seam, weights):
    trainer = seam.trainer(seam.build(NETWORK, weights), Loss(kind="mse"), SGD(rate=0.1))
    inputs, targets = np.ones((4, 3)), np.zeros((4, 2))
    slope = 2 * (inputs @ weights["0.kernel"] + weights["0.bias"]) / 8
    trainer.step(inputs, targets)
    np.testing.assert_allclose(
        trainer.model.weights()["0.bias"], weights["0.bias"] - 0.1 * slope.sum(0), rtol=1e-5, atol=1e-6
    )


def test_what_was_saved_is_loaded_onto_xla(seam, weights, tmp_path):
    inputs, targets = np.ones((4, 3)), np.zeros((4, 2))
    first = seam.trainer(seam.build(NETWORK, weights), Loss(kind="mse"), SGD(rate=0.1, momentum=0.9))
    first.step(inputs, targets)
    first.save(tmp_path)
    second = seam.trainer(seam.build(NETWORK), Loss(kind="mse"), SGD(rate=0.1, momentum=0.9))
    second.load(tmp_path)
    for trainer in (first, second):
        trainer.step(inputs, targets)
    for name, value in first.model.weights().items():
        np.testing.assert_array_equal(second.model.weights()[name], value)


def test_the_seed_is_of_xlas_generator_too(seam):
    dropped = []
    for value in (1, 1, 2):
        model = seam.build(Network(layers=(Dropout(rate=0.5),), input_shape=(64,)))
        seam.seed(value)
        dropped.append(model.forward(np.ones((2, 64)), training=True))
    np.testing.assert_array_equal(dropped[0], dropped[1])
    assert (dropped[0] != dropped[2]).any()


def test_xlas_batch_normalisation_keeps_the_biased_variance(seam):
    seam.build(Network(layers=(BatchNorm(running_variance="biased"),), input_shape=(3,)))
    with pytest.raises(Unsupported, match="follows 'biased'"):
        seam.build(Network(layers=(BatchNorm(running_variance="unbiased"),), input_shape=(3,)))


@pytest.mark.parametrize("piece", ["export-onnx", "data-parallel", "serving"])
def test_what_the_adapter_does_not_do_on_xla_is_our_gap(seam, piece):
    with pytest.raises(NotAdapted, match="not on XLA yet"):
        seam.piece(piece)


def test_computing_on_the_cpu_instead_is_caught(seam, weights):
    (fault,) = [each for each in seam.sabotages() if each.name == "trains-on-the-cpu"]
    assert "device-request-ignored" not in {each.name for each in seam.sabotages()}
    with seam.sabotaged(fault), pytest.raises(SeamViolation, match="is on cpu, not on xla as asked for"):
        seam.build(NETWORK, weights).weights()
