"""What each adapter shows of an accelerator, as far as a CPU can try it: state, mixed precision, limits on memory."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os

import attrs
import numpy as np
import pytest

from fwconformance.frameworks import (
    SGD,
    Activation,
    Dense,
    Loss,
    Network,
    NotAdapted,
    Seam,
    Training,
    Unsupported,
    create,
)

MODULES = {"pytorch": "torch", "tensorflow": "tensorflow", "keras": "keras", "mxnet": "mxnet"}
#: What a product is computed in on this CPU. TensorFlow's rewrite takes GPUs alone, MXNet's casts are taken out here.
COMPUTED = {"pytorch": "torch.float16", "tensorflow": "float32", "keras": "bfloat16", "mxnet": "float32"}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module", params=sorted(MODULES))
def seam(request):
    if importlib.util.find_spec(MODULES[request.param]) is None:
        pytest.skip(f"{request.param} is not installed here: tox runs these tests in its environment")
    backend = os.environ["KERAS_BACKEND"] if request.param == "keras" else ""
    return Seam(create(request.param, backend))


@pytest.fixture
def training(rng):
    """Two classes that a line tells apart."""
    network = Network(layers=(Dense(units=16), Activation(kind="relu"), Dense(units=2)), input_shape=(6,))
    weights = {
        "0.kernel": rng.normal(size=(6, 16)) / 3,
        "0.bias": np.zeros(16),
        "2.kernel": rng.normal(size=(16, 2)) / 4,
        "2.bias": np.zeros(2),
    }
    batches = []
    for _ in range(30):
        inputs = rng.normal(size=(32, 6)).astype(np.float32)
        batches.append((inputs, (inputs[:, 0] > inputs[:, 1]).astype(np.int64)))
    return Training(
        network=network,
        weights=weights,
        loss=Loss(kind="cross-entropy"),
        optimizer=SGD(rate=0.2, momentum=0.9),
        batches=tuple(batches),
    )


def mixed(seam, training, held_out):
    with contextlib.ExitStack() as stack:
        if seam.name == "mxnet":
            # Its casts need a CPU with AVX-512, or a GPU; the loop around them and the scale of the loss need neither.
            amp = importlib.import_module("mxnet.contrib.amp.amp")
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            patch.setattr(importlib.import_module("mxnet.contrib.amp"), "init", lambda **_: None)
            patch.setattr(amp, "_amp_initialized", True)
            patch.setattr(amp, "_amp_loss_scale_initialized", False)
            patch.setattr(amp, "_loss_scaler", amp.LossScaler())
        return seam.piece("accelerator").train_mixed(training, held_out)


def test_mixed_precision_learns_and_says_what_it_computed_in(seam, training):
    held_out, wanted = training.batches[-1]
    found = mixed(seam, attrs.evolve(training, batches=training.batches[:-1]), held_out)
    assert (found["outputs"].argmax(1) == wanted).mean() > 0.9
    assert found["computed"] == COMPUTED[seam.name]


def test_mixed_precision_keeps_float32_weights(seam, training):
    found = mixed(seam, training, training.batches[0][0])
    for name, value in found["weights"].items():
        assert value.dtype == np.float32
        assert value.shape == training.weights[name].shape
        assert not np.array_equal(value, value.astype(np.float16)), name


def test_mixed_precision_leaves_no_trace_in_the_process(seam, training):
    """Keras' policy is of the whole process, and TensorFlow's rewrite."""
    mixed(seam, training, training.batches[0][0])
    plain = seam.build(training.network, training.weights).forward(training.batches[0][0])
    weights = {name: np.asarray(value, np.float64) for name, value in training.weights.items()}
    hidden = np.maximum(training.batches[0][0] @ weights["0.kernel"], 0)
    np.testing.assert_allclose(plain, hidden @ weights["2.kernel"], atol=1e-5)


def test_the_state_of_the_optimizer_is_a_momentum_a_weight(seam, training):
    trainer = seam.trainer(seam.build(training.network, training.weights), training.loss, training.optimizer)
    trainer.step(*training.batches[0])
    state = seam.piece("accelerator").state(trainer)
    assert sorted(value.size for value in state) == sorted(value.size for value in training.weights.values())
    assert all(np.abs(value).max() > 0 for value in state)


def test_a_cpus_memory_is_limited_by_no_framework(seam):
    """Where a limit is refused, it is by a probe or in the framework's words; JAX's is a matter of its environment."""
    piece = seam.piece("accelerator")
    left, right = np.ones((2, 3), np.float32), np.ones((3, 2), np.float32)
    if seam.backend == "jax":
        assert piece.exceed(2**30, 2**10, left, right)["refused"] == ""
    elif "tensorflow" in {seam.name, seam.backend}:
        with pytest.raises(ValueError, match="memory limit on CPU"):
            piece.exceed(2**30, 2**31, left, right)
    else:
        with pytest.raises(Unsupported, match="has none of") as refused:
            piece.exceed(2**30, 2**31, left, right)
        assert refused.value.probe is not None


def test_jax_is_told_its_share_of_the_memory_before_it_starts(seam, monkeypatch):
    if seam.backend != "jax":
        pytest.skip("told by the environment on JAX alone")
    from fwconformance.frameworks._remote import Worker

    piece = seam.adapter.piece("accelerator")
    monkeypatch.setattr(piece, "_total", lambda: 8 * 2**30)
    monkeypatch.setattr(Worker, "asked", lambda _self: ("exceed", [2**30, 2**31]))
    (program,) = piece.programs(Worker(folder="/nowhere"), 1)
    assert program.environment["XLA_PYTHON_CLIENT_MEM_FRACTION"] == "0.125"
    monkeypatch.setattr(Worker, "asked", lambda _self: ("train_mixed", []))
    (program,) = piece.programs(Worker(folder="/nowhere"), 1)
    assert not program.environment


def test_the_probe_for_a_limit_flips_where_mxnet_has_one(seam, monkeypatch):
    if seam.name != "mxnet":
        pytest.skip("MXNet's probe")
    import mxnet

    monkeypatch.setattr(mxnet.util, "set_memory_limit", lambda _size: None, raising=False)
    with pytest.raises(NotAdapted, match="has set_memory_limit"):
        seam.piece("accelerator").exceed(1, 2, np.ones((1, 1)), np.ones((1, 1)))


def test_what_the_build_says_of_gpus_is_in_its_protocols_words(seam):
    told = seam.piece("build").gpu()
    assert set(told) == {"kind", "architectures", "libraries"}
    assert all(isinstance(each, str) for each in [told["kind"], *told["architectures"], *told["libraries"]])
    if not told["kind"]:
        assert not told["architectures"]
        assert not told["libraries"]
