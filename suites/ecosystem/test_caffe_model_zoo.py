"""ecosystem.caffe-model-zoo: a pretrained network as it was published, in the framework that it was published for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fwconformance.frameworks._caffemodel import read_blobs, write_blobs, write_shuffled
from fwconformance.frameworks._prototxt import parse, until
from fwconformance.suitekit import PRETRAINED, imported, photographs, published

#: The last layer before the classifier.
FEATURES = "pool"


def prepared(piece):
    """Photographs as the network's documentation prepares them, by the `piece` of a framework."""
    images = photographs(PRETRAINED.side)
    return piece.batch(images, np.array(PRETRAINED.mean, "float32"), 1.0, PRETRAINED.crop, PRETRAINED.crop)


def features_of(definition, folder):
    """Path of the definition up to the features."""
    path = Path(folder, "features.prototxt")
    path.write_text(f"{until(parse(Path(definition).read_text(encoding='utf-8')), FEATURES)}\n", encoding="utf-8")
    return str(path)


def check(case, framework, oracle, definition, weights):
    """What the framework gives for photographs is what OpenCV and the oracle give; returns it."""
    theirs = prepared(oracle.piece("preprocessing"))
    own = framework.piece("caffe-model").forward(definition, weights, prepared(framework.piece("preprocessing")))
    independent, version = imported(definition, weights, theirs)
    case.assert_close(own, independent.reshape(own.shape), what=f"outputs against {version}")
    case.assert_close(own, oracle.piece("caffe-model").forward(definition, weights, theirs), what="outputs")
    return own


@pytest.mark.capability("ecosystem.caffe-model-zoo", "loads")
def test_loads(framework, case):
    """Every blob that the file holds is in the network, value by value."""
    model = published()
    found = framework.piece("caffe-model").blobs(model.definition, model.weights)
    stored = {blob.name: blob.values for blob in read_blobs(model.weights)}
    assert set(found) == set(stored), f"blobs of one side alone: {sorted(set(found) ^ set(stored))[:5]}"
    for name, values in stored.items():
        case.assert_close(found[name], values.reshape(found[name].shape), what=f"blob {name}")
    case.figure("weights loaded", sum(values.size for values in stored.values()), "numbers")


@pytest.mark.capability("ecosystem.caffe-model-zoo", "scores")
def test_scores(framework, oracle, case):
    """Harmless photographs are given scores that say so, and the importers agree on them."""
    model = published()
    scores = check(case, framework, oracle, model.definition, model.weights)
    assert np.all(scores[:, 1] < PRETRAINED.safe), f"harmless photographs score {scores[:, 1]}"
    case.figure("highest score", float(scores[:, 1].max()), "1")


@pytest.mark.capability("ecosystem.caffe-model-zoo", "features")
def test_features(framework, oracle, case):
    """What the classifier sees of each photograph is what the importers have there, and differs between them."""
    model = published()
    features = check(case, framework, oracle, features_of(model.definition, case.tmp_path), model.weights)
    assert np.ptp(features, axis=0).max() > 0.5, "the photographs all look alike to the network"


@pytest.mark.capability("ecosystem.caffe-model-zoo", "shuffled")
def test_shuffled(framework, oracle, case):
    """It is the weights of the file that answer: shuffled ones give something else, in each importer the same."""
    model, shuffled = published(), str(Path(case.tmp_path, "shuffled.caffemodel"))
    moved = write_shuffled(model.weights, shuffled, case.rng)
    assert moved > 1e6, f"only {moved} values were shuffled"
    definition = features_of(model.definition, case.tmp_path)
    other = check(case, framework, oracle, definition, shuffled)
    inputs = prepared(framework.piece("preprocessing"))
    apart = np.abs(other - framework.piece("caffe-model").forward(definition, model.weights, inputs)).mean()
    assert apart > 0.1, f"shuffled weights move the features by {apart} only"


OLDER = """
input: "data"
input_dim: 2 input_dim: 3 input_dim: 9 input_dim: 9
layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 } }
layers { name: "relu" type: RELU bottom: "conv" top: "conv" }
layers { name: "pool" type: POOLING bottom: "conv" top: "pool" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layers { name: "fc" type: INNER_PRODUCT bottom: "pool" top: "fc" inner_product_param { num_output: 5 } }
"""
NEWER = """
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layer { name: "fc" type: "InnerProduct" bottom: "pool" top: "fc" inner_product_param { num_output: 5 } }
"""


@pytest.mark.capability("ecosystem.caffe-model-zoo", "older-format")
def test_older_format(framework, oracle, case):
    """A definition as the zoo's first models have it is read as what it says."""
    rng, folder = case.rng, Path(case.tmp_path)
    shapes = {"conv": [(4, 3, 3, 3), (4,)], "fc": [(5, 36), (5,)]}
    weights = str(folder / "weights.caffemodel")
    write_blobs(weights, {name: [rng.normal(size=shape) for shape in each] for name, each in shapes.items()})
    for name, text in (("older", OLDER), ("newer", NEWER)):
        (folder / f"{name}.prototxt").write_text(text, encoding="utf-8")
    inputs = rng.normal(size=(2, 3, 9, 9)).astype("float32")
    own = framework.piece("caffe-model").forward(str(folder / "older.prototxt"), weights, inputs)
    theirs = oracle.piece("caffe-model").forward(str(folder / "newer.prototxt"), weights, inputs)
    case.assert_close(own, theirs, what="outputs")
