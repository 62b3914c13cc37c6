# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""LiteRT by litert-torch, which lags behind PyTorch's releases: it has a tox environment of its own."""

from __future__ import annotations

import os
from typing import Any, ClassVar, Mapping

import torch

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.pytorch._export import TorchExporter, any_batch, importable, inference

#: What litert-torch raises where it meets an axis without a size: most of its operations are lowered by JAX's jit,
#: which refuses one, or by assertions that print the number which stands for it.
_NEEDS_A_SIZE = ("concrete value", "static shape", "-9223372036854775808")


class LiteRtExporter(TorchExporter):
    """litert_torch.convert. The file takes the example's batch size; `export_any_batch` asks for more."""

    file = "model.tflite"
    needs: ClassVar[Mapping[str, str]] = {"litert_torch": "litert-torch"}

    def _look(self) -> None:
        if not importable("litert_torch"):
            raise Unavailable(
                f"litert-torch is not installed beside PyTorch {torch.__version__.partition('+')[0]}: "
                "`tox -e torch-litert-cpu` has it, with the newest torch that it takes"
            )

    def _write(self, stack: Any, example: Any, target: str) -> None:
        _convert(stack, example).export(target)

    def export_any_batch(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        """As `export`, for any batch size. Raises `Unsupported`, in litert-torch's words, where it needs the size."""
        self._look()
        target = os.path.join(folder, self.file)  # noqa: PTH118 - what it takes
        with inference(model.stack) as stack:
            try:
                converted = _convert(stack, torch.tensor(inputs), dynamic_shapes=any_batch())
            except (AssertionError, TypeError) as error:  # JAX's, and litert-torch's own, none of ours
                words = str(error)
                if not any(each in words for each in _NEEDS_A_SIZE):
                    raise
                said = f"{type(error).__name__}: {words.splitlines()[0][:300]}"
                refuse(Seen(absent=True, evidence=f"litert_torch.convert with a batch axis of any size: {said}"))
            converted.export(target)
        return Artifact(file=self.file).to_json()

    def export_quantized(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        """Weights in 8 bits, activations as they come, by the guide's PT2E quantiser; float32 goes in and out."""
        self._look()
        from litert_torch.quantize import pt2e_quantizer, quant_config
        from torchao.quantization.pt2e import quantize_pt2e as steps

        quantizer = pt2e_quantizer.PT2EQuantizer()
        quantizer.set_global(pt2e_quantizer.get_symmetric_quantization_config(is_per_channel=True, is_dynamic=True))
        example = torch.tensor(inputs)
        with inference(model.stack) as stack:
            observed = steps.prepare_pt2e(torch.export.export(stack, (example,)).module(), quantizer)
            observed(example)
            converted = steps.convert_pt2e(observed, fold_quantize=False)
            kept = quant_config.QuantConfig(pt2e_quantizer=quantizer)
            _convert(converted, example, quant_config=kept).export(os.path.join(folder, self.file))  # noqa: PTH118
        return Artifact(file=self.file).to_json()


def _convert(module: Any, example: Any, **named: Any) -> Any:
    """litert_torch.convert without its progress lines."""
    import litert_torch

    before = litert_torch.config.show_progress
    litert_torch.config.show_progress = False
    try:
        return litert_torch.convert(module, (example,), **named)
    finally:
        litert_torch.config.show_progress = before


EXPORTERS: Mapping[str, Any] = {"export-litert": LiteRtExporter}
