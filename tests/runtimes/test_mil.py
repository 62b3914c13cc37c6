"""The interpreter of Core ML's programs: operations against loops and the reference, and what it refuses."""

from __future__ import annotations

import sys

import pytest

np = pytest.importorskip("numpy", minversion="1.20", reason="the interpreter needs NumPy 1.20")

from fwconformance.frameworks import LSTM, Network  # noqa: E402
from fwconformance.frameworks.reference import create  # noqa: E402
from fwconformance.runtimes import _places  # noqa: E402


@pytest.fixture
def mil(monkeypatch):
    """The program's module, found as in its own process."""
    monkeypatch.syspath_prepend(str(_places.PROGRAMS))
    import _mil

    yield _mil
    for name in ("_mil", "_mlpackage"):
        sys.modules.pop(name, None)


@pytest.fixture
def program(mil):
    """A program of one operation, as a function of its input x."""
    import _mlpackage

    def make(kind, shape, *, ranges=None, outputs=1, declared=None, blocks=0, **parameters):
        open_ended = _mlpackage.Kind("<f4", (None,) * len(shape))
        results = [(f"y{number}", declared or _mlpackage.Kind("<f4", ())) for number in range(outputs)]
        operation = _mlpackage.Operation(
            kind=kind,
            inputs={"x": ["x"], **{name: [np.asarray(value)] for name, value in parameters.items()}},
            outputs=results,
            blocks=blocks,
            value=None,
        )
        return mil.Interpreter(
            _mlpackage.Program(
                inputs=[("x", open_ended)],
                ranges={"x": ranges or [(1, None)] * len(shape)},
                operations=[operation],
                outputs=["y0"],
                opset="CoreML6",
            )
        )

    return make


def floats(*shape):
    return np.sin(np.arange(int(np.prod(shape)), dtype=np.float32)).reshape(shape)


def operation(mil, kind, **given):
    return mil._OPERATIONS[kind](given)


