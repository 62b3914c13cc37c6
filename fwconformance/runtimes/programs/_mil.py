# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""An interpreter of Core ML's programs (MIL), operation by operation in NumPy; no part of Core ML.

It has the operations that the networks of the suites need, after their descriptions in coremltools' documentation
(coremltools.converters.mil.mil.ops.defs). One that is not here is an error that names it. Every result is held to the
type and shape that the program declares for it, as Core ML's compiler would.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Mapping, Sequence

import numpy as np
from _mlpackage import Kind, Operation, Program

Array = Any
Given = Mapping[str, Any]


class Interpreter:
    """A program as a function of its one input. Raises NotImplementedError for what it does not know."""

    def __init__(self, program: Program) -> None:
        unknown = sorted(
            {each.kind for each in program.operations if each.kind not in _OPERATIONS and each.kind != "const"}
            | {f"{each.kind} with a block" for each in program.operations if each.blocks}
        )
        if unknown:
            raise NotImplementedError(f"this interpreter of MIL has no {', '.join(unknown)}")
        if len(program.inputs) != 1 or len(program.outputs) != 1:
            raise NotImplementedError(
                f"this interpreter takes one input and gives one output, and the program has {len(program.inputs)} "
                f"and {len(program.outputs)}"
            )
        self._program = program

    def __call__(self, values: Array) -> Array:
        """The output for `values`. Raises ValueError for a shape that the package does not take."""
        ((name, kind),) = self._program.inputs
        self._admit(name, kind, values)
        known: dict[str, Array] = {name: values}
        for operation in self._program.operations:
            results = _results(operation, known)
            for (output, declared), result in zip(operation.outputs, results):
                known[output] = _held(operation.kind, output, declared, result)
        return known[self._program.outputs[0]]

    def _admit(self, name: str, kind: Kind, values: Array) -> None:
        ranges = self._program.ranges[name]
        fits = len(ranges) == values.ndim and all(
            low <= size and (high is None or size <= high) for size, (low, high) in zip(values.shape, ranges)
        )
        if not fits:
            said = " x ".join(str(low) if low == high else f"{low}..{high or 'any'}" for low, high in ranges)
            raise ValueError(f"{name} takes {said}, not {' x '.join(map(str, values.shape))}")
        _held("input", name, kind, values)


def _results(operation: Operation, known: Mapping[str, Array]) -> Sequence[Array]:
    if operation.kind == "const":
        return (operation.value,)
    given: dict[str, Any] = {}
    for parameter, bindings in operation.inputs.items():
        values = [known[each] if isinstance(each, str) else each for each in bindings]
        given[parameter] = values if parameter == "values" else values[0]
    with np.errstate(over="ignore"):  # of exp, in a sigmoid that is 0 then
        results = _OPERATIONS[operation.kind](given)
    return results if isinstance(results, tuple) else (results,)


def _held(kind: str, name: str, declared: Kind, result: Array) -> Array:
    result = np.asarray(result)
    fits = result.ndim == len(declared.shape) and all(
        size is None or size == seen for size, seen in zip(declared.shape, result.shape)
    )
    if not fits:
        raise ValueError(f"{kind} gives {name} the shape {result.shape}, and the program declares {declared.shape}")
    if declared.dtype == "str":
        return result
    if result.dtype.kind != np.dtype(declared.dtype).kind:
        raise ValueError(f"{kind} gives {name} as {result.dtype}, and the program declares {declared.dtype}")
    return result.astype(declared.dtype)


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


_ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
}


def _word(given: Given, name: str, default: str) -> str:
    return str(given.get(name, default))


def _only(given: Given, name: str, wanted: Any) -> None:
    """Raises NotImplementedError where the parameter is there and is another than `wanted`."""
    if name in given and not np.array_equal(given[name], wanted):
        raise NotImplementedError(f"this interpreter of MIL knows {name} = {wanted} alone, not {given[name]}")


def _ints(values: Array) -> list[int]:
    return [int(each) for each in np.atleast_1d(values)]


