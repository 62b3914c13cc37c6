"""The pieces about what others built on PyTorch, with the real libraries."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")
for library in ("skorch", "pyro", "torchvision"):
    pytest.importorskip(library, reason=f"{library} is in torch-cpu, not in the environments of other releases")

from fwconformance.frameworks import Unavailable, create  # noqa: E402
from fwconformance.frameworks._protocol import OnHost  # noqa: E402
from fwconformance.frameworks.pytorch._sabotages_ecosystem import ECOSYSTEM_SABOTAGES  # noqa: E402

PATCHED = (
    ("skorch", "NeuralNetClassifier.predict_proba"),
    ("skorch", "NeuralNetClassifier.predict"),
    ("skorch", "NeuralNet.set_params"),
    ("skorch", "NeuralNet.__setstate__"),
    ("sklearn.base", "clone"),
    ("sklearn.calibration", "CalibratedClassifierCV.predict_proba"),
    ("pyro.infer", "SVI.step"),
    ("pyro.infer", "MCMC.get_samples"),
    ("torchvision.models", "list_models"),
    ("torchvision.models", "get_model"),
    ("torchvision.transforms.functional", "normalize"),
    ("torch", "nn.AdaptiveAvgPool2d.forward"),
    ("torch", "nn.Module.load_state_dict"),
    ("torch", "optim.SGD.step"),
    ("torch", "hub.download_url_to_file"),
    ("importlib.metadata", "requires"),
)


@pytest.fixture
def framework():
    return create("pytorch", "", "cpu")


@pytest.fixture
def data(rng):
    labels = np.repeat(np.arange(2), 20)
    return (rng.normal(size=(40, 3)) + 2 * labels[:, None]).astype("float32"), labels


@pytest.mark.parametrize("sabotage", ECOSYSTEM_SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, values_at):
    check_fault(sabotage, lambda: values_at(PATCHED))


def test_skorch_gives_native_weights_and_what_scikit_learn_predicts(framework, data):
    inputs, labels = data
    found = framework.piece("skorch").pipeline(inputs, labels, inputs[:5])
    assert {name: tuple(value.shape) for name, value in found["weights"].items()} == {
        "0.kernel": (3, 16),
        "0.bias": (16,),
        "2.kernel": (16, 2),
        "2.bias": (2,),
    }
    assert all(isinstance(value, torch.Tensor) for value in found["weights"].values())
    assert isinstance(found["probabilities"], OnHost)
    assert found["labels"].values.shape == (5,)


def test_fits_are_the_same_each_time_and_leave_the_generator_where_it_was(framework, data):
    inputs, labels = data
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = (framework.piece("skorch").pickled(inputs, labels, inputs)["weights"] for _ in range(2))
    assert torch.equal(torch.rand(3), expected)
    for name, value in first.items():
        assert torch.equal(value, second[name]), name


def test_pyro_draws_what_was_asked_for(framework, rng):
    inputs = rng.normal(size=(6, 2)).astype("float32")
    piece = framework.piece("pyro")
    draws = piece.sampled(inputs, inputs.sum(axis=1), prior=1.0, noise=0.5, warmup=5, samples=7)
    assert tuple(draws.shape) == (7, 2)
    found = piece.variational(inputs, inputs.sum(axis=1), prior=1.0, noise=0.5, steps=3)
    assert {name: tuple(value.shape) for name, value in found.items()} == {"mean": (2,), "covariance": (2, 2)}


def test_architectures_are_built_alike_and_counted_without_statistics(framework):
    piece = framework.piece("torchvision")
    first, second = (piece.built("resnet18") for _ in range(2))
    assert torch.equal(first["conv1.weight"], second["conv1.weight"])
    assert set(first) - set(piece.trained_names("resnet18")) == {
        name for name in first if name.endswith(("running_mean", "running_var"))
    }


def test_weights_that_cannot_be_reached_are_unavailable(framework, tmp_path, monkeypatch, rng):
    def refuse(*_given, **_named):
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    images = rng.uniform(0, 255, size=(1, 3, 256, 256))
    with pytest.raises(Unavailable, match="the weights of squeezenet1_1 cannot be fetched: no route to host"):
        framework.piece("torchvision").recognised("squeezenet1_1", images, str(tmp_path))


def test_published_weights_that_were_fetched_answer_for_prepared_images(framework, tmp_path, monkeypatch, rng):
    """Drawn ones stand in for them: the way from a file to an answer is the same."""
    stored = importlib.import_module("torchvision").models.squeezenet1_1(weights=None).state_dict()
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", lambda *_given, **_named: stored)
    enum = importlib.import_module("torchvision.models._api")
    monkeypatch.setattr(enum, "load_state_dict_from_url", lambda *_given, **_named: stored)
    images = rng.uniform(0, 255, size=(2, 3, 256, 256))
    outputs = framework.piece("torchvision").recognised("squeezenet1_1", images, str(tmp_path))
    assert tuple(outputs.shape) == (2, 1000)
