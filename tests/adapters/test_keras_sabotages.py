"""The sabotages of the Keras adapter: every area has one, and each leaves Keras and its backend as they were."""

from __future__ import annotations

import importlib
import importlib.util
import operator

import pytest

keras = pytest.importorskip("keras", reason="Keras is not installed here: tox runs these tests in keras-cpu and others")

from fwconformance.frameworks import _bridge  # noqa: E402
from fwconformance.frameworks._idiomatic import Idiom  # noqa: E402
from fwconformance.frameworks._litserve_faults import IN_LITSERVE  # noqa: E402
from fwconformance.frameworks.keras import create  # noqa: E402
from fwconformance.frameworks.keras._sabotages import _COMPILERS, sabotages  # noqa: E402

BACKEND = keras.backend.backend()
SABOTAGES = sabotages(create(BACKEND))
MODULE, ATTRIBUTE = _COMPILERS[BACKEND]
if BACKEND == "jax":
    importlib.import_module("jax.export")  # which jax does not import by itself
BACKEND_MODULE = importlib.import_module(BACKEND)
#: What only the faults of several devices and of programs for XLA replace, dotted below the backend's module.
PARALLEL = {
    "tensorflow": (
        (BACKEND_MODULE, "distribute.StrategyExtended.batch_reduce_to"),
        (BACKEND_MODULE, "distribute.ReplicaContext.all_reduce"),
        (BACKEND_MODULE, "distribute.Strategy.experimental_distribute_dataset"),
        (BACKEND_MODULE, "distribute.MirroredStrategy"),
        (BACKEND_MODULE, "distribute.MultiWorkerMirroredStrategy"),
        (BACKEND_MODULE, "train.Checkpoint.restore"),
    ),
    "jax": ((BACKEND_MODULE, "make_array_from_process_local_data"), (BACKEND_MODULE, "export.export")),
    "torch": (
        (BACKEND_MODULE, "nn.parallel.DistributedDataParallel.forward"),
        (BACKEND_MODULE, "nn.parallel.DistributedDataParallel.__init__"),
        (BACKEND_MODULE, "utils.data.DistributedSampler.__iter__"),
        (BACKEND_MODULE, "distributed.init_process_group"),
        (BACKEND_MODULE, "jit.trace"),
    ),
}
#: The converter to Core ML reads these two alone.
CORE_ML = (
    [(importlib.import_module("coremltools"), name) for name in ("RangeDim", "convert")]
    if BACKEND != "jax" and importlib.util.find_spec("coremltools")
    else []
)
PATCHED = (
    (keras.layers.Dense, "call"),
    (keras.layers.Conv2D, "call"),
    (keras.layers.LSTM, "call"),
    (keras.losses.MeanAbsoluteError, "call"),
    (keras.optimizers.SGD, "apply"),
    (keras.optimizers.Adam, "apply"),
    (keras.saving, "load_model"),
    (keras.ops, "custom_gradient"),
    (keras.ops, "tanh"),
    (keras.ops, "matmul"),
    (keras.ops, "ceil"),
    (keras.Function, "call"),
    (importlib.import_module(MODULE), ATTRIBUTE),
    (keras.Model, "compute_loss"),
    (keras.optimizers.Optimizer, "stateless_apply"),
    (keras.distribution, "DataParallel"),
    (keras.Model, "export"),
    (keras.Model, "save"),
    (keras.Model, "predict"),
    (keras.distribution.LayoutMap, "__setitem__"),
    (Idiom, "prelude"),
    (_bridge, "project"),
    *PARALLEL[BACKEND],
    *CORE_ML,
)


def surface():
    return [operator.attrgetter(name)(owner) for owner, name in PATCHED]


# LitServe is no part of Keras: the faults in it have tests of their own, as have those in what others built on Keras.
# Quantising is taken out of our own exporter, which has a test of its own.
HERE = [
    each
    for each in SABOTAGES
    if each not in IN_LITSERVE
    and each.case != "quantized"
    and each.kills.partition(".")[0] not in {"automl", "ecosystem"}
]


@pytest.mark.parametrize("sabotage", HERE, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault):
    check_fault(sabotage, surface)


def test_every_area_has_one():
    areas = {"layers", "losses", "rnn", "train", "extend", "modes", "backend", "tasks", "speed", "vision", "export"}
    assert {each.kills.partition(".")[0] for each in SABOTAGES} == {
        *areas,
        "automl",
        "bridge",
        "costs",
        "device",
        "parallel",
        "usability",
        "docs",
        "ecosystem",
        "operators",
    }
