"""The pieces of PyTorch that use several devices, and what in torch.distributed they rest on."""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import (  # noqa: E402
    PIECES,
    Activation,
    Conv2D,
    Dense,
    Flatten,
    Network,
    NotAdapted,
    Seam,
    Unsupported,
)
from fwconformance.frameworks._pieces_parallel import PARALLEL_PIECES  # noqa: E402
from fwconformance.frameworks._torchrun import Place, shares  # noqa: E402
from fwconformance.frameworks.pytorch import _parallel, create  # noqa: E402

pytestmark = pytest.mark.skipif(
    not torch.distributed.is_available(), reason="this build of torch has no torch.distributed"
)


#: Outputs are rows of 1 and 2, so the gradient of their mean square is (x.T @ y) / 2 and (sum of y) / 2.
KERNEL, BIAS = [[0.75, 0.75], [0.0, 0.0]], [-0.75, -0.75]


@pytest.mark.parametrize("name", sorted(set(PARALLEL_PIECES) - {"multi-process-fit"}))
def test_each_piece_has_the_methods_of_its_protocol(name):
    piece = create().piece(name)
    assert {method for method in vars(PIECES[name]) if not method.startswith("_")} <= set(dir(piece))


def test_high_level_training_is_refused_by_a_probe():
    with pytest.raises(Unsupported, match=r"has none of: fit, nn\.Module\.fit") as refused:
        create().piece("multi-process-fit")
    assert refused.value.probe is not None


def test_the_probe_flips_where_modules_can_fit():
    moved_on = ModuleType("torch")
    moved_on.fit = lambda: None
    with pytest.raises(NotAdapted, match="has fit"):
        _parallel.no_fit(None, moved_on)


def test_what_an_older_version_lacks_is_unsupported():
    with pytest.raises(Unsupported, match=r"import torch\.no_such_module: ModuleNotFoundError"):
        _parallel._needs("torch.no_such_module", "anything")
    with pytest.raises(Unsupported, match="torch has none of: no_such_name"):
        _parallel._needs("torch", "no_such_name")


def test_an_older_way_to_do_it_is_our_gap():
    with pytest.raises(NotAdapted, match="has nn"):
        _parallel._needs("torch", "no_such_name", "nn")


def test_batches_that_cannot_be_dealt_evenly_are_an_error(one_step):
    odd = one_step(batches=((np.ones((3, 2)), np.ones((3, 2))),))
    with pytest.raises(ValueError, match="not dealt evenly to 2 workers"):
        list(shares(torch, odd, Place(rank=0, world=2, device="cpu")))


def test_two_workers_train_as_one_would(one_step):
    seam = Seam(create())
    ((first,), (second,)) = seam.elsewhere("data-parallel", "train", one_step(), 2, devices=2)
    for replica in (first, second):
        np.testing.assert_allclose(replica["weights"]["0.kernel"], KERNEL, atol=1e-6)
        np.testing.assert_allclose(replica["weights"]["0.bias"], BIAS, atol=1e-6)
    np.testing.assert_array_equal(np.concatenate([first["inputs"][0], second["inputs"][0]]), [[1, 0], [0, 2]])
    np.testing.assert_allclose(second["outputs"][0], [[2, 2]])


def test_sharded_workers_hold_half_each(one_step):
    answers = Seam(create()).elsewhere("sharded-data-parallel", "train", one_step(), 2, devices=2)
    for (replica,) in answers:
        np.testing.assert_allclose(replica["weights"]["0.kernel"], KERNEL, atol=1e-6)
        np.testing.assert_allclose(replica["weights"]["0.bias"], BIAS, atol=1e-6)
        assert [value.shape for value in replica["held"].values()] == [(1, 2), (1,)]


def test_model_parallel_splits_what_each_worker_holds(one_step):
    answers = Seam(create()).elsewhere("model-parallel", "train", one_step(), 2, devices=2)
    for answer in answers:
        np.testing.assert_allclose(answer["outputs"], [[1, 1], [2, 2]])
        np.testing.assert_allclose(answer["weights"]["0.kernel"], KERNEL, atol=1e-6)
        assert [value.shape for value in answer["held"][0].values()] == [(1, 2), (1,)]


def styles(*layers):
    tensor_parallel = pytest.importorskip("torch.distributed.tensor.parallel")
    from fwconformance.frameworks.pytorch._parallel_model import plan

    found = plan(Network(layers=layers, input_shape=(4,)))
    short = {tensor_parallel.ColwiseParallel: "columns", tensor_parallel.RowwiseParallel: "rows"}
    gathered = {name: style.output_layouts[0].is_replicate() for name, style in found.items()}
    return {name: (short[type(style)], gathered[name]) for name, style in found.items()}


def test_dense_layers_are_split_in_pairs():
    """Of a pair, the columns of the first stay where they are until the rows of the second have been summed."""
    assert styles(Dense(units=8), Activation(kind="tanh"), Dense(units=4)) == {
        "parts.0.inner": ("columns", False),
        "parts.2.inner": ("rows", True),
    }


def test_the_columns_of_an_odd_layer_are_gathered():
    assert styles(Dense(units=8))["parts.0.inner"] == ("columns", True)


@pytest.mark.parametrize("between", [Flatten(), Activation(kind="softmax")])
def test_columns_are_gathered_before_a_layer_that_needs_them_together(between):
    assert styles(Dense(units=8), between, Dense(units=4))["parts.0.inner"] == ("columns", True)


def test_a_layer_that_is_not_split_yet_is_our_gap():
    pytest.importorskip("torch.distributed.tensor.parallel")
    from fwconformance.frameworks.pytorch._parallel_model import plan

    with pytest.raises(NotAdapted, match="dense layers alone"):
        plan(Network(layers=(Conv2D(channels=1, kernel=(3, 3)),), input_shape=(1, 5, 5)))


def test_throughput_is_timed_step_by_step(one_step):
    two = one_step(batches=one_step().batches * 2)
    ((answer),) = Seam(create()).elsewhere("throughput", "seconds", two, 1, devices=1)
    assert len(answer["seconds"]) == 2
    assert all(0 < float(value) < 60 for value in answer["seconds"])
    assert math.isfinite(float(answer["loss"]))
