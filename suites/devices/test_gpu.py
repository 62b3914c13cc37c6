"""device.gpu-*: training on a GPU that is here, or a program compiled for one that is not."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Level
from fwconformance.frameworks import NotAdapted, Unavailable
from fwconformance.suitekit import (
    check_compiled,
    check_declared,
    check_memory_limit,
    check_mixed_precision,
    check_on_device,
    keep_build,
    on_gpu,
    time_steps,
)


@pytest.mark.capability("device.gpu-training", "train-step")
def test_train_step(framework, oracle, case):
    """Three steps on the GPU, and their speed; else one step compiled for an H100; else what the build says."""
    if on_gpu(framework):
        check_on_device(case, framework, oracle)
        time_steps(case, framework)
        return
    keep_build(case, framework)
    try:
        compiled = check_compiled(case, framework, oracle, "compile-gpu", "h100")
    except (NotAdapted, Unavailable) as gap:
        check_declared(case, framework, oracle, gap)
        return
    assert compiled.kernels > 0, "the compiler wrote no kernel"
    assert all(name.startswith("sm_90") for name in compiled.architectures), (
        f"the code is for {', '.join(compiled.architectures)}, an H100 is sm_90"
    )
    case.level(Level.COMPILED)


@pytest.mark.capability("device.gpu-mixed-precision", "trains")
def test_mixed_precision(framework, case):
    """Digits, by the framework's own mixed precision."""
    check_mixed_precision(case, framework)


@pytest.mark.capability("device.gpu-memory-limit", "respected")
def test_memory_limit(framework, case):
    """One GiB, of which two are asked for."""
    check_memory_limit(case, framework)
