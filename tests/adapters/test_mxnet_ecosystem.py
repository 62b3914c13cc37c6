"""The pieces about what others built on MXNet, with the real libraries."""

from __future__ import annotations

import os

import numpy as np
import pytest

mxnet = pytest.importorskip("mxnet", reason="MXNet is not installed here: tox runs these tests in mxnet-cpu")
for library in ("gluoncv", "gluonnlp", "mxfusion"):
    pytest.importorskip(library, reason=f"{library} is in mxnet-cpu, not in the environment of another release")

from fwconformance.frameworks import Unsupported, create  # noqa: E402
from fwconformance.frameworks.mxnet._sabotages_ecosystem import ECOSYSTEM_SABOTAGES  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
PATCHED = (
    ("gluoncv.model_zoo", "get_model_list"),
    ("gluoncv.model_zoo.ssd.ssd", "SSD.hybrid_forward"),
    ("gluoncv.model_zoo.model_store", "check_sha1"),
    ("gluoncv.utils", "bbox_iou"),
    ("gluonnlp", "Vocab.to_indices"),
    ("gluonnlp.model", "StandardRNN.forward"),
    ("gluonnlp.model", "BERTEncoder.hybrid_forward"),
    ("gluonnlp.model.bert", "BERTEncoder"),
    ("mxfusion.inference", "GradBasedInference.run"),
    ("importlib.metadata", "metadata"),
    ("mxnet", "gluon.Trainer.step"),
    ("mxnet", "gluon.Block.load_parameters"),
    ("mxnet", "gluon.data.vision.transforms.Normalize.hybrid_forward"),
)


@pytest.fixture
def framework():
    return create("mxnet", "", "cpu")


@pytest.mark.parametrize("sabotage", ECOSYSTEM_SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, values_at):
    check_fault(sabotage, lambda: values_at(PATCHED))


def test_a_classifier_gives_native_losses_and_outputs(framework, rng):
    images = rng.normal(size=(4, 3, 32, 32)).astype("float32")
    found = framework.piece("gluoncv").classifier(images, np.arange(4) % 2, images[:2], classes=2, steps=2)
    assert [framework.describe(loss).shape for loss in found["losses"]] == [(1,), (1,)]
    assert framework.describe(found["outputs"]).shape == (2, 2)


def test_fetching_weights_leaves_the_variables_as_they_were(framework, tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_HOME", "before")
    monkeypatch.delenv("MXNET_GLUON_REPO", raising=False)
    found = framework.piece("gluoncv").downloaded(str(tmp_path), torn=True)
    assert "hash" in found["error"]
    assert os.environ["MXNET_HOME"] == "before"
    assert "MXNET_GLUON_REPO" not in os.environ


def test_a_language_models_weights_are_in_the_neutral_layout(framework, rng):
    ids = rng.integers(0, 5, size=(3, 6))
    found = framework.piece("gluonnlp").language_model(ids[:, :-1], ids[:, 1:], ids, vocabulary=5, units=4, steps=1)
    shapes = {name: framework.describe(value).shape for name, value in found["weights"].items()}
    assert shapes == {
        "0.table": (5, 4),
        "1.kernel": (4, 16),
        "1.recurrent": (4, 16),
        "1.bias": (16,),
        "2.kernel": (4, 5),
        "2.bias": (5,),
    }
    assert framework.describe(found["outputs"]).shape == (3, 6, 5)


def test_mxfusion_gives_native_moments_and_has_no_sampler(framework, rng):
    inputs = rng.normal(size=(6, 2)).astype("float32")
    piece = framework.piece("mxfusion")
    found = piece.variational(inputs, inputs.sum(axis=1), prior=1.0, noise=0.5, steps=9)
    shapes = {name: framework.describe(value).shape for name, value in found.items()}
    assert shapes == {"mean": (2,), "covariance": (2, 2)}
    with pytest.raises(Unsupported, match=r"mxfusion\.inference has none of: NUTS"):
        piece.sampled(inputs, inputs.sum(axis=1), prior=1.0, noise=0.5, warmup=5, samples=7)
    assert "MXNet" in piece.summary()
