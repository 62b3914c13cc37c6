"""ecosystem.caffe-conversion: networks that were published for Caffe, converted for its successor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fwconformance.frameworks._caffemodel import write_blobs
from fwconformance.frameworks._prototxt import layers, parse, until
from fwconformance.suitekit import PRETRAINED, imported, photographs, published


def prepared(oracle):
    mean, crop = np.array(PRETRAINED.mean, "float32"), PRETRAINED.crop
    return oracle.piece("preprocessing").batch(photographs(PRETRAINED.side), mean, 1.0, crop, crop)


def check(case, framework, oracle, definition, weights):
    inputs = prepared(oracle)
    own = framework.piece("caffe-conversion").forward(definition, weights, inputs)
    independent, version = imported(definition, weights, inputs)
    case.assert_close(own, independent.reshape(own.shape), what=f"outputs against {version}")
    theirs = oracle.piece("caffe-model").forward(definition, weights, inputs)
    case.assert_close(own, theirs.reshape(own.shape), what="outputs")
    return own


@pytest.mark.capability("ecosystem.caffe-conversion", "scores")
def test_scores(framework, oracle, case):
    """The converted network's scores for photographs."""
    model = published()
    scores = check(case, framework, oracle, model.definition, model.weights)
    assert np.all(scores[:, 1] < PRETRAINED.safe), f"harmless photographs score {scores[:, 1]}"


@pytest.mark.capability("ecosystem.caffe-conversion", "features")
def test_features(framework, oracle, case):
    """What its classifier sees of them."""
    model, path = published(), Path(case.tmp_path, "features.prototxt")
    network = until(parse(Path(model.definition).read_text(encoding="utf-8")), "pool")
    path.write_text(f"{network}\n", encoding="utf-8")
    features = check(case, framework, oracle, str(path), model.weights)
    assert np.ptp(features, axis=0).max() > 0.5, "the photographs all look alike to the network"


INPUT = """layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 10 dim: 10 dim: 10 } } }
"""
CAFFENET = (
    INPUT
    + """
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 6 kernel_size: 3 pad: 1 group: 2 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }
layer { name: "norm" type: "LRN" bottom: "pool" top: "norm" lrn_param { local_size: 5 alpha: 0.5 beta: 0.75 } }
layer { name: "fc" type: "InnerProduct" bottom: "norm" top: "fc" inner_product_param { num_output: 5 } }
layer { name: "drop" type: "Dropout" bottom: "fc" top: "fc" dropout_param { dropout_ratio: 0.5 } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }
"""
)
GOOGLENET = (
    INPUT
    + """
layer { name: "one" type: "Convolution" bottom: "data" top: "one" convolution_param { num_output: 3 kernel_size: 1 } }
layer { name: "three" type: "Convolution" bottom: "data" top: "three"
  convolution_param { num_output: 5 kernel_size: 3 pad: 1 } }
layer { name: "near" type: "Pooling" bottom: "data" top: "near"
  pooling_param { pool: MAX kernel_size: 3 stride: 1 pad: 1 } }
layer { name: "both" type: "Concat" bottom: "one" bottom: "three" bottom: "near" top: "both" }
layer { name: "mean" type: "Pooling" bottom: "both" top: "mean" pooling_param { pool: AVE kernel_size: 10 stride: 1 } }
layer { name: "fc" type: "InnerProduct" bottom: "mean" top: "fc" inner_product_param { num_output: 5 } }
"""
)
PRELU = (
    INPUT
    + """
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 6 kernel_size: 3 } }
layer { name: "bent" type: "PReLU" bottom: "conv" top: "bent" }
layer { name: "fc" type: "InnerProduct" bottom: "bent" top: "fc" inner_product_param { num_output: 5 } }
"""
)
OLDER = """
input: "data"
input_dim: 2 input_dim: 10 input_dim: 10 input_dim: 10
layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" convolution_param { num_output: 6 kernel_size: 3 } }
layers { name: "relu" type: RELU bottom: "conv" top: "conv" }
layers { name: "fc" type: INNER_PRODUCT bottom: "conv" top: "fc" inner_product_param { num_output: 5 } }
"""
NEWER = (
    INPUT
    + """
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 6 kernel_size: 3 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc" inner_product_param { num_output: 5 } }
"""
)


def small(case, framework, oracle, text, shapes, same=""):
    """A small network of drawn weights, converted, against the oracle on what `text` (or the `same` network) says."""
    folder, rng = Path(case.tmp_path), case.rng
    for name, written in (("definition", text), ("oracle", same or text)):
        (folder / f"{name}.prototxt").write_text(written, encoding="utf-8")
    weights = str(folder / "weights.caffemodel")
    blobs = {name: [rng.normal(size=shape) * 0.3 for shape in each] for name, each in shapes.items()}
    write_blobs(weights, blobs, {layer.get("name"): layer.get("type") for layer in layers(parse(text))})
    inputs = rng.normal(size=(2, 10, 10, 10)).astype("float32")
    own = framework.piece("caffe-conversion").forward(str(folder / "definition.prototxt"), weights, inputs)
    theirs = oracle.piece("caffe-model").forward(str(folder / "oracle.prototxt"), weights, inputs)
    case.assert_close(own, theirs.reshape(own.shape), what="outputs")


@pytest.mark.capability("ecosystem.caffe-conversion", "caffenet-layers")
def test_caffenet_layers(framework, oracle, case):
    """Convolution in groups, pooling that hangs over the edge, normalisation across channels, dropout."""
    shapes = {"conv": [(6, 5, 3, 3), (6,)], "fc": [(5, 150), (5,)]}
    small(case, framework, oracle, CAFFENET, shapes)


@pytest.mark.capability("ecosystem.caffe-conversion", "googlenet-layers")
def test_googlenet_layers(framework, oracle, case):
    """Branches side by side, joined by their channels."""
    shapes = {"one": [(3, 10, 1, 1), (3,)], "three": [(5, 10, 3, 3), (5,)], "fc": [(5, 18), (5,)]}
    small(case, framework, oracle, GOOGLENET, shapes)


@pytest.mark.capability("ecosystem.caffe-conversion", "prelu")
def test_prelu(framework, oracle, case):
    """A slope of its own for each channel."""
    shapes = {"conv": [(6, 10, 3, 3), (6,)], "bent": [(6,)], "fc": [(5, 384), (5,)]}
    small(case, framework, oracle, PRELU, shapes)


@pytest.mark.capability("ecosystem.caffe-conversion", "older-format")
def test_older_format(framework, oracle, case):
    """A definition as the zoo's first models have it."""
    shapes = {"conv": [(6, 10, 3, 3), (6,)], "fc": [(5, 384), (5,)]}
    small(case, framework, oracle, OLDER, shapes, same=NEWER)
