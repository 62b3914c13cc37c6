"""What every adapter owes the seam, whatever its framework; tried with each framework that is installed here."""

from __future__ import annotations

import importlib.util
import os
import warnings

import numpy as np
import pytest

from fwconformance.frameworks import (
    GRU,
    LSTM,
    SGD,
    Adam,
    BatchNorm,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Embedding,
    LayerNorm,
    Loss,
    Network,
    NotAdapted,
    Route,
    Seam,
    SelfAttention,
    Shortcut,
    Training,
    Unsupported,
    create,
    weight_shapes,
)
from fwconformance.registry import load_registry
from fwconformance.suitekit import own_running_variance

MSE = Loss(kind="mse")
NETWORKS = {
    "dense": Network(layers=(Dense(units=3), Dense(units=2, bias=False)), input_shape=(4,)),
    "convolution": Network(
        layers=(Conv2D(channels=4, kernel=(3, 2), groups=2, padding=((1, 0), (0, 2))),), input_shape=(2, 5, 4)
    ),
    "transposed-convolution": Network(
        layers=(ConvTranspose2D(channels=3, kernel=(3, 2), stride=(2, 1), padding=(1, 0)),), input_shape=(2, 3, 4)
    ),
    "batch-norm-biased": Network(layers=(BatchNorm(),), input_shape=(3, 4, 4)),
    "batch-norm-unbiased": Network(layers=(BatchNorm(running_variance="unbiased"),), input_shape=(3, 4, 4)),
    "layer-norm": Network(layers=(LayerNorm(),), input_shape=(5,)),
    "embedding": Network(layers=(Embedding(vocabulary=7, features=4),), input_shape=(None,), integer_input=True),
    "lstm": Network(layers=(LSTM(units=3, bidirectional=True),), input_shape=(None, 2)),
    "gru-before": Network(layers=(GRU(units=3, reset="before", bidirectional=True),), input_shape=(None, 2)),
    "gru-after": Network(layers=(GRU(units=3, bidirectional=True),), input_shape=(None, 2)),
    "shortcut": Network(layers=(Conv2D(channels=2, kernel=(1, 1)), Shortcut(layer=-1)), input_shape=(2, 3, 4)),
    "route": Network(
        layers=(Dense(units=3), Route(layers=(-1,)), Dense(units=2), Route(layers=(0, 2))), input_shape=(4,)
    ),
    "attention": Network(layers=(SelfAttention(heads=2),), input_shape=(5, 4)),
}
#: Framework to the module that it needs. Keras takes the backend that is here.
MODULES = {
    "reference": "numpy",
    "pytorch": "torch",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "mxnet": "mxnet",
    "caffe": "caffe",
    "caffe2": "caffe2",
}

# MXNet's last release uses names that NumPy has deprecated; Keras on TensorFlow an `__array__` without NumPy 2's copy.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module", params=sorted(MODULES))
def framework(request):
    if importlib.util.find_spec(MODULES[request.param]) is None:
        pytest.skip(f"{request.param} is not installed here: tox runs these tests in its environment")
    backend = os.environ["KERAS_BACKEND"] if request.param == "keras" else ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return create(request.param, backend, "cpu")


@pytest.fixture(params=sorted(NETWORKS))
def network(request, framework):
    """One that the framework has: some follow one convention only, TensorFlow's attention is Keras'."""
    try:
        framework.build(NETWORKS[request.param])
    except Unsupported as refusal:
        pytest.skip(str(refusal))
    return NETWORKS[request.param]


def inputs_of(network, rng):
    shape = tuple(4 if size is None else size for size in network.input_shape)
    return rng.integers(0, 7, (2, *shape)) if network.integer_input else rng.normal(size=(2, *shape)).astype("float32")


def weights_for(network, rng):
    return {name: rng.uniform(0.5, 1.5, shape).astype("float32") for name, shape in weight_shapes(network).items()}


def read(framework, tensors):
    return {name: framework.to_numpy(tensor).copy() for name, tensor in tensors.items()}


def assert_same(found, expected, **tolerance):
    assert set(found) == set(expected)
    for name, array in found.items():
        np.testing.assert_allclose(array, expected[name], err_msg=name, **tolerance)


def test_weights_come_back_as_they_were_given(framework, network, rng):
    weights = weights_for(network, rng)
    found = framework.build(network, weights).weights()
    assert_same(read(framework, found), weights, rtol=0)
    for tensor in found.values():
        assert not isinstance(tensor, np.ndarray) or framework.name == "reference"


def test_own_initialisation_is_read_and_written_without_a_change_of_the_outputs(framework, network, rng):
    """PyTorch fills both biases of an LSTM; the neutral one must stand for their sum."""
    first = framework.build(network)
    second = framework.build(network, read(framework, first.weights()))
    inputs = inputs_of(network, rng)
    outputs = (framework.to_numpy(model.forward(inputs)) for model in (first, second))
    np.testing.assert_allclose(*outputs, atol=1e-6)


def test_a_network_has_all_its_weights_in_their_shapes(framework, network):
    found = framework.build(network).weights()
    assert {name: framework.describe(tensor).shape for name, tensor in found.items()} == weight_shapes(network)


