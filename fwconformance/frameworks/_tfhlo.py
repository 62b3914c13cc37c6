"""A function of TensorFlow as StableHLO with its weights beside it, for a batch of the size that XLA is told.

TensorFlow is handed in, as the module, by the adapters that share this.
"""

from __future__ import annotations

import pathlib
from typing import Any, Callable, Mapping

import numpy as np

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.frameworks._tffunction import by_xla, look_for_stablehlo

PROGRAM, WEIGHTS = "model.mlir", "weights.npz"

#: What TensorFlow answers where XLA has no way: to a size that is left open, and to an operation without a kernel.
_REFUSALS = ("Only support static input shape", "No registered")


def write(tf: Any, function: Callable[[Any], Any], signature: Any, folder: str) -> Mapping[str, str]:
    """Write ``function(inputs)`` below `folder` as `PROGRAM` and, for its parameters after the inputs, `WEIGHTS`.

    `signature`: a tf.TensorSpec. Raises Unsupported, in TensorFlow's words, for a size that is left open and for an
    operation that XLA has no kernel of.
    """
    look_for_stablehlo(tf)
    compiled = by_xla(tf, function, autograph=False, input_signature=[signature])
    traced = compiled.get_concrete_function()
    try:
        text = compiled.experimental_get_compiler_ir(signature)(stage="stablehlo")
    except Exception as error:  # its words say what it is, whatever its class
        said = " ".join(str(error).split())
        places = [said.find(each) for each in _REFUSALS if each in said]
        if not places:
            raise
        # What follows the first sentence names tensors that are called otherwise in each process.
        words = f"{type(error).__name__}: {said[min(places) :].partition(' but got ')[0][:200]}"
        refuse(Seen(absent=True, evidence=f"tf.function's StableHLO for {signature.shape}: {words}"))
    variables = {id(variable.handle): variable for variable in traced.variables}
    captured = [variables.get(id(each), each) for each in traced.captured_inputs]
    path = pathlib.Path(folder)
    (path / PROGRAM).write_text(text, encoding="utf-8")
    # The names keep their order: the program's parameters have none.
    np.savez(str(path / WEIGHTS), **{f"{number:04}": each.numpy() for number, each in enumerate(captured)})
    return Artifact(file=PROGRAM, entry=WEIGHTS).to_json()
