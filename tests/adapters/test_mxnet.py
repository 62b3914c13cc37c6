"""The MXNet adapter itself; what MXNet computes is for the suites to judge."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

with warnings.catch_warnings():
    # Its last release uses names that NumPy has deprecated since.
    warnings.simplefilter("ignore", DeprecationWarning)
    mxnet = pytest.importorskip("mxnet", reason="MXNet is not installed here: tox runs these tests in mxnet-cpu")

from fwconformance.frameworks import (
    GRU,
    LSTM,
    SGD,
    Activation,
    Adam,
    BatchNorm,
    Dense,
    Dropout,
    Loss,
    Network,
    Unavailable,
    Unsupported,
)
from fwconformance.frameworks.mxnet import create

MSE = Loss(kind="mse")
DENSE = Network(layers=(Dense(units=3), Dense(units=2, bias=False)), input_shape=(4,))


@pytest.fixture(scope="module")
def framework():
    return create()


def test_describe_speaks_of_the_array(framework):
    info = framework.describe(mxnet.nd.zeros((2, 3)))
    assert (info.device, info.dtype, info.shape) == ("cpu", "float32", (2, 3))
    assert info.native_type == "mxnet.ndarray.ndarray.NDArray"
    assert framework.describe(mxnet.nd.zeros(1, dtype="float64")).dtype == "float64"
    assert framework.describe(mxnet.nd.zeros(1, ctx=mxnet.cpu(1))).device == "cpu:1"


@pytest.mark.parametrize("value", [np.zeros(3), 1.0, [1.0]])
def test_describe_refuses_what_is_no_array_of_mxnet(framework, value):
    with pytest.raises(TypeError, match="not an mxnet NDArray"):
        framework.describe(value)


def test_a_backend_is_refused():
    with pytest.raises(ValueError, match="no backend to choose"):
        create(backend="jax")


def test_an_unknown_device_is_refused_naming_the_known_ones():
    with pytest.raises(ValueError, match="cpu, cuda"):
        create(device="tpu")


def test_a_device_that_is_not_there_is_unavailable(monkeypatch):
    monkeypatch.setattr(mxnet.context, "num_gpus", lambda: 0)
    with pytest.raises(Unavailable, match=r"^no CUDA device$"):
        create(device="cuda")


def test_a_driver_that_is_not_there_counts_as_no_device(monkeypatch):
    def fail():
        raise mxnet.MXNetError("CUDA: Check failed: e == cudaSuccess: no CUDA-capable device is detected")

    monkeypatch.setattr(mxnet.context, "num_gpus", fail)
    assert create(device="auto").devices() == ["cpu"]


def test_auto_takes_the_gpu_that_is_there(monkeypatch):
    monkeypatch.setattr(mxnet.context, "num_gpus", lambda: 1)
    assert create(device="auto").device == "cuda"


def test_the_version_is_the_module_s_own(framework):
    assert framework.versions() == {"mxnet": mxnet.__version__}


def test_conventions_that_mxnet_lacks_are_unsupported_with_the_measurement(framework):
    lacking = {
        "follows 'biased'": Network(layers=(BatchNorm(running_variance="unbiased"),), input_shape=(3,)),
        "follows 'reset after'": Network(layers=(GRU(units=2, reset="before"),), input_shape=(None, 3)),
    }
    for evidence, network in lacking.items():
        with pytest.raises(Unsupported, match=evidence):
            framework.build(network)
    model = framework.build(DENSE)
    with pytest.raises(Unsupported, match="follows 'uncorrected'"):
        framework.trainer(model, MSE, Adam(rate=0.1, epsilon_placement="corrected"))


def test_nothing_global_is_left_changed(framework, rng):
    def state():
        return (
            mxnet.autograd.is_recording(),
            mxnet.autograd.is_training(),
            mxnet.util.is_np_shape(),
            mxnet.util.is_np_array(),
            mxnet.current_context(),
        )

    before = state()
    model = framework.build(Network(layers=(Dense(units=2), Dropout(rate=0.5)), input_shape=(4,)))
    model.forward(rng.normal(size=(2, 4)), training=True)
    framework.trainer(model, MSE, SGD(rate=0.1)).step(rng.normal(size=(2, 4)), rng.normal(size=(2, 2)))
    assert state() == before


def test_a_training_pass_moves_the_running_statistics(framework, rng):
    """MXNet moves them in the backward pass, so a forward pass for training is ended by one."""
    model = framework.build(Network(layers=(BatchNorm(),), input_shape=(3, 4, 4)))
    model.forward(rng.normal(size=(2, 3, 4, 4)) + 1)
    assert model.weights()["0.mean"].asnumpy().tolist() == [0, 0, 0]
    model.forward(rng.normal(size=(2, 3, 4, 4)) + 1, training=True)
    assert model.weights()["0.mean"].asnumpy().min() > 0


@pytest.mark.parametrize(
    "layer", [LSTM(units=3, bidirectional=True, sequences=False), GRU(units=3)], ids=["lstm", "gru"]
)
@pytest.mark.parametrize("lengths", [None, np.array([5, 2, 3])], ids=["full", "ragged"])
def test_a_hybridized_network_agrees_and_shares_its_weights(framework, rng, layer, lengths):
    network = Network(layers=(Dense(units=2), Activation(kind="tanh"), layer, Dense(units=2)), input_shape=(None, 2))
    model = framework.build(network)
    compiled, inputs = model.compiled(), rng.normal(size=(3, 5, 2))
    before = model.forward(inputs, lengths=lengths)
    np.testing.assert_allclose(compiled.forward(inputs, lengths=lengths).asnumpy(), before.asnumpy(), atol=1e-6)
    framework.trainer(compiled, MSE, SGD(rate=0.5)).step(inputs, np.ones((3, *before.shape[1:])))
    after = model.forward(inputs, lengths=lengths).asnumpy()
    assert abs(after - before.asnumpy()).max() > 1e-4
    np.testing.assert_allclose(compiled.forward(inputs, lengths=lengths).asnumpy(), after, atol=1e-6)


def test_a_hybridized_network_runs_one_graph(framework, rng, monkeypatch):
    calls = []
    original = mxnet.gluon.HybridBlock._call_cached_op

    def counting(self, *arguments):
        calls.append(self.name)
        return original(self, *arguments)

    monkeypatch.setattr(mxnet.gluon.HybridBlock, "_call_cached_op", counting)
    model, inputs = framework.build(DENSE), rng.normal(size=(3, 4))
    model.forward(inputs)
    assert calls == []
    model.compiled().forward(inputs)
    assert len(calls) == 1