@pytest.mark.parametrize(
    ("strides", "dilations", "groups", "how", "pads"),
    [
        ((1, 1), (1, 1), 1, "valid", (0, 0, 0, 0)),
        ((2, 1), (1, 2), 1, "custom", (1, 0, 2, 1)),
        ((1, 2), (1, 1), 2, "custom", (0, 1, 0, 0)),
        # Of 5 rows by 1 and 6 columns by 2 under a kernel of 3 by 2, "same" pads 1 row above and below, no column.
        ((1, 2), (1, 1), 1, "same", (1, 1, 0, 0)),
    ],
)
def test_convolution_is_the_sum_over_the_window(mil, strides, dilations, groups, how, pads):
    x, weight, bias = floats(2, 4, 5, 6), floats(6, 4 // groups, 3, 2), floats(6)
    found = operation(
        mil, "conv", x=x, weight=weight, bias=bias, strides=strides, dilations=dilations, groups=groups,
        pad_type=how, pad=pads,
    )  # fmt: skip
    padded = np.pad(x, [(0, 0), (0, 0), pads[:2], pads[2:]])
    assert found.shape[:2] == (2, 6)
    for image, channel, row, column in np.ndindex(*found.shape):
        first = channel // (6 // groups) * (4 // groups)
        total = bias[channel]
        for source, down, right in np.ndindex(*weight.shape[1:]):
            place = row * strides[0] + down * dilations[0], column * strides[1] + right * dilations[1]
            total += weight[channel, source, down, right] * padded[(image, first + source, *place)]
        assert found[image, channel, row, column] == pytest.approx(total, rel=1e-4, abs=1e-5)


def test_pools_leave_padding_out_where_they_are_told_to(mil):
    x = np.array([[[[1.0, 2.0, 3.0]]]], dtype=np.float32)
    given = {"x": -x, "kernel_sizes": (1, 2), "strides": (1, 2), "pad_type": "custom", "pad": (0, 0, 1, 0)}
    assert operation(mil, "max_pool", **given).tolist() == [[[[-1.0, -2.0]]]]
    assert operation(mil, "avg_pool", **given).tolist() == [[[[-0.5, -2.5]]]]
    assert operation(mil, "avg_pool", **given, exclude_padding_from_average=True).tolist() == [[[[-1.0, -2.5]]]]


def test_lstm_is_the_references(mil):
    reference, network = create(), Network(layers=(LSTM(units=3),), input_shape=(4, 2))
    weights = {name: floats(*value.shape) for name, value in reference.build(network).weights().items()}
    inputs = floats(5, 4, 2)
    own = reference.to_numpy(reference.build(network, weights).forward(inputs))
    # Gates lie in the order input, forget, cell, output there, and Core ML's output gate comes before the cell.
    order = np.concatenate([np.arange(6), np.arange(9, 12), np.arange(6, 9)])
    found, hidden, _ = operation(
        mil, "lstm", x=inputs.transpose(1, 0, 2), initial_h=np.zeros((5, 3)), initial_c=np.zeros((5, 3)),
        weight_ih=weights["0.kernel"][:, order].T, weight_hh=weights["0.recurrent"][:, order].T,
        bias=weights["0.bias"][order], output_sequence=True,
    )  # fmt: skip
    np.testing.assert_allclose(found.transpose(1, 0, 2), own, rtol=1e-6)
    np.testing.assert_allclose(hidden, own[:, -1], rtol=1e-6)


def test_what_an_operation_does_not_know_is_said(mil):
    state = np.zeros((1, 3))
    with pytest.raises(NotImplementedError, match="knows direction = forward alone, not reverse"):
        operation(mil, "lstm", x=floats(2, 1, 2), initial_h=state, initial_c=state, direction="reverse")
    with pytest.raises(NotImplementedError, match="no lstm with clip"):
        operation(mil, "lstm", x=floats(2, 1, 2), initial_h=state, initial_c=state, clip=1.0)
    with pytest.raises(NotImplementedError, match="ceil_mode = False alone"):
        operation(mil, "max_pool", x=floats(1, 1, 3, 3), kernel_sizes=(2, 2), ceil_mode=True)


def test_a_slice_takes_masks_and_single_places(mil):
    x = floats(3, 4, 5)
    found = operation(
        mil, "slice_by_index", x=x, begin=(0, -1, 1), end=(0, 0, 5), stride=(2, 1, 2),
        begin_mask=(True, False, False), end_mask=(True, False, False), squeeze_mask=(False, True, False),
    )  # fmt: skip
    np.testing.assert_array_equal(found, x[::2, -1, 1:5:2])


def test_an_unknown_operation_is_named_before_anything_runs(program):
    with pytest.raises(NotImplementedError, match=r"has no erf$"):
        program("erf", (2,))
    with pytest.raises(NotImplementedError, match=r"has no tanh with a block$"):
        program("tanh", (2,), blocks=1)


def test_a_batch_out_of_the_declared_range_is_refused(mil, program):
    import _mlpackage

    run = program("tanh", (2, 3), ranges=[(1, 4), (3, 3)], declared=_mlpackage.Kind("<f4", (None, 3)))
    np.testing.assert_allclose(run(floats(4, 3)), np.tanh(floats(4, 3)))
    for shape in ((5, 3), (4, 2), (3,)):
        with pytest.raises(ValueError, match=r"x takes 1\.\.4 x 3, not"):
            run(floats(*shape))


def test_a_result_that_is_not_what_the_program_declares_is_refused(mil, program):
    import _mlpackage

    with pytest.raises(ValueError, match="tanh gives y0 the shape"):
        program("tanh", (2, 3), declared=_mlpackage.Kind("<f4", (None, 4)))(floats(2, 3))
    with pytest.raises(ValueError, match="tanh gives y0 as float32, and the program declares <i4"):
        program("tanh", (2, 3), declared=_mlpackage.Kind("<i4", (None, 3)))(floats(2, 3))
