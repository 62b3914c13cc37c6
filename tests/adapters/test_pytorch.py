"""The PyTorch adapter itself; what PyTorch computes is for the suites to judge."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import (  # noqa: E402
    GRU,
    LSTM,
    SGD,
    Adam,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    Loss,
    Network,
    NotAdapted,
    Pool2D,
    SelfAttention,
    Unavailable,
    Unsupported,
    weight_shapes,
)
from fwconformance.frameworks.pytorch import create  # noqa: E402

MSE = Loss(kind="mse")
NETWORKS = {
    "dense": Network(layers=(Dense(units=3), Dense(units=2, bias=False)), input_shape=(4,)),
    "convolution": Network(
        layers=(Conv2D(channels=4, kernel=(3, 2), groups=2, padding=((1, 0), (0, 2))),), input_shape=(2, 5, 4)
    ),
    "batch-norm": Network(layers=(BatchNorm(running_variance="unbiased"),), input_shape=(3, 4, 4)),
    "layer-norm": Network(layers=(LayerNorm(),), input_shape=(5,)),
    "embedding": Network(layers=(Embedding(vocabulary=7, features=4),), input_shape=(None,), integer_input=True),
    "lstm": Network(layers=(LSTM(units=3, bidirectional=True),), input_shape=(None, 2)),
    "gru": Network(layers=(GRU(units=3, bidirectional=True),), input_shape=(None, 2)),
    "attention": Network(layers=(SelfAttention(heads=2),), input_shape=(None, 4)),
}


@pytest.fixture(scope="module")
def framework():
    return create()


@pytest.fixture
def rng():
    return np.random.default_rng(20200101)


def weights_for(network, rng):
    return {name: rng.uniform(0.5, 1.5, shape).astype("float32") for name, shape in weight_shapes(network).items()}


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_weights_come_back_as_they_were_given(framework, rng, name):
    weights = weights_for(NETWORKS[name], rng)
    found = framework.build(NETWORKS[name], weights).weights()
    assert set(found) == set(weights)
    for key, tensor in found.items():
        assert isinstance(tensor, torch.Tensor)
        np.testing.assert_array_equal(tensor.numpy(), weights[key], err_msg=key)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_own_initialisation_is_read_and_written_without_a_change_of_the_outputs(framework, rng, name):
    """PyTorch fills both biases of an LSTM; the neutral one must stand for their sum."""
    network = NETWORKS[name]
    first = framework.build(network)
    second = framework.build(network, {key: tensor.numpy() for key, tensor in first.weights().items()})
    shape = tuple(4 if size is None else size for size in network.input_shape)
    inputs = rng.integers(0, 7, (2, *shape)) if network.integer_input else rng.normal(size=(2, *shape))
    assert torch.allclose(first.forward(inputs), second.forward(inputs), atol=1e-6)


def test_results_do_not_change_when_training_goes_on(framework, rng):
    model = framework.build(NETWORKS["dense"])
    trainer = framework.trainer(model, MSE, SGD(rate=0.5))
    before = model.weights()
    kept = {name: (tensor.clone(), framework.to_numpy(tensor)) for name, tensor in before.items()}
    trainer.step(rng.normal(size=(3, 4)), rng.normal(size=(3, 2)))
    assert not torch.equal(model.weights()["0.kernel"], before["0.kernel"])
    for name, (tensor, array) in kept.items():
        assert torch.equal(before[name], tensor)
        np.testing.assert_array_equal(array, tensor.numpy())


def test_gradients_leave_none_behind(framework, rng):
    model = framework.build(NETWORKS["dense"])
    inputs, targets = rng.normal(size=(3, 4)), rng.normal(size=(3, 2))
    first = model.gradients(MSE, inputs, targets)[1]
    again = model.gradients(MSE, inputs, targets)[1]
    for name in first:
        assert torch.equal(first[name], again[name])


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
        create(device="tpu")


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
    model = framework.build(NETWORKS["dense"])
    with pytest.raises(Unsupported, match="follows 'corrected'"):
        framework.trainer(model, MSE, Adam(rate=0.1, epsilon_placement="uncorrected"))


def test_the_placement_stated_is_the_one_measured(framework):
    framework.trainer(
        framework.build(NETWORKS["dense"]), MSE, Adam(rate=0.1, epsilon_placement=framework.adam_placement())
    )


def test_gaps_of_ours_are_not_adapted(framework):
    with pytest.raises(NotAdapted, match="'teleport'"):
        framework.piece("teleport")
    with pytest.raises(NotAdapted, match="'hinge'"):
        framework.build(NETWORKS["dense"]).gradients(Loss(kind="hinge"), np.zeros((1, 4)), np.zeros((1, 2)))


def test_a_checkpoint_restores_weights_and_momentum(framework, rng, tmp_path):
    batches = [(rng.normal(size=(3, 4)), rng.normal(size=(3, 2))) for _ in range(4)]
    trainer = framework.trainer(framework.build(NETWORKS["dense"]), MSE, SGD(rate=0.1, momentum=0.9))
    for batch in batches[:2]:
        trainer.step(*batch)
    trainer.save(str(tmp_path))
    resumed = framework.trainer(framework.build(NETWORKS["dense"]), MSE, SGD(rate=0.1, momentum=0.9))
    resumed.load(str(tmp_path))
    for batch in batches[2:]:
        trainer.step(*batch)
        resumed.step(*batch)
    for name, tensor in trainer.model.weights().items():
        assert torch.equal(tensor, resumed.model.weights()[name])


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


def test_attention_heeds_lengths(framework, rng):
    model = framework.build(NETWORKS["attention"])
    inputs = rng.normal(size=(1, 5, 4)).astype("float32")
    changed = inputs.copy()
    changed[:, 3:] += 1
    lengths = np.array([3])
    kept = model.forward(inputs, lengths=lengths)[:, :3], model.forward(changed, lengths=lengths)[:, :3]
    assert torch.allclose(*kept, atol=1e-6)
    assert not torch.allclose(model.forward(inputs)[:, :3], model.forward(changed)[:, :3], atol=1e-3)
