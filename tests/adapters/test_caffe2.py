"""The Caffe2 adapter itself; what Caffe2 computes is for the suites to judge."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("caffe2.python", reason="Caffe2 is not here: tox runs these tests in caffe2-cpu")
from caffe2.python import workspace

from fwconformance.frameworks import (
    GRU,
    LSTM,
    SGD,
    Activation,
    AdaGrad,
    Adam,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    LayerNorm,
    Loss,
    Network,
    NotAdapted,
    RMSProp,
    Training,
    Unavailable,
    Unsupported,
)
from fwconformance.frameworks.caffe2 import create
from fwconformance.frameworks.reference import create as reference

# Its brew and its optimizer call what Python and logging have better names for since.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:caffe2")

MSE = Loss(kind="mse")
DENSE = Network(layers=(Dense(units=3), Dense(units=2, bias=False)), input_shape=(4,))
IMAGES = Network(layers=(Conv2D(channels=2, kernel=(3, 3)), Flatten(), Dense(units=2)), input_shape=(1, 4, 4))


@pytest.fixture(scope="module")
def framework():
    return create()


def drawn(framework, network, rng):
    """Weights of `network`, none of them 0."""
    found = framework.build(network).weights()
    return {name: rng.normal(size=value.fetch().shape).astype("float32") for name, value in found.items()}


def test_describe_speaks_of_the_blob(framework):
    info = framework.describe(framework.build(DENSE).weights()["0.kernel"])
    assert (info.device, info.dtype, info.shape) == ("cpu", "float32", (4, 3))
    assert info.native_type.endswith(".Blob")


@pytest.mark.parametrize("value", [np.zeros(3), 1.0, [1.0]])
def test_describe_refuses_what_is_no_blob(framework, value):
    with pytest.raises(TypeError, match="not a Caffe2 tensor blob"):
        framework.describe(value)


def test_a_backend_is_refused():
    with pytest.raises(ValueError, match="no backend to choose"):
        create(backend="jax")


def test_an_unknown_device_is_refused_naming_the_known_ones():
    with pytest.raises(ValueError, match="cpu, cuda"):
        create(device="tpu")


def test_a_gpu_is_unavailable():
    with pytest.raises(Unavailable, match="on the CPU alone"):
        create(device="cuda")


def test_the_version_is_that_of_the_pytorch_that_carries_it(framework):
    assert set(framework.versions()) == {"torch"}


def test_two_models_of_one_description_keep_apart(framework, rng):
    weights = drawn(framework, DENSE, rng)
    first = framework.build(DENSE, weights)
    framework.build(DENSE, {name: value + 1 for name, value in weights.items()})
    for name, value in first.weights().items():
        np.testing.assert_array_equal(value.fetch(), weights[name], err_msg=name)


def test_results_are_the_caller_s(framework, rng):
    """Another pass of the same net does not change what the first gave."""
    model, inputs = framework.build(DENSE), rng.normal(size=(2, 4))
    found = model.forward(inputs)
    before = found.fetch()
    model.forward(inputs + 1)
    np.testing.assert_array_equal(found.fetch(), before)


def test_a_training_pass_moves_the_running_statistics(framework, rng):
    model = framework.build(Network(layers=(BatchNorm(running_variance="unbiased"),), input_shape=(3, 4, 4)))
    model.forward(rng.normal(size=(2, 3, 4, 4)) + 1)
    assert not model.weights()["0.mean"].fetch().any()
    model.forward(rng.normal(size=(2, 3, 4, 4)) + 1, training=True)
    assert model.weights()["0.mean"].fetch().min() > 0


def test_a_recurrent_layer_follows_the_weights_that_training_gave(framework, rng):
    network = Network(layers=(LSTM(units=3, sequences=False), Dense(units=2)), input_shape=(None, 2))
    model, inputs = framework.build(network), rng.normal(size=(3, 5, 2))
    before = model.forward(inputs).fetch()
    framework.trainer(model, MSE, SGD(rate=0.5)).step(inputs, np.ones((3, 2)))
    after = model.forward(inputs).fetch()
    weights = {name: value.fetch() for name, value in model.weights().items()}
    np.testing.assert_allclose(framework.build(network, weights).forward(inputs).fetch(), after, atol=1e-6)
    assert abs(after - before).max() > 1e-4


@pytest.mark.parametrize(
    "layer", [LSTM(units=3), GRU(units=3, reset="after"), LayerNorm()], ids=["lstm", "gru", "norm"]
)
def test_training_begins_at_the_weights_that_were_given(framework, rng, layer):
    """Some of brew's helpers fill their parameters whenever a net is declared."""
    network = Network(layers=(layer, Dense(units=2)), input_shape=(None, 3))
    weights = drawn(framework, network, rng)
    model = framework.build(network, weights)
    framework.trainer(model, MSE, SGD(rate=0.1, momentum=0.9))
    for name, value in model.weights().items():
        np.testing.assert_array_equal(value.fetch(), weights[name], err_msg=name)