def test_results_do_not_change_when_training_goes_on(framework, rng):
    model = framework.build(NETWORKS["dense"], weights_for(NETWORKS["dense"], rng))
    before = model.weights()
    kept = read(framework, before)
    trainer = framework.trainer(model, MSE, SGD(rate=0.5))
    trainer.step(rng.normal(size=(3, 4)).astype("float32"), rng.normal(size=(3, 2)).astype("float32"))
    assert_same(read(framework, before), kept, rtol=0)
    assert np.any(framework.to_numpy(trainer.model.weights()["0.kernel"]) != kept["0.kernel"])


def test_gradients_leave_none_behind(framework, rng):
    model = framework.build(NETWORKS["lstm"])
    batch = rng.normal(size=(3, 5, 2)).astype("float32"), rng.normal(size=(3, 5, 6)).astype("float32")
    first, again = (read(framework, model.gradients(MSE, *batch)[1]) for _ in range(2))
    assert_same(again, first, atol=1e-7)


def test_no_gradient_is_named_for_state(framework, rng):
    inputs = rng.normal(size=(2, 3, 4, 4)).astype("float32")
    for name in ("batch-norm-biased", "batch-norm-unbiased"):
        try:
            model = framework.build(NETWORKS[name])
        except Unsupported:
            continue
        _, gradients, inward = model.gradients(MSE, inputs, inputs, training=True)
        assert set(gradients) == {"0.scale", "0.shift"}
        assert framework.describe(inward).shape == inputs.shape
        return
    pytest.fail("no convention of the running variance is there")


def test_integer_inputs_have_no_gradient(framework):
    targets = np.zeros((1, 2, 4), "float32")
    _, _, inward = framework.build(NETWORKS["embedding"]).gradients(MSE, np.array([[1, 2]]), targets)
    assert inward is None


def test_a_loss_is_a_scalar(framework, rng):
    model = framework.build(NETWORKS["dense"])
    batch = rng.normal(size=(3, 4)).astype("float32"), rng.normal(size=(3, 2)).astype("float32")
    trainer = framework.trainer(model, MSE, SGD(rate=0.1))
    for loss in (model.gradients(MSE, *batch)[0], trainer.step(*batch)):
        assert framework.describe(loss).shape == ()
        assert framework.to_numpy(loss).shape == ()


def test_a_checkpoint_restores_weights_and_momentum(framework, rng, tmp_path):
    batches = [(rng.normal(size=(3, 4)).astype("float32"), rng.normal(size=(3, 2)).astype("float32")) for _ in range(4)]

    def trainer():
        model = framework.build(NETWORKS["dense"], weights_for(NETWORKS["dense"], np.random.default_rng(1)))
        return framework.trainer(model, MSE, SGD(rate=0.1, momentum=0.9))

    first, resumed = trainer(), trainer()
    for batch in batches[:2]:
        first.step(*batch)
    first.save(str(tmp_path))
    resumed.load(str(tmp_path))
    for batch in batches[2:]:
        first.step(*batch)
        resumed.step(*batch)
    assert_same(read(framework, resumed.model.weights()), read(framework, first.model.weights()), rtol=1e-6)


def test_the_placement_of_epsilon_that_is_stated_is_the_one_measured(framework):
    model = framework.build(NETWORKS["dense"])
    framework.trainer(model, MSE, Adam(rate=0.1, epsilon_placement=framework.adam_placement()))


def test_a_compiled_model_shares_its_weights(framework, rng):
    model = framework.build(NETWORKS["dense"])
    compiled = model.compiled()
    batch = rng.normal(size=(3, 4)).astype("float32"), rng.normal(size=(3, 2)).astype("float32")
    before = framework.to_numpy(compiled.forward(batch[0])).copy()
    framework.trainer(model, MSE, SGD(rate=0.5)).step(*batch)
    after = framework.to_numpy(compiled.forward(batch[0]))
    np.testing.assert_allclose(after, framework.to_numpy(model.forward(batch[0])), rtol=1e-5)
    assert np.abs(after - before).max() > 1e-4


def test_attention_heeds_lengths(framework, rng):
    try:
        model = framework.build(NETWORKS["attention"])
    except Unsupported as refusal:
        assert framework.name in ("tensorflow", "caffe"), "others have attention"
        pytest.skip(str(refusal))
    inputs = rng.normal(size=(2, 5, 4)).astype("float32")
    changed = inputs.copy()
    changed[0, 3:] += 1
    lengths = np.array([3, 5])
    kept = (framework.to_numpy(model.forward(x, lengths=lengths))[0, :3] for x in (inputs, changed))
    np.testing.assert_allclose(*kept, atol=1e-6)
    free = [framework.to_numpy(model.forward(x))[0, :3] for x in (inputs, changed)]
    assert np.abs(free[0] - free[1]).max() > 1e-3


