"""What a case that came back without an exception has shown."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Level
from fwconformance.plugin._run import proven


@pytest.mark.parametrize(
    ("devices", "stated", "device", "level"),
    [
        (("cpu",), None, "cpu", "hardware"),
        (("cuda:0", "cuda:1"), None, "cuda", "hardware"),
        (("cpu",), None, "cuda", None),
        (("cpu", "cuda:0"), None, "cuda", None),
        ((), None, "cpu", None),
        (("cpu",), "simulated", "cpu", "simulated"),
        (("cpu",), "hardware", "cpu", "hardware"),
        ((), "hardware", "cpu", "hardware"),
        ((), "declared", "cuda", "declared"),
        ((), "compiled", "tpu", "compiled"),
        (("cpu",), "compiled", "tpu", "compiled"),
        ((), "hardware", "cuda", None),
        (("cpu",), "hardware", "cuda", None),
    ],
)
def test_level_that_is_proven(devices, stated, device, level):
    """Hardware needs tensors on the device asked for and on no other; a weaker level that is stated wins."""
    found = proven(devices, Level(stated) if stated else None, device)
    assert (found.value if found else None) == level
