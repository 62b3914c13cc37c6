# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""PyTorch's own formats: the program of torch.export, its compiled package, and TorchScript."""

from __future__ import annotations

import os
import shutil
from typing import Any, Mapping

import torch

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.pytorch._export import TorchExporter, any_batch, importable, inference


def _look_for_programs() -> None:
    """Raises `Unsupported` in a PyTorch older than torch.export (2.1)."""
    if not hasattr(torch, "export"):
        refuse(Lookup(root=torch, label="torch", names=("export",)))


class ProgramExporter(TorchExporter):
    file = "model.pt2"

    def _look(self) -> None:
        _look_for_programs()

    def _write(self, stack: Any, example: Any, target: str) -> None:
        torch.export.save(torch.export.export(stack, (example,), dynamic_shapes=any_batch()), target)

    def export_quantized(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        """Weights and activations in 8 bits, for x86 processors: the guide's "PyTorch 2 export quantization"."""
        _look_for_programs()
        if not importable("torchao"):
            raise Unavailable("torchao, which quantises programs, is not installed beside PyTorch: install torchao")
        from torchao.quantization.pt2e import quantize_pt2e as steps
        from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

        quantizer = x86.X86InductorQuantizer().set_global(x86.get_default_x86_inductor_quantization_config())
        example = torch.tensor(inputs)
        with inference(model.stack) as stack:
            program = torch.export.export(stack, (example,), dynamic_shapes=any_batch())
            observed = steps.prepare_pt2e(program.module(), quantizer)
            observed(example)
            converted = steps.convert_pt2e(observed)
            program = torch.export.export(converted, (example,), dynamic_shapes=any_batch())
            torch.export.save(program, os.path.join(folder, self.file))  # noqa: PTH118 - what it takes
        return Artifact(file=self.file).to_json()


class InductorExporter(TorchExporter):
    """Compiled ahead of time by Inductor, with the C++ compiler that torch.compile needs on the CPU too."""

    file = "compiled.pt2"

    def _look(self) -> None:
        _look_for_programs()
        if not any(shutil.which(name) for name in ("g++", "clang++", "c++", "cl")):
            raise Unavailable("AOTInductor needs a C++ compiler and none is on the path: install g++ or clang++")

    def _write(self, stack: Any, example: Any, target: str) -> None:
        from torch import _inductor as inductor

        program = torch.export.export(stack, (example,), dynamic_shapes=any_batch())
        inductor.aoti_compile_and_package(program, package_path=target)


class ScriptExporter(TorchExporter):
    """By tracing, which its own guide names for networks without control flow. PyTorch calls TorchScript deprecated."""

    file = "model.pt"

    def _write(self, stack: Any, example: Any, target: str) -> None:
        torch.jit.save(torch.jit.trace(stack, (example,)), target)


EXPORTERS: Mapping[str, Any] = {
    "export-torch-export": ProgramExporter,
    "export-aot-inductor": InductorExporter,
    "export-torchscript": ScriptExporter,
}
