"""Each refusal of the Keras adapter is the framework's own answer, and flips where the thing exists."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="Keras is not installed here: tox runs these tests in keras-cpu and others")

from fwconformance.frameworks.keras import _refusals  # noqa: E402

# Keras on TensorFlow converts by an `__array__` without NumPy 2's `copy`.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


class UnbiasedNorm:
    """Keeps the unbiased variance."""

    def __init__(self, momentum):
        self.moving_variance = None

    def __call__(self, inputs, training):
        self.moving_variance = keras.ops.convert_to_tensor(inputs.var(axis=0, ddof=1))


class CorrectedAdam:
    """Adds epsilon to the corrected root, for a first step."""

    def __init__(self, learning_rate, epsilon):
        self.rate, self.epsilon = learning_rate, epsilon

    def apply(self, gradients, variables):
        for gradient, variable in zip(gradients, variables):
            variable.assign_sub(self.rate * gradient / (keras.ops.abs(gradient) + self.epsilon))


def takes_anything(*arguments, **named):
    """A layer for which no argument is wrong."""
    return lambda inputs: inputs


ABSENT = {
    "running variance": lambda: _refusals.running_variance("unbiased"),
    "epsilon": lambda: _refusals.epsilon_placement("corrected"),
    "average padding": _refusals.explicit_average_padding,
    "strided dilation": _refusals.strided_dilation,
    "grouped transpose": _refusals.grouped_transpose,
}
PRESENT = {
    "running variance": lambda: _refusals.running_variance("unbiased", UnbiasedNorm),
    "epsilon": lambda: _refusals.epsilon_placement("corrected", CorrectedAdam),
    "average padding": lambda: _refusals.explicit_average_padding(takes_anything),
    "strided dilation": lambda: _refusals.strided_dilation(takes_anything),
    "grouped transpose": lambda: _refusals.grouped_transpose(takes_anything),
}


@pytest.mark.parametrize("name", ABSENT)
def test_it_is_absent_and_the_evidence_says_so(name):
    absent, evidence = ABSENT[name]().run()
    assert absent
    assert evidence.startswith("keras.")


@pytest.mark.parametrize("name", PRESENT)
def test_it_flips_where_the_thing_exists(name):
    absent, _ = PRESENT[name]().run()
    assert not absent


def test_a_layer_that_pools_nothing_at_all_is_no_evidence():
    """Where "same" fails too, the error is not about the padding asked for."""

    def broken(*arguments, **named):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        _refusals.explicit_average_padding(broken)


def test_adam_adds_epsilon_before_the_correction():
    assert _refusals.measured_placement() == "uncorrected"


def test_repeated_ids_in_a_batch_are_one_gradient_but_on_tensorflow():
    """A known fault: on TensorFlow, Adam squares an embedding's gradient id by id, before summing those of one row."""
    model = keras.Sequential([keras.Input((2,), dtype="int32"), keras.layers.Embedding(2, 1)])
    model.layers[0].embeddings.assign(np.ones((2, 1)))
    adam = keras.optimizers.Adam(0.1)
    model.compile(optimizer=adam, loss="mse", jit_compile=False)
    model.train_on_batch(np.array([[1, 1]], "int32"), np.zeros((1, 2, 1), "float32"))
    (velocity,) = (each for each in adam.variables if "velocity" in each.path)
    # Each of the two has gradient 1, the row 2: 0.001 of its square is 0.004.
    expected = 0.002 if keras.backend.backend() == "tensorflow" else 0.004
    assert float(keras.ops.convert_to_numpy(velocity)[1, 0]) == pytest.approx(expected, rel=1e-3)
