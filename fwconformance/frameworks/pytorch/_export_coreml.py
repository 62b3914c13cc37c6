# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Core ML by coremltools from a traced module, the way that its guide calls the most settled one."""

from __future__ import annotations

from typing import Any, ClassVar, Mapping

import torch

from fwconformance.frameworks import _coreml
from fwconformance.frameworks.pytorch._export import TorchExporter


class CoreMlExporter(TorchExporter):
    file = _coreml.FILE
    needs: ClassVar[Mapping[str, str]] = {"coremltools": _coreml.PACKAGE}

    def _write(self, stack: Any, example: Any, target: str) -> None:
        _coreml.write(torch.jit.trace(stack, (example,)), "pytorch", (None, *example.shape[1:]), target)


EXPORTERS: Mapping[str, Any] = {"export-coreml": CoreMlExporter}
