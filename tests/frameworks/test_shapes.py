"""Shapes that follow from a description."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.frameworks import (
    GRU,
    LSTM,
    Activation,
    BatchNorm,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    LayerNorm,
    Network,
    Pool2D,
    Route,
    SelfAttention,
    Shortcut,
    output_shape,
    shapes_along,
    weight_shapes,
)
from fwconformance.frameworks.reference import Reference


def test_names_and_order():
    """Weights come in layer order, then in each class's role order."""
    network = Network(
        layers=(
            Conv2D(channels=4, kernel=(3, 2), groups=2),
            BatchNorm(),
            Activation(kind="relu"),
            Pool2D(kind="max", size=(2, 2), stride=(2, 1)),
            Flatten(),
            Dense(units=5, bias=False),
        ),
        input_shape=(2, 6, 5),
    )
    assert list(weight_shapes(network).items()) == [
        ("0.kernel", (4, 1, 3, 2)),
        ("0.bias", (4,)),
        ("1.scale", (4,)),
        ("1.shift", (4,)),
        ("1.mean", (4,)),
        ("1.variance", (4,)),
        ("5.kernel", (4 * 2 * 3, 5)),
    ]
    assert output_shape(network) == (5,)


def test_a_route_joins_channels_and_a_shortcut_changes_nothing():
    image = Conv2D(channels=3, kernel=(3, 3), padding=((1, 1), (1, 1)))
    layers = (image, Shortcut(layer=0), Route(layers=(-1,)), image, Route(layers=(3, 1, -1)))
    network = Network(layers=layers, input_shape=(2, 4, 5))
    shapes = [shape[0] for shape in shapes_along(network)]
    assert shapes == [2, 3, 3, 2, 3, 8]
    assert set(weight_shapes(network)) == {"0.kernel", "0.bias", "3.kernel", "3.bias"}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((Dense(units=2), Shortcut(layer=-1)), r"layer 1: .* adds \(3,\) to \(2,\)"),
        ((Dense(units=2), Shortcut(layer=1)), "layer 1: .* takes what earlier layers give: of -1, the inputs, to 0"),
        ((Dense(units=2), Route(layers=())), "takes what earlier layers give"),
        ((Dense(units=2), Route(layers=(-1,))), "layer 1: .* leaves the outputs of the layer before it unused"),
    ],
)
def test_a_join_that_cannot_be_is_told(layers, message):
    with pytest.raises(ValueError, match=message):
        output_shape(Network(layers=layers, input_shape=(3,)))


def test_sequences_and_images_of_several_sizes_are_not_joined():
    with pytest.raises(ValueError, match="cannot join"):
        output_shape(Network(layers=(LayerNorm(), Route(layers=(0, -1))), input_shape=(4, 3)))
    smaller = Pool2D(kind="max", size=(2, 2), stride=(2, 2))
    with pytest.raises(ValueError, match="cannot join"):
        output_shape(Network(layers=(smaller, Route(layers=(0, -1))), input_shape=(2, 4, 4)))


def test_transposed_convolution():
    """The kernel is that of the convolution that goes the other way; what is cut cannot be more than there is."""
    layer = ConvTranspose2D(channels=6, kernel=(3, 2), stride=(2, 1), padding=(1, 0), groups=2)
    network = Network(layers=(layer,), input_shape=(4, 3, 5))
    assert dict(weight_shapes(network)) == {"0.kernel": (4, 3, 3, 2), "0.bias": (6,)}
    assert output_shape(network) == (6, 5, 6)
    back = Conv2D(channels=4, kernel=(3, 2), stride=(2, 1), padding=((1, 1), (0, 0)), groups=2)
    assert output_shape(Network(layers=(back,), input_shape=output_shape(network))) == network.input_shape
    with pytest.raises(ValueError, match="cuts all"):
        output_shape(Network(layers=(attrs.evolve(layer, padding=(4, 0)),), input_shape=(4, 3, 5)))
    with pytest.raises(ValueError, match="cannot split"):
        output_shape(Network(layers=(attrs.evolve(layer, groups=3),), input_shape=(4, 3, 5)))


