"""What has another name in Keras 2, by whichever Keras is here: keras-cpu and keras-2020-cpu have one each."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("keras", reason="Keras is not installed: tox runs these tests where it is")

from fwconformance.frameworks import SGD, Dense, Loss, Network, create
from fwconformance.frameworks.keras import _native

# What Keras and its backend warn of is none of ours.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def framework():
    return create("keras", _native.keras.backend.backend(), "cpu")


def test_a_seed_is_that_of_all_generators(framework):
    drawn = []
    for _ in range(2):
        _native.seed_all(3)
        layer = _native.keras.layers.Dense(2)
        layer.build((None, 4))
        drawn.append((np.random.uniform(), _native.ops.convert_to_numpy(layer.kernel)))  # noqa: NPY002  # Keras' own
    assert drawn[0][0] == drawn[1][0]
    np.testing.assert_array_equal(drawn[0][1], drawn[1][1])


def test_a_step_is_taken_by_the_optimizers_own_method(framework):
    weight = _native.variable(np.ones(2, "float32"))
    _native.apply(_native.keras.optimizers.SGD(0.5), [_native.ops.ones(2)], [weight])
    np.testing.assert_allclose(_native.ops.convert_to_numpy(weight), [0.5, 0.5])


def test_an_optimizer_has_its_own_variables_once_it_is_built(framework):
    weight = _native.variable(np.ones(2, "float32"))
    optimizer = _native.keras.optimizers.SGD(0.5, momentum=0.9)
    _native.build(optimizer, [weight])
    shapes = [tuple(one.shape) for one in _native.state(optimizer)]
    assert (2,) in shapes


def test_a_graph_of_placeholders_gives_what_it_says(framework):
    left, right = _native.placeholder((3, 2)), _native.placeholder((2, 2))
    graph = _native.GRAPH([left, right], _native.ops.matmul(left, right))
    values = np.arange(6, dtype="float32").reshape(3, 2), np.eye(2, dtype="float32")
    found = graph([_native.ops.convert_to_tensor(one) for one in values])
    np.testing.assert_allclose(_native.ops.convert_to_numpy(found), values[0])
    assert isinstance(graph, _native.CALLED_GRAPH)


def test_the_word_for_xla_is_left_out_where_it_is_not_known(framework):
    model = framework.build(Network(layers=(Dense(units=2),), input_shape=(3,)))
    trainer = framework.trainer(model, Loss(kind="mse"), SGD(rate=0.1))
    inputs, targets = np.ones((4, 3), "float32"), np.zeros((4, 2), "float32")
    first, second = (float(_native.ops.convert_to_numpy(trainer.step(inputs, targets))) for _ in range(2))
    assert second < first
    assert _native.by_jit(False) in ({}, {"jit_compile": False})
