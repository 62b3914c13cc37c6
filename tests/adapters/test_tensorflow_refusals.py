"""Each refusal of the TensorFlow adapter is the framework's own answer, and flips where the thing exists."""

from __future__ import annotations

import types

import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed: tox runs these tests in tensorflow-cpu")

from fwconformance.frameworks.tensorflow import _refusals  # noqa: E402


class CorrectedAdam:
    """Adds epsilon to the corrected root, for a first step."""

    def __init__(self, learning_rate, epsilon):
        self.rate, self.epsilon = learning_rate, epsilon

    def apply_gradients(self, pairs):
        for gradient, variable in pairs:
            variable.assign_sub(self.rate * gradient / (abs(gradient) + self.epsilon))


def resets_after(x, h_prev, w_ru, w_c, b_ru, b_c):
    """GRUBlockCell's signature, resetting after the product."""
    reset, update = tf.split(tf.sigmoid(tf.concat([x, h_prev], 1) @ w_ru + b_ru), 2, axis=1)
    new = tf.tanh(x @ w_c[: x.shape[1]] + reset * (h_prev @ w_c[x.shape[1] :]) + b_c)
    return types.SimpleNamespace(h=update * h_prev + (1 - update) * new)


ABSENT = {
    "attention": _refusals.attention,
    "average padding": _refusals.explicit_average_padding,
    "grouped transpose": _refusals.grouped_transpose,
    "gru gradient": _refusals.gru_gradient,
    "reset after": _refusals.reset_after,
    "epsilon": lambda: _refusals.epsilon_placement("corrected"),
}
PRESENT = {
    "attention": lambda: _refusals.attention(types.SimpleNamespace(dot_product_attention=None)),
    "average padding": lambda: _refusals.explicit_average_padding(lambda *_arguments: None),
    "grouped transpose": lambda: _refusals.grouped_transpose(lambda *_arguments: None),
    "gru gradient": lambda: _refusals.gru_gradient(lambda x, *_rest: 2 * x),
    "reset after": lambda: _refusals.reset_after(resets_after),
    "cudnn": lambda: _refusals.cudnn_gru(lambda: None),
    "epsilon": lambda: _refusals.epsilon_placement("corrected", CorrectedAdam),
}


@pytest.mark.parametrize("name", ABSENT)
def test_it_is_absent_and_the_evidence_says_so(name):
    absent, evidence = ABSENT[name]().run()
    assert absent
    assert "tf." in evidence


@pytest.mark.parametrize("name", PRESENT)
def test_it_flips_where_the_thing_exists(name):
    absent, _ = PRESENT[name]().run()
    assert not absent


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="on a CUDA device cuDNN's GRU has a kernel")
def test_cudnn_has_no_kernel_for_a_cpu():
    absent, evidence = _refusals.cudnn_gru().run()
    assert absent, evidence


def test_every_needs_all_of_its_probes():
    """One way to the thing is enough for it to be there."""
    here, gone = _refusals.cudnn_gru(lambda: None), _refusals.explicit_average_padding()
    assert _refusals.Every((gone, gone)).run()[0]
    assert not _refusals.Every((gone, here)).run()[0]


def test_adam_adds_epsilon_before_the_correction():
    assert _refusals.measured_placement() == "uncorrected"
