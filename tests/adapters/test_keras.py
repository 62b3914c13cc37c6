"""The Keras adapter itself, on the backend of this environment; what Keras computes is for the suites to judge."""

from __future__ import annotations

import subprocess
import sys
import types

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="Keras is not installed here: tox runs these tests in keras-cpu and others")

from fwconformance.frameworks import (  # noqa: E402
    BatchNorm,
    Conv2D,
    Flatten,
    Loss,
    Network,
    Pool2D,
    Unavailable,
    Unsupported,
)
from fwconformance.frameworks.keras import BACKENDS, create  # noqa: E402

BACKEND = keras.backend.backend()
# Keras on TensorFlow converts by an `__array__` without NumPy 2's `copy`.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

MSE = Loss(kind="mse")


@pytest.fixture(scope="module")
def framework():
    return create(BACKEND)


def test_flatten_keeps_the_neutral_order(framework):
    """Channels, height, width, though images are channels_last inside."""
    network = Network(layers=(Conv2D(channels=2, kernel=(1, 1), bias=False), Flatten()), input_shape=(2, 2, 3))
    inputs = np.arange(12, dtype="float32").reshape(1, 2, 2, 3)
    model = framework.build(network, {"0.kernel": np.eye(2, dtype="float32").reshape(2, 2, 1, 1)})
    assert framework.to_numpy(model.forward(inputs)).tolist() == [list(range(12))]


def test_uncounted_padding_works_where_same_means_it(framework):
    """And is refused elsewhere."""
    pool = Pool2D(kind="average", size=(3, 3), stride=(2, 2), padding=(1, 1))
    odd, even = (Network(layers=(pool,), input_shape=(1, side, side)) for side in (5, 6))
    assert tuple(framework.build(odd).forward(np.ones((1, 1, 5, 5), "float32")).shape) == (1, 1, 3, 3)
    with pytest.raises(Unsupported, match="AveragePooling2D"):
        framework.build(even)


def test_the_other_running_variance_is_refused(framework):
    with pytest.raises(Unsupported, match="biased"):
        framework.build(Network(layers=(BatchNorm(running_variance="unbiased"),), input_shape=(3,)))


def test_only_tensors_of_the_backend_are_described(framework):
    info = framework.describe(keras.ops.ones((2, 3)))
    assert (info.device, info.dtype, info.shape) == (framework.device, "float32", (2, 3))
    assert info.native_type.partition(".")[0] in {BACKEND, f"{BACKEND}lib"}
    for other in (np.ones(2), 1.0, keras.Input((2,)), keras.Variable(np.ones(2))):
        with pytest.raises(TypeError):
            framework.describe(other)


def test_a_device_that_is_not_here_is_unavailable():
    with pytest.raises(Unavailable, match="no TPU device"):
        create(BACKEND, "tpu")


def test_cuda_without_a_card_is_unavailable(framework):
    if "cuda" in framework.devices():
        pytest.skip("there is a CUDA device")
    with pytest.raises(Unavailable, match="no CUDA device"):
        create(BACKEND, "cuda")


def test_an_unknown_backend_is_named_with_the_known():
    with pytest.raises(ValueError, match="known are tensorflow, torch, jax"):
        create("theano")


def test_the_backend_cannot_change_within_a_process(framework):
    other = next(name for name in BACKENDS if name != BACKEND)
    with pytest.raises(Unavailable, match=f"already imported in this process on {BACKEND}"):
        create(other)


def test_a_running_keras_is_asked_for_its_backend(monkeypatch):
    """By its own word, not by the environment variable, which may have changed since."""
    running = types.SimpleNamespace(backend=types.SimpleNamespace(backend=lambda: "mlx"))
    monkeypatch.setitem(sys.modules, "keras", running)
    with pytest.raises(Unavailable, match="on mlx"):
        create(BACKEND)


def test_the_adapter_imports_no_backend_beside_those_that_keras_does():
    """In a process of its own: the pieces that compile import JAX on purpose. Keras imports JAX wherever it is."""
    script = (
        "import sys, keras\n"
        "before = set(sys.modules)\n"
        "from fwconformance.frameworks import Dense, Network, create\n"
        f"create('keras', {BACKEND!r}, 'cpu').build(Network(layers=(Dense(units=2),), input_shape=(3,)))\n"
        f"print({set(BACKENDS)!r} & set(sys.modules) - before)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip().splitlines()[-1] == "set()"
