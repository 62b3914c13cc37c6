"""The PyTorch adapter itself; what PyTorch computes is for the suites to judge."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import (  # noqa: E402
    GRU,
    SGD,
    Adam,
    BatchNorm,
    Dense,
    Dropout,
    Loss,
    Network,
    Pool2D,
    Unavailable,
    Unsupported,
)
from fwconformance.frameworks.pytorch import create  # noqa: E402

MSE = Loss(kind="mse")
DENSE = Network(layers=(Dense(units=3), Dense(units=2, bias=False)), input_shape=(4,))


@pytest.fixture(scope="module")
def framework():
    return create()


def test_describe_speaks_of_the_tensor(framework):
    info = framework.describe(torch.zeros(2, 3))
    assert (info.device, info.dtype, info.shape, info.native_type) == ("cpu", "float32", (2, 3), "torch.Tensor")
    assert framework.describe(torch.zeros(1, dtype=torch.float64)).dtype == "float64"
    assert framework.describe(torch.zeros(1, device="meta")).device == "meta"


@pytest.mark.parametrize("value", [np.zeros(3), 1.0, [1.0]])
def test_describe_refuses_what_is_no_tensor(framework, value):
    with pytest.raises(TypeError, match=r"not a torch\.Tensor"):
        framework.describe(value)


def test_a_backend_is_refused():
    with pytest.raises(ValueError, match="no backend to choose"):
        create(backend="jax")


def test_an_unknown_device_is_refused_naming_the_known_ones():
    with pytest.raises(ValueError, match="cpu, cuda"):
        create(device="abacus")


def test_a_device_that_is_not_there_is_unavailable(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Unavailable, match=r"^no CUDA device$"):
        create(device="cuda")


def test_auto_takes_the_accelerator_that_is_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert create(device="auto").device == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.xpu, "is_available", lambda: False)
    assert create(device="auto").device == "cpu"


def test_the_version_is_the_module_s_own(framework):
    assert framework.versions() == {"torch": torch.__version__}


def test_conventions_that_pytorch_lacks_are_unsupported_with_the_measurement(framework):
    lacking = {
        "follows 'unbiased'": Network(layers=(BatchNorm(running_variance="biased"),), input_shape=(3,)),
        "follows 'reset after'": Network(layers=(GRU(units=2, reset="before"),), input_shape=(None, 3)),
        "pad should be at most half": Network(
            layers=(Pool2D(kind="max", size=(3, 3), stride=(1, 1), padding=(2, 0)),), input_shape=(1, 6, 6)
        ),
    }
    for evidence, network in lacking.items():
        with pytest.raises(Unsupported, match=evidence):
            framework.build(network)
    model = framework.build(DENSE)
    with pytest.raises(Unsupported, match="follows 'corrected'"):
        framework.trainer(model, MSE, Adam(rate=0.1, epsilon_placement="uncorrected"))


def test_nothing_global_is_left_changed(framework, rng):
    def state():
        return (
            torch.get_default_dtype(),
            torch.backends.cudnn.allow_tf32,
            torch.is_grad_enabled(),
            torch.get_num_threads(),
        )

    before = state()
    model = framework.build(Network(layers=(Dense(units=2), Dropout(rate=0.5)), input_shape=(4,)))
    model.forward(rng.normal(size=(2, 4)), training=True)
    framework.trainer(model, MSE, SGD(rate=0.1)).step(rng.normal(size=(2, 4)), rng.normal(size=(2, 2)))
    assert state() == before


def test_probes_draw_nothing_from_the_generator(framework):
    """What a case draws must not hang on which conventions were asked for before."""
    framework.seed(7)
    expected = torch.rand(3)
    framework.seed(7)
    for network in (
        Network(layers=(BatchNorm(running_variance="biased"),), input_shape=(3,)),
        Network(layers=(GRU(units=2, reset="before"),), input_shape=(None, 3)),
    ):
        with pytest.raises(Unsupported):
            framework.build(network)
    assert torch.equal(torch.rand(3), expected)
