"""The sabotages of the TensorFlow adapter: every area has one, and each leaves TensorFlow as it was."""

from __future__ import annotations

import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed: tox runs these tests in tensorflow-cpu")

from fwconformance.frameworks import _bridge  # noqa: E402
from fwconformance.frameworks._idiomatic import Idiom  # noqa: E402
from fwconformance.frameworks._libraries import Use  # noqa: E402
from fwconformance.frameworks._litserve_faults import IN_LITSERVE  # noqa: E402
from fwconformance.frameworks.tensorflow import create  # noqa: E402
from fwconformance.frameworks.tensorflow._bindings import BindingsPiece  # noqa: E402
from fwconformance.frameworks.tensorflow._bindings_javascript import JavaScript  # noqa: E402
from fwconformance.frameworks.tensorflow._bindings_python import Python  # noqa: E402
from fwconformance.frameworks.tensorflow._sabotages import sabotages  # noqa: E402
from fwconformance.frameworks.tensorflow._sabotages_ecosystem import ECOSYSTEM_SABOTAGES  # noqa: E402

SABOTAGES = sabotages(create())
TRAIN = tf.compat.v1.train
PATCHED = (
    (Idiom, "prelude"),
    (_bridge, "project"),
    (Use, "prelude"),
    (tf.nn, "bias_add"),
    (tf.nn, "max_pool2d"),
    (tf.compat.v1.losses, "absolute_difference"),
    (tf.raw_ops, "BlockLSTM"),
    (tf, "reverse"),
    (tf, "reverse_sequence"),
    (TRAIN.GradientDescentOptimizer, "apply_gradients"),
    (TRAIN.AdamOptimizer, "apply_gradients"),
    (TRAIN.MomentumOptimizer, "apply_gradients"),
    (tf.train.Checkpoint, "read"),
    (tf, "custom_gradient"),
    (tf, "function"),
    (tf, "tanh"),
    (tf, "matmul"),
    (tf.math, "ceil"),
    (tf.distribute.StrategyExtended, "batch_reduce_to"),
    (tf.distribute.ReplicaContext, "all_reduce"),
    (tf.distribute.Strategy, "experimental_distribute_dataset"),
    (tf.distribute, "MirroredStrategy"),
    (tf.distribute, "MultiWorkerMirroredStrategy"),
    (tf.train.Checkpoint, "restore"),
    (tf.nn, "compute_average_loss"),
    (tf.experimental.dtensor, "relayout"),
    (tf, "TensorSpec"),
    (tf.raw_ops, "FusedBatchNormV3"),
    (tf.compat.v1.losses, "mean_squared_error"),
    (tf.data.Dataset, "batch"),
    (tf.saved_model, "load"),
    (BindingsPiece, "projects"),
    (BindingsPiece, "releases"),
    (Python, "restored"),
    (JavaScript, "restored"),
)


def surface():
    return [getattr(owner, name) for owner, name in PATCHED]


# LitServe is no part of TensorFlow: the faults in it have tests of their own.
# Quantising is taken out of our own exporter, which has a test of its own.
# What others built on TensorFlow has tests of its own.
HERE = [
    each
    for each in SABOTAGES
    if each not in IN_LITSERVE and each.case != "quantized" and each not in ECOSYSTEM_SABOTAGES
]


@pytest.mark.parametrize("sabotage", HERE, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault):
    check_fault(sabotage, surface)


def test_every_area_has_one():
    areas = {
        "costs",
        "layers",
        "losses",
        "rnn",
        "train",
        "extend",
        "operators",
        "modes",
        "tasks",
        "speed",
        "vision",
        "parallel",
        "export",
        "device",
        "usability",
        "docs",
        "ecosystem",
    }
    assert {each.kills.partition(".")[0] for each in SABOTAGES} == {*areas, "binding", "bridge"}
