"""The pieces of Keras on torch that use several devices, and what Keras itself does not distribute there."""

from __future__ import annotations

import importlib.util
import os

import numpy as np
import pytest

keras = None
if importlib.util.find_spec("keras") and importlib.util.find_spec("torch"):
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

if keras is None or keras.backend.backend() != "torch":
    pytest.skip("Keras on torch is not here: tox runs these tests in keras-torch-cpu", allow_module_level=True)

from fwconformance.frameworks import PIECES, NotAdapted, Seam, Unsupported  # noqa: E402
from fwconformance.frameworks._pieces_parallel import PARALLEL_PIECES  # noqa: E402
from fwconformance.frameworks.keras import create  # noqa: E402


@pytest.mark.parametrize("name", sorted(set(PARALLEL_PIECES) - {"model-parallel"}))
def test_each_piece_has_the_methods_of_its_protocol(name):
    piece = create("torch").piece(name)
    assert {method for method in vars(PIECES[name]) if not method.startswith("_")} <= set(dir(piece))


def test_two_workers_train_as_one_would(one_step):
    """Outputs are rows of 1 and 2, so the gradient of their mean square is (x.T @ y) / 2 and (sum of y) / 2."""
    ((first,), (second,)) = Seam(create("torch")).elsewhere("data-parallel", "train", one_step(), 2, devices=2)
    for replica in (first, second):
        np.testing.assert_allclose(replica["weights"]["0.kernel"], [[0.75, 0.75], [0.0, 0.0]], atol=1e-6)
        np.testing.assert_allclose(replica["weights"]["0.bias"], [-0.75, -0.75], atol=1e-6)
    np.testing.assert_array_equal(np.concatenate([first["inputs"][0], second["inputs"][0]]), [[1, 0], [0, 2]])
    np.testing.assert_allclose(second["outputs"][0], [[2, 2]])


def test_a_distribution_that_splits_nothing_is_unsupported_and_unset_again():
    """`keras.distribution.set_distribution` takes it without a word; what the variable holds tells."""
    with pytest.raises(Unsupported, match=r"ModelParallel was accepted.*lies as one Parameter of \(6, 8\)") as refused:
        create("torch").piece("model-parallel")
    assert refused.value.probe is not None
    assert keras.distribution.distribution() is None


def test_a_kernel_that_is_split_would_be_our_gap(monkeypatch):
    import torch

    halved = keras.layers.Dense.build

    def build(self, input_shape):
        halved(self, input_shape)
        self.kernel._value = torch.nn.Parameter(self.kernel.value[:, :4])

    monkeypatch.setattr(keras.layers.Dense, "build", build)
    with pytest.raises(NotAdapted, match=r"of \(6, 4\)"):
        create("torch").piece("model-parallel")


def test_fit_whose_workers_exchange_nothing_is_unsupported(one_step):
    with pytest.raises(Unsupported, match=r"keras\.Model\.fit on torch, in 2 processes .* apart afterwards") as refused:
        Seam(create("torch")).elsewhere("multi-process-fit", "train", one_step(), 2, devices=2)
    assert refused.value.probe is not None


def test_shards_that_keras_does_not_look_at_are_unsupported(one_step):
    with pytest.raises(Unsupported, match=r"given to torch's fully_shard .* each computes with \(2, 2\)"):
        Seam(create("torch")).elsewhere("sharded-data-parallel", "train", one_step(), 2, devices=2)