@pytest.fixture
def served(framework, tmp_path):
    """(a model, the function by which a server predicts from what was saved of it)."""
    if framework.name == "reference":
        pytest.skip("the reference writes no files")
    normalised = BatchNorm(running_variance=own_running_variance(Seam(framework)))
    network = Network(layers=(Dense(units=3), normalised, Dropout(rate=0.5), Dense(units=2)), input_shape=(4,))
    model = framework.build(network, weights_for(network, np.random.default_rng(2)))
    piece = framework.piece("serving")
    described = piece.save(model, np.zeros((3, 4), "float32"), str(tmp_path))
    assert all(isinstance(word, str) for word in described.values())
    return model, piece.load(str(tmp_path), described)


@pytest.mark.parametrize("rows", [1, 5])
def test_a_saved_model_is_served_in_inference(framework, served, rng, rows):
    model, predict = served
    inputs = rng.normal(size=(rows, 4)).astype("float32")
    outputs = predict(inputs)
    said = framework.describe(outputs)
    assert (said.device, said.dtype, tuple(said.shape)) == ("cpu", "float32", (rows, 2))
    np.testing.assert_allclose(framework.to_numpy(outputs), framework.to_numpy(model.forward(inputs)), rtol=1e-5)


def test_a_served_model_refuses_inputs_of_another_shape_and_goes_on(framework, served):
    model, predict = served
    with pytest.raises(Exception):  # noqa: B017, PT011 - each framework has errors of its own
        predict(np.zeros((2, 5), "float32"))
    inputs = np.ones((2, 4), "float32")
    np.testing.assert_allclose(
        framework.to_numpy(predict(inputs)), framework.to_numpy(model.forward(inputs)), rtol=1e-5
    )


def test_timed_inference_gives_the_models_outputs_in_every_mode(framework, rng):
    network = NETWORKS["dense"]
    weights, inputs = weights_for(network, rng), rng.normal(size=(5, 4)).astype("float32")
    expected = framework.to_numpy(framework.build(network, weights).forward(inputs))
    piece = framework.piece("speed")
    for mode, means in piece.modes.items():
        timed = piece.inference(network, weights, inputs, mode)
        for _ in range(2):
            np.testing.assert_allclose(values(framework, timed.call()), expected, rtol=1e-4, atol=1e-5, err_msg=mode)
        assert timed.trainer is None
        assert means


@pytest.mark.filterwarnings("ignore")  # of what compiles
def test_timed_steps_train_as_the_trainer_does_in_every_mode(framework, rng):
    network, optimizer = NETWORKS["dense"], SGD(rate=0.1, momentum=0.9)
    weights, inputs = weights_for(network, rng), rng.normal(size=(5, 4)).astype("float32")
    targets = rng.normal(size=(5, 2)).astype("float32")
    trainer = framework.trainer(framework.build(network, weights), MSE, optimizer)
    losses = [values(framework, trainer.step(inputs, targets)) for _ in range(3)]
    expected = {name: framework.to_numpy(value) for name, value in trainer.model.weights().items()}
    work = Training(network=network, weights=weights, loss=MSE, optimizer=optimizer, batches=((inputs, targets),))
    piece = framework.piece("speed")
    for mode in piece.modes:
        timed = piece.training(work, mode)
        first = values(framework, timed.call())
        np.testing.assert_allclose(first, losses[0], rtol=1e-4, err_msg=mode)
        timed.call()
        np.testing.assert_allclose(values(framework, timed.trainer.step(inputs, targets)), losses[2], rtol=1e-3)
        for name, value in timed.model.weights().items():
            np.testing.assert_allclose(framework.to_numpy(value), expected[name], rtol=1e-4, atol=1e-5, err_msg=mode)


def values(framework, result):
    """A scalar or array, native or already on the host."""
    found = result if isinstance(result, (float, np.ndarray, np.generic)) else framework.to_numpy(result)
    return np.asarray(found).reshape(() if np.size(found) == 1 else np.shape(found))


def test_a_mode_that_is_not_there_is_no_fact_about_the_framework(framework):
    with pytest.raises(NotAdapted, match="no mode 'fastest'"):
        framework.piece("speed").inference(NETWORKS["dense"], {}, np.zeros((2, 4), "float32"), "fastest")


def test_the_mode_recommended_for_speed_is_one_of_them(framework):
    piece = framework.piece("speed")
    assert {"default", piece.best} <= set(piece.modes)


@pytest.mark.parametrize("value", [1.0, [1.0], "1"], ids=repr)
def test_describe_refuses_what_is_no_tensor(framework, value):
    with pytest.raises(TypeError):
        framework.describe(value)


def test_gaps_of_ours_are_not_adapted(framework):
    with pytest.raises(NotAdapted, match="'teleport'"):
        framework.piece("teleport")
    with pytest.raises(NotAdapted, match="'hinge'"):
        framework.build(NETWORKS["dense"]).gradients(
            Loss(kind="hinge"), np.zeros((1, 4), "float32"), np.zeros((1, 2), "float32")
        )


def test_sabotages_have_names_of_their_own(framework):
    names = [sabotage.name for sabotage in framework.sabotages()]
    assert len(set(names)) == len(names)


def test_each_sabotage_names_an_active_case(framework):
    capabilities = load_registry().capabilities
    for sabotage in framework.sabotages():
        assert sabotage.case in {case.id for case in capabilities[sabotage.kills].cases}, sabotage.name
