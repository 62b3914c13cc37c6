# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What all exporters of PyTorch share, and which module has which."""

from __future__ import annotations

import contextlib
import copy
import importlib
import importlib.util
import os
import warnings
from typing import Any, ClassVar, Iterator, Mapping

import torch

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._protocol import NotAdapted, Unavailable

_MODULES: Mapping[str, str] = {
    "export-onnx": "_export_onnx",
    "export-torch-export": "_export_programs",
    "export-torchscript": "_export_programs",
    "export-aot-inductor": "_export_programs",
    "export-executorch": "_export_executorch",
    "export-openvino": "_export_openvino",
    "export-litert": "_export_litert",
    "export-stablehlo": "_export_stablehlo",
    "export-coreml": "_export_coreml",
}


class TorchExporter:
    """Base of the exporters: the module in inference mode, its example batch, and where to write.

    Attributes:
        file: what is written, below the folder given.
        needs: modules of other distributions that the export imports, with what to install for each.
    """

    file: str
    needs: ClassVar[Mapping[str, str]] = {}

    def __init__(self, device: Any) -> None:
        self._device = device

    def export(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        self._look()
        target = os.path.join(folder, self.file)  # noqa: PTH118 - what the exporters take
        with inference(model.stack) as stack:
            self._write(stack, torch.tensor(inputs), target)
        return Artifact(file=self.file).to_json()

    def _write(self, stack: Any, example: Any, target: str) -> None:
        raise NotImplementedError

    def _look(self) -> None:
        """Raises Unavailable where a package is missing."""
        for module, package in self.needs.items():
            if not importable(module):
                raise Unavailable(f"{package} is not installed beside PyTorch: install {package}")


def importable(module: str) -> bool:
    """Whether it can be found, without importing more than the packages above it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of a package above it
        return False


@contextlib.contextmanager
def inference(stack: Any) -> Iterator[Any]:
    """`stack` in inference mode, on the CPU: a copy where it is elsewhere, since the runtimes run there.

    Exporters warn of what they are about to change; where warnings are errors (pytest settings) that would end them.
    """
    stack = stack if all(one.device.type == "cpu" for one in stack.parameters()) else copy.deepcopy(stack).cpu()
    stack.eval()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield stack


def any_batch() -> tuple[Any, ...]:
    """`dynamic_shapes` of a program whose one input has a batch axis of any size."""
    return ({0: torch.export.Dim("batch")},)


def piece(name: str, device: Any) -> Any:
    """The exporter `name`. Raises NotAdapted for one that is not here."""
    if name not in _MODULES:
        raise NotAdapted(f"the PyTorch adapter does not offer the piece {name!r} yet")
    return importlib.import_module(f"{__package__}.{_MODULES[name]}").EXPORTERS[name](device)
