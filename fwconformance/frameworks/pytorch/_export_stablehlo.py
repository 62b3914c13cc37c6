# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""StableHLO, by torchax from a program of torch.export, in the container of jax.export.

torchax and JAX work in a process of their own: they change how torch behaves, and no two frameworks share a process.
"""

from __future__ import annotations

import importlib
import os
import pathlib
import sys
import tempfile
from typing import Any, ClassVar, Mapping

import torch

from fwconformance.frameworks import _torchax
from fwconformance.frameworks._remote import import_path
from fwconformance.frameworks.pytorch._export import TorchExporter, any_batch
from fwconformance.processes import how_it_ended, run_program

_LIMIT = 150.0  # seconds


class StableHloFailed(Exception):
    """The converter ended without a program."""


class StableHloExporter(TorchExporter):
    file = "model.jax"
    needs: ClassVar[Mapping[str, str]] = {"jax": "jax", "torchax": "torchax"}

    def _write(self, stack: Any, example: Any, target: str) -> None:
        program = torch.export.export(stack, (example,), dynamic_shapes=any_batch())
        with tempfile.TemporaryDirectory(prefix="fwconformance-stablehlo-") as folder:
            saved = str(pathlib.Path(folder) / "program.pt2")
            torch.export.save(program, saved)
            command = f"from {__name__} import convert; import sys; convert(*sys.argv[1:])"
            ended = run_program(
                (sys.executable, "-B", "-c", command, saved, target),
                folder=folder,
                limit=_LIMIT,
                environment={
                    "JAX_PLATFORMS": "cpu",
                    "PYTHONPATH": os.pathsep.join(import_path()),
                },
                name="torchax",
            )
        if ended.status != 0:
            lines = [line for line in ended.output.splitlines() if line.strip()]
            raise StableHloFailed(f"torchax ended ({how_it_ended(ended.status or 0)}): {' | '.join(lines[-4:])[-800:]}")


def convert(source: str, target: str) -> None:
    """In the converter's process: the program saved at `source`, its weights inside, as StableHLO at `target`."""
    program = torch.export.load(source)
    _torchax.load(torch)
    jax, export = importlib.import_module("jax"), importlib.import_module("jax.export")
    bridge = importlib.import_module("torchax.export")
    weights, function = bridge.exported_program_to_jax(program)
    # The shape as the program has it: what torch.export fixed stays fixed. torchax' own reader of it wants what a saved
    # program has no more.
    (name,) = program.graph_signature.user_inputs
    (given,) = [node.meta["val"] for node in program.graph.nodes if node.name == name]
    words = ", ".join(str(size) if isinstance(size, int) else "batch" for size in given.shape)
    shape = jax.ShapeDtypeStruct(export.symbolic_shape(words), str(given.dtype).replace("torch.", ""))
    exported = export.export(jax.jit(lambda values: function(weights, (values,))[0]))(shape)
    pathlib.Path(target).write_bytes(exported.serialize())


EXPORTERS: Mapping[str, Any] = {"export-stablehlo": StableHloExporter}