def _windows(given: Given, x: Array, kernel: Sequence[int], fill: float) -> tuple[Array, Array]:
    """Every place of the kernel on the padded image, (batch, channels, rows, columns, *kernel); and the same of ones,
    0 where it lies on padding.
    """
    strides = _ints(given.get("strides", [1] * len(kernel)))
    dilations = _ints(given.get("dilations", [1] * len(kernel)))
    spans = [(size - 1) * dilation + 1 for size, dilation in zip(kernel, dilations)]
    how = _word(given, "pad_type", "valid")
    if how == "valid":
        pads = [(0, 0)] * len(kernel)
    elif how == "custom":
        flat = _ints(given["pad"])
        pads = list(zip(flat[::2], flat[1::2]))
    elif how == "same":
        totals = [
            max((math.ceil(size / stride) - 1) * stride + span - size, 0)
            for size, stride, span in zip(x.shape[2:], strides, spans)
        ]
        pads = [(total // 2, total - total // 2) for total in totals]
    else:
        raise NotImplementedError(f"this interpreter of MIL does not know pad_type = {how}")
    axes = tuple(range(2, x.ndim))
    steps: Any = (..., *(slice(None, None, stride) for stride in strides), *(slice(None),) * len(kernel))
    inner: Any = (..., *(slice(None, None, dilation) for dilation in dilations))

    def cut(values: Array, filling: float) -> Array:
        padded = np.pad(values, [(0, 0), (0, 0), *pads], constant_values=filling)
        return np.lib.stride_tricks.sliding_window_view(padded, spans, axis=axes)[steps][inner]

    return cut(x, fill), cut(np.ones((1, 1, *x.shape[2:]), x.dtype), 0)


def _conv(given: Given) -> Array:
    x, weight, groups = given["x"], given["weight"], int(given.get("groups", 1))
    windows, _ = _windows(given, x, weight.shape[2:], 0)
    taken, made = x.shape[1] // groups, len(weight) // groups
    kernel = tuple(range(-(weight.ndim - 2), 0))
    parts = [
        np.tensordot(
            windows[:, group * taken : (group + 1) * taken],
            weight[group * made : (group + 1) * made],
            axes=((1, *kernel), (1, *kernel)),
        )
        for group in range(groups)
    ]
    outputs = np.moveaxis(np.concatenate(parts, axis=-1), -1, 1)
    bias = given.get("bias")
    return outputs if bias is None else outputs + bias.reshape(1, -1, *(1,) * (x.ndim - 2))


def _pool(given: Given, *, largest: bool) -> Array:
    _only(given, "ceil_mode", False)
    x, kernel = given["x"], _ints(given["kernel_sizes"])
    windows, inside = _windows(given, x, kernel, -np.inf if largest else 0)
    axes = tuple(range(-len(kernel), 0))
    if largest:
        return windows.max(axis=axes)
    share = inside if bool(given.get("exclude_padding_from_average", False)) else np.ones_like(inside)
    return windows.sum(axis=axes) / share.sum(axis=axes)


def _lstm(given: Given) -> tuple[Array, Array, Array]:
    """Gates lie in the order input, forget, output, cell; time is the first axis."""
    _only(given, "direction", "forward")
    for name in ("peephole", "clip"):
        if name in given:
            raise NotImplementedError(f"this interpreter of MIL knows no lstm with {name}")
    gate, squash, last = (
        _ACTIVATIONS[_word(given, name, default)]
        for name, default in (
            ("recurrent_activation", "sigmoid"),
            ("cell_activation", "tanh"),
            ("activation", "tanh"),
        )
    )
    hidden, cell, outputs = given["initial_h"], given["initial_c"], []
    for step in given["x"]:
        sums = step @ given["weight_ih"].T + hidden @ given["weight_hh"].T + given.get("bias", 0)
        to_input, to_forget, to_output, to_cell = np.split(sums, 4, axis=-1)
        cell = gate(to_forget) * cell + gate(to_input) * squash(to_cell)
        hidden = gate(to_output) * last(cell)
        outputs.append(hidden)
    kept = outputs if bool(given.get("output_sequence", False)) else outputs[-1:]
    return np.stack(kept), hidden, cell


def _matmul(given: Given) -> Array:
    x, y = (
        np.swapaxes(given[name], -1, -2) if bool(given.get(f"transpose_{name}", False)) else given[name]
        for name in ("x", "y")
    )
    return x @ y


def _concat(given: Given) -> Array:
    _only(given, "interleave", False)
    # Numbers may stand for vectors of one.
    return np.concatenate([np.atleast_1d(each) for each in given["values"]], axis=int(given["axis"]))


def _split(given: Given) -> tuple[Array, ...]:
    axis = int(given["axis"])
    if "split_sizes" in given:
        places: Any = np.cumsum(_ints(given["split_sizes"]))[:-1]
    else:
        places = int(given["num_splits"])
    return tuple(np.split(given["x"], places, axis=axis))


def _gather(given: Given) -> Array:
    _only(given, "batch_dims", 0)
    return np.take(given["x"], given["indices"], axis=int(given.get("axis", 0)))


def _slice(given: Given) -> Array:
    x = given["x"]
    none = np.zeros(x.ndim, bool)
    steps = _ints(given.get("stride", [1] * x.ndim))
    masks = [np.atleast_1d(given.get(f"{name}_mask", none)) for name in ("begin", "end", "squeeze")]
    places: list[Any] = []
    for begin, end, step, no_begin, no_end, single in zip(_ints(given["begin"]), _ints(given["end"]), steps, *masks):
        whole = slice(None if no_begin else begin, None if no_end else end, step)
        places.append(begin if single else whole)
    return x[tuple(places)]


def _pad(given: Given) -> Array:
    _only(given, "mode", "constant")
    flat, x = _ints(given["pad"]), given["x"]
    pairs = list(zip(flat[::2], flat[1::2]))
    # They are of the last axes.
    return np.pad(x, [(0, 0)] * (x.ndim - len(pairs)) + pairs, constant_values=given.get("constant_val", 0))


def _mean(given: Given) -> Array:
    axes = tuple(_ints(given["axes"])) if "axes" in given else None
    return given["x"].mean(axis=axes, keepdims=bool(given.get("keep_dims", False)))


def _batch_norm(given: Given) -> Array:
    mean, variance, gamma, beta = (
        np.asarray(given.get(name, default)).reshape(-1, *(1,) * (given["x"].ndim - 2))
        for name, default in (("mean", 0), ("variance", 1), ("gamma", np.float32(1)), ("beta", np.float32(0)))
    )
    return (given["x"] - mean) / np.sqrt(variance + given.get("epsilon", np.float32(1e-5))) * gamma + beta


def _linear(given: Given) -> Array:
    return given["x"] @ given["weight"].T + given.get("bias", 0)


def _squeeze(given: Given) -> Array:
    return np.squeeze(given["x"], axis=tuple(_ints(given["axes"])) if "axes" in given else None)


_OPERATIONS: Mapping[str, Callable[[Given], Any]] = {
    **{name: (lambda given, function=function: function(given["x"])) for name, function in _ACTIVATIONS.items()},
    "add": lambda given: given["x"] + given["y"],
    "sub": lambda given: given["x"] - given["y"],
    "mul": lambda given: given["x"] * given["y"],
    "real_div": lambda given: given["x"] / given["y"],
    "pow": lambda given: given["x"] ** given["y"],
    "square": lambda given: given["x"] ** 2,
    "sqrt": lambda given: np.sqrt(given["x"]),
    "rsqrt": lambda given: 1 / np.sqrt(given["x"] + given.get("epsilon", 1e-12)),
    "reduce_mean": _mean,
    "batch_norm": _batch_norm,
    "conv": _conv,
    "max_pool": lambda given: _pool(given, largest=True),
    "avg_pool": lambda given: _pool(given, largest=False),
    "linear": _linear,
    "matmul": _matmul,
    "lstm": _lstm,
    "pad": _pad,
    "identity": lambda given: given["x"],
    "reshape": lambda given: given["x"].reshape(_ints(given["shape"])),
    "transpose": lambda given: given["x"].transpose(_ints(given["perm"])),
    "expand_dims": lambda given: np.expand_dims(given["x"], tuple(_ints(given["axes"]))),
    "squeeze": _squeeze,
    "shape": lambda given: np.array(given["x"].shape, "<i4"),
    "gather": _gather,
    "concat": _concat,
    "split": _split,
    "stack": lambda given: np.stack(given["values"], axis=int(given["axis"])),
    "fill": lambda given: np.full(_ints(given["shape"]), given.get("value", np.float32(0))),
    "slice_by_index": _slice,
}
