"""The TensorFlow adapter itself; what TensorFlow computes is for the suites to judge."""

from __future__ import annotations

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed: tox runs these tests in tensorflow-cpu")

from fwconformance.frameworks import (  # noqa: E402
    GRU,
    SGD,
    Dense,
    Loss,
    Network,
    Pool2D,
    SelfAttention,
    Unavailable,
    Unsupported,
)
from fwconformance.frameworks.tensorflow import create  # noqa: E402

MSE = Loss(kind="mse")


@pytest.fixture(scope="module")
def framework():
    return create()


def test_attention_is_through_keras(framework):
    with pytest.raises(Unsupported, match=r"^through Keras: "):
        framework.build(Network(layers=(SelfAttention(heads=2),), input_shape=(3, 4)))


def test_a_gru_runs_and_has_no_gradient(framework, rng):
    model = framework.build(Network(layers=(GRU(units=3, reset="before", bidirectional=True),), input_shape=(None, 2)))
    inputs = rng.normal(size=(2, 3, 2)).astype("float32")
    assert tuple(model.forward(inputs).shape) == (2, 3, 6)
    with pytest.raises(Unsupported, match="GRUBlockCell"):
        model.gradients(MSE, inputs, np.zeros((2, 3, 6), "float32"))


def test_a_step_asks_for_no_gradient_of_its_inputs(framework, rng, monkeypatch):
    """Nobody uses it, and the first layer's is work: eagerly nothing leaves it out."""
    asked = []
    gradient = tf.GradientTape.gradient

    def listened(tape, target, sources, **named):
        asked.append(len(sources))
        return gradient(tape, target, sources, **named)

    monkeypatch.setattr(tf.GradientTape, "gradient", listened)
    model = framework.build(Network(layers=(Dense(units=2),), input_shape=(3,)))
    batch = rng.normal(size=(4, 3)).astype("float32"), np.zeros((4, 2), "float32")
    framework.trainer(model, MSE, SGD(rate=0.1)).step(*batch)
    model.gradients(MSE, *batch)
    assert asked == [2, 3]


def test_uncounted_padding_works_where_same_means_it(framework):
    """And is refused elsewhere."""
    pool = Pool2D(kind="average", size=(3, 3), stride=(2, 2), padding=(1, 1))
    odd, even = (Network(layers=(pool,), input_shape=(1, side, side)) for side in (5, 6))
    assert tuple(framework.build(odd).forward(np.ones((1, 1, 5, 5), "float32")).shape) == (1, 1, 3, 3)
    with pytest.raises(Unsupported, match="padding"):
        framework.build(even).forward(np.ones((1, 1, 6, 6), "float32"))


def test_the_second_block_lstm_still_has_the_gradient_of_the_first():
    """Why the adapter takes tf.raw_ops.BlockLSTM: the gradient of BlockLSTMV2 disagrees with differences."""
    state, peephole = tf.zeros((1, 1)), tf.zeros(1)
    w = tf.constant([[0.3, -0.4, 0.7, 0.2], [0.0, 0.0, 0.0, 0.0]])

    def total(b):
        found = tf.raw_ops.BlockLSTMV2(
            seq_len_max=1, x=tf.ones((1, 1, 1)), cs_prev=state + 0.5, h_prev=state, w=w, wci=peephole, wcf=peephole,
            wco=peephole, b=b, cell_clip=0.0, use_peephole=False,
        )  # fmt: skip
        return tf.reduce_sum(found.h)

    bias, step = tf.constant([0.1, 0.2, -0.3, 0.4]), 1e-2
    with tf.GradientTape() as tape:
        tape.watch(bias)
        value = total(bias)
    differences = np.array([(total(bias + each) - total(bias - each)) / (2 * step) for each in step * tf.eye(4)])
    wrong = np.abs(tape.gradient(value, bias).numpy() - differences) > 0.01
    assert wrong.tolist() == [False, True, True, False], "TensorFlow may have mended it: use BlockLSTMV2"


def test_only_tensors_of_tensorflow_are_described(framework):
    info = framework.describe(tf.ones((2, 3)))
    assert (info.device, info.dtype, info.shape) == ("cpu", "float32", (2, 3))
    for other in (np.ones(2), 1.0):
        with pytest.raises(TypeError):
            framework.describe(other)


def test_a_tensor_of_a_graph_is_not_described(framework):
    with tf.Graph().as_default():
        symbolic = tf.compat.v1.placeholder(tf.float32)
    with pytest.raises(TypeError):
        framework.describe(symbolic)


def test_a_device_that_is_not_here_is_unavailable():
    with pytest.raises(Unavailable, match="no TPU device"):
        create(device="tpu")


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="there is a CUDA device")
def test_cuda_without_a_card_is_unavailable():
    with pytest.raises(Unavailable, match="no CUDA device"):
        create(device="cuda")


def test_there_is_no_backend_to_choose():
    with pytest.raises(ValueError, match="no backend"):
        create("jax")
