"""Keras 2: its operations by NumPy's results, its exports, and the faults in what writes them. In keras-2020-cpu."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("keras", reason="Keras is not installed: tox runs these tests in keras-2020-cpu")

from fwconformance.frameworks import Dense, Network, NotAdapted, Unsupported, create
from fwconformance.frameworks.keras import _export_earlier, _native, _refusals

pytestmark = [
    pytest.mark.skipif(_native.HAS_OPS, reason="this is Keras 3: tox runs these tests in keras-2020-cpu"),
    # What TensorFlow of 2020 warns of is none of ours.
    pytest.mark.filterwarnings("ignore"),
]
AROUND = ((1, 0), (0, 2))
VALUES = np.linspace(-2, 2, 12, dtype="float32").reshape(3, 4)


def numbers(tensor):
    return _native.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [
        (lambda ops, x: ops.tanh(x), np.tanh),
        (lambda ops, x: ops.square(x), np.square),
        (lambda ops, x: ops.sign(x), np.sign),
        (lambda ops, x: ops.power(x, 2.0), lambda x: x**2),
        (lambda ops, x: ops.transpose(x, (1, 0)), np.transpose),
        (lambda ops, x: ops.reshape(x, (4, 3)), lambda x: x.reshape(4, 3)),
        (lambda ops, x: ops.mean(x, axis=[0]), lambda x: x.mean(axis=0)),
        (lambda ops, x: ops.var(x, axis=[0]), lambda x: x.var(axis=0)),
        (lambda ops, x: ops.sum(x), np.sum),
        (lambda ops, x: ops.flip(x, axis=1), lambda x: x[:, ::-1]),
        (lambda ops, x: ops.concatenate([x, x], axis=-1), lambda x: np.concatenate([x, x], axis=-1)),
        (lambda ops, x: ops.split(x, 2, axis=1)[1], lambda x: x[:, 2:]),
        (lambda ops, x: ops.matmul(x, ops.transpose(x, (1, 0))), lambda x: x @ x.T),
        (lambda ops, x: ops.pad(x, AROUND, constant_values=7.0), lambda x: np.pad(x, AROUND, constant_values=7.0)),
        (lambda ops, x: ops.less(x, ops.zeros((3, 4))), lambda x: x < 0),
        (lambda ops, x: ops.add(x, ops.cast(ops.arange(4, dtype="int32"), "float32")), lambda x: x + np.arange(4)),
        (lambda ops, x: ops.add(ops.multiply(x, x), ops.subtract(x, ops.ones((3, 4)))), lambda x: x * x + x - 1),
    ],
)  # fmt: skip
def test_an_operation_gives_what_numpys_does(ours, numpys):
    found = ours(_native.ops, _native.ops.convert_to_tensor(VALUES, dtype="float32"))
    np.testing.assert_allclose(numbers(found), numpys(VALUES), rtol=1e-5, atol=1e-6)


def test_there_is_one_mode_and_it_is_not_said_to_use_xla():
    """`compile` does not know the word: a mode without XLA would be the same one again."""
    assert create("keras", "tensorflow", "cpu").piece("speed").modes == {
        "default": "compile() as it is: tf.function, without XLA"
    }


def test_normalisation_is_by_what_it_is_given():
    mean, variance = VALUES.mean(axis=0), VALUES.var(axis=0)
    ones, zeros = _native.ops.ones(4), _native.ops.zeros((4,))
    x, mean_of_all, variance_of_all = map(_native.ops.convert_to_tensor, (VALUES, mean, variance))
    found = _native.ops.batch_normalization(x, mean_of_all, variance_of_all, 1, zeros, ones, 1e-3)
    np.testing.assert_allclose(numbers(found), (VALUES - mean) / np.sqrt(variance + 1e-3), rtol=1e-4, atol=1e-5)


def test_a_format_that_it_has_no_way_to_is_a_gap_of_ours(tmp_path):
    model = create("keras", "tensorflow", "cpu").build(Network(layers=(Dense(units=2),), input_shape=(3,)))
    with pytest.raises(NotAdapted, match="no way from this Keras to openvino"):
        _export_earlier.write("openvino", model.native, str(tmp_path / "model.xml"))


@pytest.mark.parametrize("probe", [_refusals.grouped_transpose, _refusals.grouped_convolution, _refusals.fused_vectors])
def test_what_it_lacks_is_shown_by_a_call(probe):
    absent, evidence = probe().run()
    assert absent
    assert "keras.layers." in evidence


def test_a_model_in_parts_is_refused_by_a_look():
    with pytest.raises(Unsupported, match=r"keras has none of: distribution\.ModelParallel"):
        create("keras", "tensorflow", "cpu").piece("model-parallel")


@pytest.mark.parametrize("form", ["saved-model", "onnx", "litert", "tensorflow-js"])
def test_its_writers_faults_are_on_inside_only(form):
    from fwconformance.frameworks.keras._export_sabotages import sabotages
    from fwconformance.frameworks.keras._export_sabotages_earlier import earlier_writer

    owner, name = earlier_writer(form)
    own = getattr(owner, name)
    planted = [each for each in sabotages("tensorflow") if each.kills == f"export.{form}" and "quanti" not in each.name]
    assert len(planted) == 3
    for each in planted:
        with each.apply():
            assert getattr(owner, name) is not own
        assert getattr(owner, name) is own


def test_an_architecture_is_counted_without_drawing_its_weights():
    """MobileNetV2 with as many parameters as its documentation says."""
    framework = create("keras", "tensorflow")
    weights = framework.piece("keras-applications").built("MobileNetV2")
    assert sum(framework.to_numpy(weight).size for weight in weights.values()) == 3_538_984
