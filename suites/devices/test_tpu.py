"""device.tpu-training: a full train step for TPUs, compiled for one that is not here or done on one that is."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Level
from fwconformance.suitekit import check_compiled, check_on_device


def check(case, framework, oracle, topology):
    """On a TPU three steps there; elsewhere the program, compiled for `topology`."""
    if framework.device.split(":")[0] == "tpu":
        check_on_device(case, framework, oracle)
        return
    compiled = check_compiled(case, framework, oracle, "compile-tpu", topology)
    assert compiled.memory.get("generated_code", 0) > 0, "the compiler wrote no code"
    case.level(Level.COMPILED)


@pytest.mark.capability("device.tpu-training", "train-step")
def test_train_step(framework, oracle, case):
    """One chip of a v5e."""
    check(case, framework, oracle, "v5e:2x2")


@pytest.mark.capability("device.tpu-training", "second-topology")
def test_second_topology(framework, oracle, case):
    """One chip of a v4, which has another matrix unit and memory."""
    check(case, framework, oracle, "v4:2x2x1")


@pytest.mark.capability("device.tpu-training", "data-parallel")
def test_data_parallel(framework, oracle, case):
    """Four chips of a v5e, each with a quarter of the batch."""
    compiled = check_compiled(case, framework, oracle, "compile-tpu", "v5e:2x2", devices=4)
    held = dict(compiled.collectives) or "no collective"
    assert compiled.collectives.get("all-reduce", 0) > 0, (
        f"the program exchanges nothing by all-reduce; it holds {held}"
    )
    case.level(Level.COMPILED)
