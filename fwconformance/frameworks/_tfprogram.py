"""A step of tf.function as StableHLO, which TensorFlow writes for XLA without the device being there.

TensorFlow is handed in, as the module, by the adapters that share this.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from fwconformance.frameworks._pieces_compile import axes_between
from fwconformance.frameworks._protocol import Unavailable, Unsupported
from fwconformance.frameworks._tffunction import by_xla, look_for_stablehlo

_FILE = "step.mlir"


def write_program(  # noqa: PLR0917
    tf: Any,
    step: Callable[..., Any],
    batch: Sequence[Any],
    weights: Mapping[str, tuple[Any, Callable[[Any], Any]]],
    state: Callable[[], Sequence[Any]],
    folder: str,
) -> dict[str, Any]:
    """Compile ``step(*batch)`` to StableHLO below `folder`, and tell its parameters and results.

    `weights`: by neutral name the tf.Variable, and what turns its values to the neutral layout; `state`: the
    optimizer's tf.Variables, asked for once the step has been traced. The step gives the loss and changes variables,
    which XLA makes parameters and results of the program, in the order of the captures.
    """
    try:
        look_for_stablehlo(tf)
    except Unsupported as absent:
        # It may train on such a device all the same.
        raise Unavailable(f"no program can be handed to XLA's compilers for other devices: {absent}") from absent
    compiled = by_xla(tf, step, autograph=False)
    traced = compiled.get_concrete_function(*batch)
    names = {_key(variable.handle): name for name, (variable, _) in weights.items()}
    variables = {_key(variable.handle): variable for variable in state()}
    changed = _assigned(traced.graph)
    arguments, results = ["inputs", "targets"], ["loss"]
    for number, captured in enumerate(traced.captured_inputs):
        key = _key(captured)
        if key in names:
            arguments.append(f"weight {names[key]}")
        else:
            arguments.append(f"file state-{number}.npy")
            np.save(str(Path(folder) / f"state-{number}.npy"), variables[key].numpy())
        if key in changed:
            results.append(f"weight {names[key]}" if key in names else "state")
    text = compiled.experimental_get_compiler_ir(*batch)(stage="stablehlo")
    (Path(folder) / _FILE).write_text(_portable(text), encoding="utf-8")
    layout = {name: _axes(tf, variable, outward) for name, (variable, outward) in weights.items()}
    return {"file": _FILE, "arguments": arguments, "results": results, "layout": layout}


def mean_over(devices: int, value: Any) -> Any:
    """The mean of `value` over so many replicas, by XLA's all-reduce; itself for one.

    TensorFlow's own operation for it, which the public ``tf.raw_ops`` leaves out: the public ``CrossReplicaSum`` has a
    kernel in TPU builds alone.
    """
    if devices == 1:
        return value
    operations = importlib.import_module("tensorflow.compiler.tf2xla.ops.gen_xla_ops")
    group = [list(range(devices))]
    total = operations.xla_all_reduce(input=value, group_assignment=group, reduce_op="Add", mode="CrossReplica")
    return total / devices


def share(tf: Any, batch: Sequence[Any], devices: int) -> tuple[Any, Any]:
    """One device's part of (inputs, targets), as tensors: float32, and int32 for ids."""
    inputs, targets = (
        tf.constant(values[: len(values) // devices], tf.int32 if values.dtype.kind in "iu" else tf.float32)
        for values in batch
    )
    return inputs, targets


def _portable(text: str) -> str:
    """`text` without the one operation that is not StableHLO's: TensorFlow's copies of values that are passed on."""
    return re.sub(r"mhlo\.copy (%\S+) : (tensor<[^>]*>)", r"stablehlo.reshape \1 : (\2) -> \2", text)


def _assigned(graph: Any) -> set[int]:
    """The variables that operations of `graph` write to."""
    inner = {_key(placeholder): _key(outer) for outer, placeholder in graph.captures}
    writes = [each for each in graph.get_operations() if "Assign" in each.type or each.type.startswith("ResourceApply")]
    return {inner[_key(source)] for operation in writes for source in operation.inputs if _key(source) in inner}


def _key(tensor: Any) -> int:
    return id(tensor)


def _axes(tf: Any, variable: Any, outward: Callable[[Any], Any]) -> str:
    native = np.arange(int(np.prod(variable.shape)), dtype=np.float32).reshape(tuple(variable.shape))
    return axes_between(np.asarray(outward(tf.constant(native))), native)
