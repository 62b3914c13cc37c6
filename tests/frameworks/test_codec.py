"""What crosses to another process comes out as it went in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.frameworks import SGD, Conv2D, Dense, Loss, Network, Training, _codec

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain)
def test_plain_values_round_trip(tmp_path_factory, value):
    folder = tmp_path_factory.mktemp("codec")
    _codec.write(folder, "value", value)
    assert _codec.read(folder, "value") == value


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
def test_arrays_keep_dtype_and_shape(tmp_path, dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    _codec.write(tmp_path, "value", {"a": [array, np.float32(3)]})
    back = _codec.read(tmp_path, "value")["a"]
    assert back[0].dtype == array.dtype
    assert (back[0] == array).all()
    assert back[1].dtype == np.float32
    assert back[1].shape == ()


def test_a_training_round_trips(tmp_path):
    network = Network(layers=(Conv2D(channels=2, kernel=(3, 3)), Dense(units=2)), input_shape=(1, 5, 5))
    weights = {"0.kernel": np.ones((2, 1, 3, 3))}
    batches = ((np.ones((4, 1, 5, 5)), np.zeros(4, dtype=np.int64)),)
    given_one = Training(
        network=network, weights=weights, loss=Loss(kind="mse"), optimizer=SGD(rate=0.1), batches=batches
    )
    _codec.write(tmp_path, "value", given_one)
    back = _codec.read(tmp_path, "value")
    assert (back.network, back.loss, back.optimizer) == (network, Loss(kind="mse"), SGD(rate=0.1))
    assert (back.weights["0.kernel"] == weights["0.kernel"]).all()
    assert back.batches[0][1].dtype == np.int64


def test_what_cannot_cross_is_refused_by_name(tmp_path):
    with pytest.raises(TypeError, match=r"builtins\.set does not cross"):
        _codec.write(tmp_path, "value", [{1, 2}])
    with pytest.raises(TypeError, match="string keys"):
        _codec.write(tmp_path, "value", {1: 2})


def test_half_written_is_not_there(tmp_path):
    with pytest.raises(TypeError):
        _codec.write(tmp_path, "value", [np.ones(3), {1}])
    with pytest.raises(FileNotFoundError):
        _codec.read(tmp_path, "value")
