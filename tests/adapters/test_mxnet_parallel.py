"""How the MXNet adapter trains on several devices; what came out is for the suites to judge."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

with warnings.catch_warnings():
    # Its last release uses names that NumPy has deprecated since.
    warnings.simplefilter("ignore", DeprecationWarning)
    mxnet = pytest.importorskip("mxnet", reason="MXNet is not installed here: tox runs these tests in mxnet-cpu")

from fwconformance.frameworks import (
    LSTM,
    SGD,
    Activation,
    BatchNorm,
    Dense,
    Loss,
    Network,
    NotAdapted,
    Unavailable,
    Unsupported,
    weight_shapes,
)
from fwconformance.frameworks._remote import Worker
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet import _parallel, _parallel_refusals, create
from fwconformance.frameworks.mxnet._parallel_model import spread
from fwconformance.frameworks.mxnet._symbols import Described

DENSE = Network(layers=(Dense(units=4), Activation(kind="tanh"), Dense(units=2)), input_shape=(3,))


@pytest.fixture
def framework():
    return create()


def training(network=DENSE, rows=8, steps=1):
    rng = np.random.default_rng(20200101)
    weights = {name: rng.normal(size=shape).astype("float32") for name, shape in weight_shapes(network).items()}
    batches = tuple(
        (rng.normal(size=(rows, *network.input_shape)).astype("float32"), rng.normal(size=(rows, 2)).astype("float32"))
        for _ in range(steps)
    )
    return Training(network=network, weights=weights, loss=Loss(kind="mse"), optimizer=SGD(rate=0.1), batches=batches)


def test_every_tensor_of_a_replica_lies_on_its_own_context(framework):
    replicas = framework.piece("data-parallel").train(training(rows=6), 3)
    for index, replica in enumerate(replicas):
        tensors = [*replica["weights"].values(), *replica["inputs"], *replica["outputs"]]
        expected = "cpu" if index == 0 else f"cpu:{index}"
        assert {framework.describe(tensor).device for tensor in tensors} == {expected}


def test_replicas_start_from_the_weights_given(framework):
    given = training()
    replicas = _parallel.Replicas(given, _parallel.contexts("cpu", 2))
    for context in replicas.contexts:
        for name, value in replicas.weights(context).items():
            assert value.asnumpy() == pytest.approx(given.weights[name]), name


def test_running_statistics_are_read_from_their_context(framework):
    """Of two steps: before the first one the trainer sends the first context's around."""
    network = Network(layers=(Dense(units=2), BatchNorm()), input_shape=(3,))
    replicas = framework.piece("data-parallel").train(training(network, steps=2), 2)
    means = [replica["weights"]["1.mean"].asnumpy() for replica in replicas]
    assert not np.allclose(means[0], means[1])


def test_rows_that_cannot_be_shared_evenly_are_refused(framework):
    with pytest.raises(ValueError, match="cannot be evenly split"):
        framework.piece("data-parallel").train(training(rows=7), 2)


def test_one_process_drives_all_contexts(framework, tmp_path):
    piece = framework.piece("data-parallel")
    assert piece.workers(4) == 1
    assert [program.name for program in piece.programs(Worker(folder=str(tmp_path)), 4)] == ["worker 0"]


def test_a_cluster_has_a_scheduler_and_a_server_that_nobody_waits_for(framework, tmp_path):
    piece = framework.piece("multi-process")
    programs = piece.programs(Worker(folder=str(tmp_path)), 2)
    assert piece.workers(2) == 2
    assert [(program.name, program.needed) for program in programs] == [
        ("scheduler", False),
        ("server", False),
        ("worker 0", True),
        ("worker 1", True),
    ]
    assert [program.environment["DMLC_ROLE"] for program in programs] == ["scheduler", "server", "worker", "worker"]
    assert len({program.environment["DMLC_PS_ROOT_PORT"] for program in programs}) == 1


def test_gpus_that_are_not_here_are_unavailable(monkeypatch):
    monkeypatch.setattr(mxnet.context, "num_gpus", lambda: 1)
    with pytest.raises(Unavailable, match="2 CUDA devices are needed, 1 here"):
        _parallel.contexts("gpu", 2)


def test_sharded_weights_are_refused_by_a_measurement(framework):
    with pytest.raises(Unsupported, match="measured 8") as raised:
        framework.piece("sharded-data-parallel")
    assert raised.value.probe is not None


def test_a_trainer_that_takes_a_new_parameter_has_to_be_looked_at():
    class Trainer(mxnet.gluon.Trainer):
        def __init__(self, params, optimizer, optimizer_params=None, shard=False):
            super().__init__(params, optimizer, optimizer_params)

    absent, evidence = _parallel_refusals.sharding(Trainer).run()
    assert not absent
    assert "shard" in evidence


def test_a_piece_that_is_nowhere_is_our_gap():
    with pytest.raises(NotAdapted, match="pipeline"):
        _parallel.piece("pipeline", mxnet.cpu())


@pytest.mark.parametrize("devices", [1, 2, 3])
def test_layers_with_weights_are_spread_evenly(devices):
    network = Network(layers=(*DENSE.layers, Activation(kind="tanh"), Dense(units=2)), input_shape=(3,))
    groups = spread(network, devices)
    assert groups == sorted(groups)
    assert {groups[index] for index in (0, 2, 4)} == set(range(devices))
    assert groups[1] == groups[0]
    assert groups[3] == groups[2]


def test_a_graph_keeps_what_is_not_trained_apart():
    network = Network(layers=(LSTM(units=2, sequences=False), Dense(units=2)), input_shape=(4, 3))
    described = Described(training(network), mxnet.cpu())
    trained = described.trained()
    assert not [name for name in trained if name.endswith("h2h_bias")]
    assert set(trained) < set(described.values()[0])
