"""The fault that every exporter with quantisation is given: it quantises nothing."""

from __future__ import annotations

from typing import Any

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage


def quantising_nothing(form: str, exporter: Any) -> Sabotage:
    """`exporter`, the class of an exporter of `form`, writes the float weights when it is asked for 8-bit integers."""
    return Sabotage(
        name=f"{form}-quantises-nothing",
        kills=f"export.{form}",
        case="quantized",
        apply=lambda: replaced(exporter, "export_quantized", lambda _: exporter.export),
        description=f"{exporter.__name__}.export_quantized writes what export writes, in float32.",
    )
