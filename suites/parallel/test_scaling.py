"""parallel.scaling: samples a second over one device and several.

On devices of their own the figures decide. Logical devices share one processor: that a second one adds nothing, or even
costs something, says nothing of accelerators. There the case is unavailable; with profile full, which has the time, it
keeps its figures.
"""

from __future__ import annotations

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.suitekit import measure

WEAK = 1.6
STRONG = 1.0


def need_devices(framework):
    if framework.device == "cpu":
        raise Unavailable(
            "the logical devices share one processor: their throughput says nothing of accelerators; run it on a "
            "machine with two of them"
        )


@pytest.mark.capability("parallel.scaling", "weak")
def test_weak(framework, case):
    """The work of each device is kept: two train at least 1.6 times as many samples a second."""
    case.level("simulated" if framework.device == "cpu" else "hardware")
    if case.profile != "full":
        need_devices(framework)
    ratio = measure(case, framework, weak=True)
    need_devices(framework)
    assert ratio.low >= WEAK, (
        f"two devices train {ratio.value:.2f} times as many samples a second as one ({ratio.low:.2f} to "
        f"{ratio.high:.2f}), {WEAK} times were asked for"
    )


@pytest.mark.capability("parallel.scaling", "strong")
def test_strong(framework, case):
    """The batch is kept: two devices train more samples a second than one."""
    case.level("simulated" if framework.device == "cpu" else "hardware")
    if case.profile != "full":
        need_devices(framework)
    ratio = measure(case, framework, weak=False)
    need_devices(framework)
    assert ratio.low > STRONG, (
        f"two devices train {ratio.value:.2f} times as many samples a second as one ({ratio.low:.2f} to "
        f"{ratio.high:.2f}) with the same batch"
    )
