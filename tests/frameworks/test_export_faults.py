"""The fault of an exporter that quantises nothing."""

from __future__ import annotations

from fwconformance.frameworks._export_faults import quantising_nothing


class Exporter:
    def export(self, model, inputs, folder):
        return {"written": "floats"}

    def export_quantized(self, model, inputs, folder):
        return {"written": "integers"}


def test_it_writes_what_export_writes_and_is_taken_away():
    sound = Exporter.export_quantized
    with quantising_nothing("litert", Exporter).apply():
        assert Exporter().export_quantized(None, None, "") == {"written": "floats"}
    assert Exporter.export_quantized is sound
