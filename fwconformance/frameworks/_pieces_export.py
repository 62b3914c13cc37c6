"""Protocols of the pieces that write a network down for other programs: exporters, one a format."""

from __future__ import annotations

from typing import Any, Mapping, Protocol

import attrs

from fwconformance.frameworks._protocol import Array, Model


@attrs.frozen(kw_only=True)
class Artifact:
    """What an exporter wrote, for the runtime that loads it.

    Attributes:
        file: file or folder, relative to the folder of the export.
        images: layout in which the exported network takes images: "channels-first" (the neutral one) or
            "channels-last"; it says nothing of other inputs.
        entry: name of a signature, entry point or further file that the format needs, else "".
    """

    file: str
    images: str = "channels-first"
    entry: str = ""

    def to_json(self) -> dict[str, str]:
        """Plain JSON."""
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, str]) -> Artifact:
        """What `to_json` gave."""
        return cls(**stored)


class Exporter(Protocol):
    """Pieces "export-onnx", "export-saved-model", "export-litert", ...: see `EXPORTS`.

    The export is the framework's own, or that of the tool which its guides name. A format that the framework has no way
    to is refused by a probe; a tool that is not installed here is `Unavailable`, naming what to install.
    """

    def export(self, model: Model, inputs: Array, folder: str) -> Mapping[str, str]:
        """Write `model`, in inference mode and for any batch size, below `folder`; return ``Artifact(...).to_json()``.

        `inputs`: an example batch (neutral layout), for tracing.
        """
        ...


class FixedExporter(Exporter, Protocol):
    """An exporter whose `export` writes for the example's batch size alone, since its tool does not do otherwise."""

    def export_any_batch(self, model: Model, inputs: Array, folder: str) -> Mapping[str, str]:
        """As `export`, but for any batch size; raises `Unsupported`, by a probe, where the tool refuses."""
        ...


class QuantizedExporter(Exporter, Protocol):
    """The same with ``export_quantized``, where the format and its tool offer post-training quantisation."""

    def export_quantized(self, model: Model, inputs: Array, folder: str) -> Mapping[str, str]:
        """As `export`, weights (and activations, where offered) in 8-bit integers, calibrated on `inputs`."""
        ...


#: Exporting piece to its capability.
EXPORTS: Mapping[str, str] = {
    f"export-{name}": f"export.{name}"
    for name in (
        "onnx",
        "torchscript",
        "torch-export",
        "aot-inductor",
        "executorch",
        "saved-model",
        "keras-file",
        "hdf5",
        "litert",
        "tensorflow-js",
        "stablehlo",
        "openvino",
        "coreml",
        "symbol-params",
    )
}

EXPORT_PIECES: Mapping[str, Any] = dict.fromkeys(EXPORTS, Exporter)
