"""The pieces about Keras Applications and what others built on Keras, with the real libraries."""

from __future__ import annotations

import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="Keras is not installed here: tox runs these tests in keras-cpu and others")
pytest.importorskip("scikeras", reason="SciKeras is in the environments of today's Keras")

from fwconformance.frameworks import NotAdapted, Unavailable, create  # noqa: E402
from fwconformance.frameworks.keras._sabotages_ecosystem import ECOSYSTEM_SABOTAGES  # noqa: E402

BACKEND = keras.backend.backend()
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
PATCHED = (
    ("scikeras.wrappers", "KerasClassifier.predict_proba"),
    ("scikeras.wrappers", "KerasClassifier.predict"),
    ("scikeras.wrappers", "BaseWrapper.set_params"),
    ("scikeras.wrappers", "BaseWrapper.__setstate__"),
    ("sklearn.base", "clone"),
    ("sklearn.calibration", "CalibratedClassifierCV.predict_proba"),
    ("keras", "applications.MobileNetV2"),
    ("keras", "applications.DenseNet169"),
    ("keras", "applications.Xception"),
    ("keras", "layers.GlobalAveragePooling2D.call"),
    ("keras", "layers.Layer.trainable"),
    ("keras", "Model.load_weights"),
    ("keras.src.applications.imagenet_utils", "preprocess_input"),
    ("keras.src.utils.file_utils", "validate_file"),
)


@pytest.fixture
def framework():
    return create("keras", BACKEND, "cpu")


@pytest.mark.parametrize("sabotage", ECOSYSTEM_SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, values_at):
    check_fault(sabotage, lambda: values_at(PATCHED))


def test_scikeras_gives_native_weights_and_what_scikit_learn_predicts(framework, rng):
    labels = np.repeat(np.arange(2), 10)
    inputs = (rng.normal(size=(20, 3)) + 2 * labels[:, None]).astype("float32")
    found = framework.piece("scikeras").pipeline(inputs, labels, inputs[:5])
    shapes = {name: framework.describe(value).shape for name, value in found["weights"].items()}
    assert shapes == {"0.kernel": (3, 16), "0.bias": (16,), "2.kernel": (16, 2), "2.bias": (2,)}
    assert found["probabilities"].values.shape == (5, 2)


def test_weights_have_the_same_names_in_every_model_of_a_kind(framework):
    piece = framework.piece("keras-applications")
    first, second = (piece.built("MobileNetV2") for _ in range(2))
    assert list(first) == list(second)
    trained = set(piece.trained_names("MobileNetV2"))
    assert {name.split(" ")[1] for name in set(first) - trained} == {"moving_mean", "moving_variance"}


def test_images_are_prepared_as_the_architecture_asks(framework, rng):
    images = rng.uniform(0, 255, size=(1, 3, 4, 4)).astype("float32")
    prepared = framework.to_numpy(framework.piece("keras-applications").prepared("MobileNetV2", images))
    np.testing.assert_allclose(prepared, images / 127.5 - 1, atol=1e-5)


def test_an_architecture_without_a_digest_is_not_ours_to_judge(framework, tmp_path):
    with pytest.raises(NotAdapted, match="keeps no digest of the weights of MobileNetV2"):
        framework.piece("keras-applications").downloaded("MobileNetV2", str(tmp_path), torn=False)


def test_weights_that_cannot_be_reached_are_unavailable(framework, tmp_path, monkeypatch, rng):
    source = sys.modules[keras.applications.MobileNetV2.__module__]
    monkeypatch.setattr(source, "BASE_WEIGHT_PATH", "http://127.0.0.1:9/")
    images = rng.uniform(0, 255, size=(1, 3, 224, 224))
    with pytest.raises(Unavailable, match="the weights of MobileNetV2 cannot be fetched: "):
        framework.piece("keras-applications").recognised("MobileNetV2", images, str(tmp_path))