@pytest.mark.parametrize(
    "optimizer", [SGD(rate=0.1, momentum=0.9), AdaGrad(rate=0.1, epsilon=0.1)], ids=["sgd", "adagrad"]
)
def test_an_id_that_repeats_is_one_step(framework, rng, optimizer):
    """Of the sum of its gradients, not a step for each of them."""
    network = Network(
        layers=(Embedding(vocabulary=3, features=2), Flatten(), Dense(units=2)), input_shape=(4,), integer_input=True
    )
    weights, inputs = drawn(framework, network, rng), np.array([[0, 1, 2, 0], [1, 1, 2, 2]])
    targets, oracle = rng.normal(size=(2, 2)), reference()
    trainers = [seam.trainer(seam.build(network, weights), MSE, optimizer) for seam in (framework, oracle)]
    for _ in range(2):
        for trainer in trainers:
            trainer.step(inputs, targets)
    found, expected = (trainer.model.weights()["0.table"] for trainer in trainers)
    np.testing.assert_allclose(found.fetch(), oracle.to_numpy(expected), rtol=1e-5)


def test_conventions_that_caffe2_lacks_are_unsupported_with_the_measurement(framework):
    with pytest.raises(Unsupported, match="follows 'unbiased': measured 2"):
        framework.build(Network(layers=(BatchNorm(running_variance="biased"),), input_shape=(3,)))
    with pytest.raises(Unsupported, match="follows 'uncorrected'"):
        framework.trainer(framework.build(DENSE), MSE, Adam(rate=0.1, epsilon_placement="corrected"))


@pytest.mark.parametrize(("kind", "described"), [("adagrad", AdaGrad), ("rmsprop", RMSProp)])
def test_epsilon_elsewhere_than_where_it_was_measured_is_unsupported(framework, kind, described):
    own = framework.own_conventions(kind)["epsilon_placement"]
    asked = "inside" if own == "outside" else "outside"
    framework.trainer(framework.build(DENSE), MSE, described(rate=0.1, epsilon_placement=own))
    with pytest.raises(Unsupported, match=f"follows '{own}'"):
        framework.trainer(framework.build(DENSE), MSE, described(rate=0.1, epsilon_placement=asked))


def test_squares_that_do_not_begin_at_nought_are_not_adapted(framework):
    own = framework.own_conventions("adagrad")["epsilon_placement"]
    with pytest.raises(NotAdapted, match="squares of 0"):
        framework.trainer(framework.build(DENSE), MSE, AdaGrad(rate=0.1, epsilon_placement=own, initial=0.1))


def test_a_piece_that_no_one_knows_is_not_adapted(framework):
    with pytest.raises(NotAdapted, match="'no-such'"):
        framework.piece("no-such")


