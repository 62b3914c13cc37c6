"""parallel.multi-process: three steps by processes that meet over sockets, beside the oracle's in one.

They share one machine, whatever it has: evidence is simulated.
"""

from __future__ import annotations

import pytest

from fwconformance.suitekit import DENSE, check_data_parallel, check_split, training_for


@pytest.mark.capability("parallel.multi-process", "two-processes")
def test_two_processes(framework, oracle, case):
    """The framework's own loop for several workers."""
    case.level("simulated")
    training = training_for(DENSE, case.rng)
    check_data_parallel(case, framework, oracle, training, 2, piece="multi-process")


@pytest.mark.capability("parallel.multi-process", "several-hosts")
def test_several_hosts(framework, oracle, case):
    """The same with a network namespace, an address and a name for each worker: none reaches another on loopback."""
    case.level("simulated")
    training = training_for(DENSE, case.rng)
    check_data_parallel(case, framework, oracle, training, 2, piece="multi-process", hosts=2)


@pytest.mark.capability("parallel.multi-process", "high-level-fit")
def test_high_level_fit(framework, oracle, case):
    """Its high-level training over the same workers."""
    case.level("simulated")
    training = training_for(DENSE, case.rng)
    check_data_parallel(case, framework, oracle, training, 2, piece="multi-process-fit")


@pytest.mark.capability("parallel.multi-process", "sharded-weights")
def test_sharded_weights(framework, oracle, case):
    """Weights and optimizer state sharded over the workers between steps."""
    case.level("simulated")
    training = training_for(DENSE, case.rng)
    replicas = check_data_parallel(case, framework, oracle, training, 2, piece="sharded-data-parallel")
    check_split(replicas[0]["weights"], [replica["held"] for replica in replicas])
