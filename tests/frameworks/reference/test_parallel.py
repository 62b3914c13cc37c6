"""Several logical devices of the reference."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import LSTM, SGD, Activation, Dense, Loss, Network, NotAdapted, Seam, Training, create
from fwconformance.frameworks.reference._layer import Call, Randomness
from fwconformance.frameworks.reference._layers_dense import Dense as DenseLayer
from fwconformance.frameworks.reference._parallel import DataParallel, ModelParallel, Sharing, SplitDense, device_names


@pytest.fixture
def training():
    """Two layers, an odd number of units, two steps of momentum."""
    rng = np.random.default_rng(2)
    network = Network(layers=(Dense(units=5), Activation(kind="tanh"), Dense(units=3)), input_shape=(4,))
    shapes = {"0.kernel": (4, 5), "0.bias": (5,), "2.kernel": (5, 3), "2.bias": (3,)}
    return Training(
        network=network,
        weights={name: rng.normal(size=shape) for name, shape in shapes.items()},
        loss=Loss(kind="cross-entropy"),
        optimizer=SGD(rate=0.1, momentum=0.9),
        batches=tuple((rng.normal(size=(6, 4)), rng.integers(0, 3, size=6)) for _ in range(2)),
    )


@pytest.fixture
def alone(training):
    """Weights after the training on one device."""
    seam = Seam(create("reference"))
    trainer = seam.trainer(seam.build(training.network, training.weights), training.loss, training.optimizer)
    for inputs, targets in training.batches:
        trainer.step(inputs, targets)
    return trainer.model.weights()


def test_the_first_device_has_no_number():
    assert device_names(3) == ["cpu", "cpu:1", "cpu:2"]


@pytest.mark.parametrize("devices", [1, 2, 3])
def test_replicas_end_where_one_device_does(training, alone, devices):
    told = DataParallel().train(training, devices)
    assert len(told) == devices
    for replica in told:
        for name, value in alone.items():
            np.testing.assert_allclose(replica["weights"][name].array, value, rtol=1e-12, atol=1e-14)


def test_each_replica_is_on_its_device_and_has_its_rows(training):
    told = DataParallel().train(training, 2)
    for number, replica in enumerate(told):
        tensors = [*replica["weights"].values(), *replica["inputs"], *replica["outputs"]]
        assert {tensor.device for tensor in tensors} == {["cpu", "cpu:1"][number]}
        for given, (inputs, _) in zip(replica["inputs"], training.batches):
            assert (given.array == inputs[3 * number : 3 * number + 3]).all()


def test_outputs_are_those_before_the_update(training):
    (first, _) = DataParallel().train(training, 2)
    model = create("reference").build(training.network, training.weights)
    np.testing.assert_allclose(first["outputs"][0].array, model.forward(training.batches[0][0][:3]).array, rtol=1e-12)


def test_a_batch_that_cannot_be_dealt_evenly_is_refused(training):
    with pytest.raises(ValueError, match="a batch of 6 rows is not dealt evenly to 4 devices"):
        DataParallel().train(training, 4)


def test_the_reduced_gradient_is_the_mean():
    gradients = [{"w": np.array([1.0, 2.0])}, {"w": np.array([3.0, 6.0])}]
    assert Sharing().reduce(gradients)["w"].tolist() == [2.0, 4.0]


@pytest.mark.parametrize("devices", [1, 2, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_a_split_layer_is_the_whole_one(devices, bias):
    """Forward and backward, columns that cannot be split evenly too."""
    rng = np.random.default_rng(4)
    weights = {"kernel": rng.normal(size=(3, 5)), **({"bias": rng.normal(size=5)} if bias else {})}
    whole, split = DenseLayer(None, weights), SplitDense(None, weights, devices)
    inputs, upstream, call = rng.normal(size=(2, 3)), rng.normal(size=(2, 5)), Call(randomness=Randomness(0))
    outputs, cache = split.forward(inputs, call)
    expected, expected_cache = whole.forward(inputs, call)
    np.testing.assert_allclose(outputs, expected, rtol=1e-12)
    inward, gradients = split.backward(upstream, cache)
    expected_inward, expected_gradients = whole.backward(upstream, expected_cache)
    np.testing.assert_allclose(inward, expected_inward, rtol=1e-12)
    for role, value in expected_gradients.items():
        joined = np.concatenate([gradients[f"{role}@{number}"] for number in range(devices)], axis=-1)
        np.testing.assert_allclose(joined, value, rtol=1e-12)
    assert {role: value.tolist() for role, value in split.whole().items()} == {
        role: value.tolist() for role, value in weights.items()
    }


def test_a_split_model_trains_as_a_whole_one_and_each_device_holds_a_part(training, alone):
    told = ModelParallel().train(training, 2)
    for name, value in alone.items():
        np.testing.assert_allclose(told["weights"][name].array, value, rtol=1e-12, atol=1e-14)
    first, second = told["held"]
    assert {name: value.shape for name, value in first.items()} == {
        "0.kernel@0": (4, 3), "0.bias@0": (3,), "2.kernel@0": (5, 2), "2.bias@0": (2,)
    }  # fmt: skip
    assert {name: value.shape for name, value in second.items()} == {
        "0.kernel@1": (4, 2), "0.bias@1": (2,), "2.kernel@1": (5, 1), "2.bias@1": (1,)
    }  # fmt: skip
    assert {value.device for value in second.values()} == {"cpu:1"}


def test_a_layer_that_is_not_split_is_said():
    network = Network(layers=(LSTM(units=2),), input_shape=(3, 2))
    weights = {"0.kernel": np.ones((2, 8)), "0.recurrent": np.ones((2, 8)), "0.bias": np.ones(8)}
    training = Training(
        network=network, weights=weights, loss=Loss(kind="mse"), optimizer=SGD(rate=0.1), batches=()
    )  # fmt: skip
    with pytest.raises(NotAdapted, match="splits dense layers over devices, not LSTM"):
        ModelParallel().train(training, 2)