def test_sequences():
    """A time axis of any length stays so; recurrent layers name both directions' weights."""
    network = Network(
        layers=(
            Embedding(vocabulary=9, features=4),
            SelfAttention(heads=2),
            LayerNorm(),
            GRU(units=3, bidirectional=True),
            LSTM(units=2, sequences=False),
        ),
        input_shape=(None,),
        integer_input=True,
    )
    shapes = weight_shapes(network)
    assert shapes["3.recurrent_bias"] == shapes["3.backward_recurrent_bias"] == (9,)
    assert shapes["4.kernel"] == (6, 8)
    assert "4.backward_kernel" not in shapes
    assert "3.recurrent_bias" not in weight_shapes(
        Network(layers=(GRU(units=3, reset="before"),), input_shape=(None, 2))
    )
    assert output_shape(network, (7,)) == (2,)
    assert output_shape(Network(layers=(Dense(units=5),), input_shape=(None, 2))) == (None, 5)


@pytest.mark.parametrize(
    ("layers", "input_shape", "message"),
    [
        ((Dense(units=2), Conv2D(channels=2, kernel=(1, 1))), (3,), "layer 1: .* takes images"),
        ((LSTM(units=2),), (3,), r"layer 0: .* takes \(time, features\), not \(3,\)"),
        ((SelfAttention(heads=3),), (4, 4), "cannot split 4 features into 3 heads"),
        ((SelfAttention(heads=1),), (4,), r"takes \(time, features\)"),
        ((Conv2D(channels=2, kernel=(5, 1)),), (1, 4, 4), "window of 5 on a side of 4"),
        ((Conv2D(channels=3, kernel=(1, 1), groups=2),), (2, 4, 4), "in 2 groups"),
        ((Pool2D(kind="sum", size=(2, 2), stride=(1, 1)),), (1, 4, 4), "unknown kind"),
        ((Pool2D(kind="max", size=(2, 2), stride=(1, 1), padding=(2, 0)),), (1, 4, 4), "hold padding alone"),
        ((GRU(units=2, reset="never"),), (4, 4), 'neither "before" nor "after"'),
        ((Flatten(), Dense(units=2)), (None, 3), "layer 1: .* needs to know axis -1"),
        (("Dense",), (3,), "is not a layer"),
    ],
)
def test_what_does_not_fit_is_named(layers, input_shape, message):
    """A layer that cannot follow the one before it is a ValueError with its place."""
    with pytest.raises(ValueError, match=message):
        weight_shapes(Network(layers=layers, input_shape=input_shape))


IMAGES = st.one_of(
    st.builds(Conv2D, channels=st.integers(1, 3), kernel=st.tuples(st.integers(1, 2), st.integers(1, 2))),
    st.builds(Pool2D, kind=st.just("max"), size=st.just((2, 2)), stride=st.tuples(st.integers(1, 2), st.just(1))),
    st.builds(BatchNorm),
    st.builds(Dropout, rate=st.just(0.5)),
)
SEQUENCES = st.one_of(
    st.builds(LSTM, units=st.integers(1, 3), bidirectional=st.booleans()),
    st.builds(GRU, units=st.integers(1, 3), reset=st.sampled_from(["before", "after"])),
    st.builds(Dense, units=st.integers(1, 3), bias=st.booleans()),
    st.builds(SelfAttention, heads=st.just(1)),
    st.builds(LayerNorm),
)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    chosen=st.one_of(
        st.tuples(st.lists(IMAGES, max_size=3), st.just((2, 9, 6))),
        st.tuples(st.lists(SEQUENCES, max_size=3), st.just((4, 3))),
    )
)
def test_the_reference_agrees(chosen):
    """What is inferred is what comes out."""
    layers, input_shape = chosen
    network = Network(layers=tuple(layers), input_shape=input_shape)
    model = Reference().build(network)
    assert model.forward(np.ones((2, *input_shape))).shape == (2, *output_shape(network))
    assert {name: value.shape for name, value in model.arrays().items()} == weight_shapes(network)