def test_timed_training_is_the_trainer_s(framework, rng):
    network = Network(layers=(Dense(units=3), Dropout(rate=0.0), Activation(kind="tanh")), input_shape=(4,))
    weights = drawn(framework, network, rng)
    batch = rng.normal(size=(5, 4)), rng.normal(size=(5, 3))
    work = Training(network=network, weights=weights, loss=MSE, optimizer=SGD(rate=0.1, momentum=0.9), batches=[batch])
    timed = framework.piece("speed").training(work, "default")
    trainer = framework.trainer(framework.build(network, weights), MSE, work.optimizer)
    for _ in range(3):
        np.testing.assert_allclose(timed.call().fetch(), trainer.step(*batch).fetch(), rtol=1e-5)
    for name, value in trainer.model.weights().items():
        np.testing.assert_allclose(timed.model.weights()[name].fetch(), value.fetch(), rtol=1e-5, err_msg=name)


def test_a_mode_that_it_has_not_is_not_adapted(framework, rng):
    with pytest.raises(NotAdapted, match="no mode 'fast'"):
        framework.piece("speed").inference(DENSE, {}, rng.normal(size=(2, 4)), "fast")


def test_what_is_served_is_the_model(framework, rng, tmp_path):
    model, inputs = framework.build(IMAGES), rng.normal(size=(3, 1, 4, 4)).astype("float32")
    piece = framework.piece("serving")
    predict = piece.load(str(tmp_path), piece.save(model, inputs[:1], str(tmp_path)))
    np.testing.assert_allclose(predict(inputs).fetch(), model.forward(inputs).fetch(), rtol=1e-6)
    with pytest.raises(ValueError, match="the net takes"):
        predict(inputs[:, :, :3])


def test_a_definition_is_text_that_names_no_blob_of_this_process(framework):
    """So the same network is the same text, however many nets were made before."""
    first = framework.piece("definition").write(IMAGES)
    framework.build(IMAGES)
    assert framework.piece("definition").write(IMAGES) == first
    assert 'type: "Conv"' in first


def test_a_definition_carries_no_weights(framework, rng):
    piece, inputs = framework.piece("definition"), rng.normal(size=(2, 1, 4, 4))
    weights = drawn(framework, IMAGES, rng)
    text = piece.write(IMAGES)
    for factor in (1, 2):
        given = {name: value * factor for name, value in weights.items()}
        expected = framework.build(IMAGES, given).forward(inputs).fetch()
        np.testing.assert_allclose(piece.forward(text, given, inputs).fetch(), expected, rtol=1e-5)


@pytest.mark.parametrize("files", [1, 3])
@pytest.mark.parametrize("batch", [4, 5])
def test_every_record_comes_and_then_the_first_again(framework, rng, tmp_path, files, batch):
    """Also where the records are no whole number of batches, and the files not all of one size."""
    images, labels = rng.normal(size=(10, 1, 2, 2)).astype("float32"), np.arange(10)
    piece = framework.piece("data-files")
    piece.write(str(tmp_path), images, labels, files)
    assert len(list(tmp_path.iterdir())) == files
    found = piece.read(str(tmp_path), batch, 6)
    expected = np.arange(6 * batch) % 10
    np.testing.assert_array_equal(np.concatenate([each.fetch() for _, each in found]), expected)
    np.testing.assert_array_equal(np.concatenate([each.fetch() for each, _ in found]), images[expected])


def test_shuffling_follows_its_seed(framework, rng, tmp_path):
    piece = framework.piece("data-files")
    piece.write(str(tmp_path), rng.normal(size=(12, 1, 2, 2)), np.arange(12), 1)

    def order(seed):
        ((_, labels),) = piece.read(str(tmp_path), 12, 1, shuffle=True, seed=seed)
        return labels.fetch().tolist()

    assert order(1) == order(1) != order(2)
    assert sorted(order(1)) == list(range(12))


def test_a_folder_without_records_is_an_error_that_names_it(framework, tmp_path):
    with pytest.raises(FileNotFoundError, match=tmp_path.name):
        framework.piece("data-files").read(str(tmp_path), 2, 1)


def test_nothing_is_left_beside_the_caller(framework, rng, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "saved").mkdir()
    trainer = framework.trainer(framework.build(DENSE), MSE, SGD(rate=0.1))
    trainer.step(rng.normal(size=(2, 4)), rng.normal(size=(2, 2)))
    trainer.save(str(tmp_path / "saved"))
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]
    assert workspace.CurrentWorkspace() == "default"
