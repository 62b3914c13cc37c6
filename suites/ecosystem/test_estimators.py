"""ecosystem.skorch, ecosystem.scikeras: a framework's networks as scikit-learn's estimators.

What scikit-learn reports is held against what the fitted weights give in the oracle, so nothing rests on the word of
the library that is judged.
"""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Activation, Dense, Network
from fwconformance.suitekit import digits, wine

LIBRARIES = ("skorch", "scikeras")
LEARNT = 0.8


def network(features, classes):
    """What the library's estimators hold."""
    layers = (Dense(units=16), Activation(kind="tanh"), Dense(units=classes), Activation(kind="softmax"))
    return Network(layers=layers, input_shape=(features,))


def flat(images):
    """Digits as rows of 64 pixels."""
    return images.reshape(len(images), 64)


def each(case):
    """One parameter a library, with the mark of its capability."""
    return [pytest.param(name, id=name, marks=pytest.mark.capability(f"ecosystem.{name}", case)) for name in LIBRARIES]


def table():
    """Training inputs and labels, and held-out ones, of three kinds of wine; each column has mean 0, deviation 1."""
    data = wine()
    return data.inputs, data.targets, data.held_out_inputs, data.held_out_targets


def probabilities(oracle, weights, inputs):
    """What `weights` give in the oracle."""
    return oracle.build(network(13, 3), weights).forward(inputs).astype("float32")


def compare(case, found, oracle, weights, inputs, what):
    """The library's probabilities are those of its own weights."""
    case.assert_close(np.asarray(found, "float32"), probabilities(oracle, weights, inputs), what=what)


@pytest.mark.parametrize("library", each("pipeline"))
def test_pipeline(framework, oracle, case, library):
    """Scaled by the pipeline's first step, classified by its second."""
    inputs, labels, unseen, truth = table()
    stretch, shift = np.arange(1, 14, dtype="float32"), np.arange(-6, 7, dtype="float32")
    found = framework.piece(library).pipeline(inputs * stretch + shift, labels, unseen * stretch + shift)
    compare(case, found["probabilities"], oracle, found["weights"], unseen, "probabilities")
    expected = probabilities(oracle, found["weights"], unseen).argmax(axis=1)
    assert np.array_equal(found["labels"], expected), "predicted labels are not those of the highest probability"
    share = float(np.mean(found["labels"] == truth))
    assert share > LEARNT, f"{share:.2f} of the held-out wines are told right"
    case.figure("held-out accuracy", share, "1")


@pytest.mark.parametrize("library", each("grid-search"))
def test_grid_search(framework, oracle, case, library):
    """The learning rate that learns is found, and the classifier fitted again by it.

    Of ten digits: a network that does not learn tells about a tenth of them right, whatever it began with.
    """
    data = digits()
    inputs, labels = flat(data.inputs[:300]), data.targets[:300]
    unseen, truth = flat(data.held_out_inputs[:100]), data.held_out_targets[:100]
    found = framework.piece(library).search(inputs, labels, unseen, [0.0, 0.3])
    scores = found["scores"]
    assert scores[1] > LEARNT, f"the rate that learns scores {scores[1]:.2f}"
    assert scores[0] < LEARNT - 0.2, f"a rate of zero scores {scores[0]:.2f}"
    assert int(found["best"]) == 1, f"scores {scores}, and the best is said to be number {int(found['best'])}"
    expected = oracle.build(network(64, 10), found["weights"]).forward(unseen).astype("float32")
    case.assert_close(np.asarray(found["probabilities"], "float32"), expected, what="probabilities")
    share = float(np.mean(found["probabilities"].argmax(axis=1) == truth))
    assert share > LEARNT, f"fitted again by the best rate, {share:.2f} are told right"


@pytest.mark.parametrize("library", each("cross-validation"))
def test_cross_validation(framework, oracle, case, library):
    """Each fold's score is the accuracy of the network that was fitted for it, on the examples that it has not seen."""
    inputs, labels, _, _ = table()
    folds = framework.piece(library).cross_validation(inputs, labels, 3)
    seen = np.sort(np.concatenate([fold["held_out"] for fold in folds]))
    assert np.array_equal(seen, np.arange(len(inputs))), "not every example was held out once"
    scores = np.array([float(fold["score"]) for fold in folds], "float32")
    expected = [
        np.mean(probabilities(oracle, fold["weights"], inputs[fold["held_out"]]).argmax(1) == labels[fold["held_out"]])
        for fold in folds
    ]
    case.assert_close(scores, np.array(expected, "float32"), what="scores of the folds")
    assert scores.min() > LEARNT, f"folds score {scores}"
    apart = [np.abs(fold["weights"]["0.kernel"] - folds[0]["weights"]["0.kernel"]).max() for fold in folds[1:]]
    assert min(apart) > 0, "two folds share their weights"


@pytest.mark.parametrize("library", each("clone"))
def test_clone(framework, case, library):
    """A clone has the parameters of the first, nothing of what it learnt, and a life of its own."""
    inputs, labels, _, _ = table()
    found = framework.piece(library).cloned(inputs, labels)
    assert not found["differing"], f"parameters that a clone has otherwise: {', '.join(found['differing'])}"
    assert found["error"], "a clone that was never fitted predicts"
    for name, before in found["before"].items():
        case.assert_close(found["after"][name], before, what=f"{name} after the clone was fitted")
    apart = np.abs(found["clone"]["0.kernel"] - found["before"]["0.kernel"]).max()
    assert apart > 0.01, "a clone fitted on other labels has the first one's weights"


@pytest.mark.parametrize("library", each("pickle"))
def test_pickle(framework, oracle, case, library):
    """What pickle gives back has the weights and answers as before."""
    inputs, labels, unseen, _ = table()
    found = framework.piece(library).pickled(inputs, labels, unseen)
    for name, weight in found["weights"].items():
        case.assert_close(found["loaded"][name], weight, what=name)
    compare(case, found["probabilities"], oracle, found["weights"], unseen, "probabilities")


@pytest.mark.parametrize("library", each("calibration"))
def test_calibration(framework, oracle, case, library):
    """Calibrated, a network that learnt noise by heart is less sure of itself, and nearer the truth."""
    inputs, labels, unseen, truth = table()
    noisy, noise = labels.copy(), case.rng.permutation(len(labels))[: len(labels) // 3]
    noisy[noise] = (noisy[noise] + case.rng.integers(1, 3, len(noise))) % 3
    flipped, some = truth.copy(), case.rng.permutation(len(truth))[: len(truth) // 3]
    flipped[some] = (flipped[some] + case.rng.integers(1, 3, len(some))) % 3
    found = framework.piece(library).calibrated(inputs, noisy, unseen, 150)
    compare(case, found["raw"], oracle, found["weights"], unseen, "probabilities")
    # Platt's sigmoid of each class' probability, all brought to a sum of one, averaged over the folds' networks.
    parts = []
    for fold in found["folds"]:
        exponents = fold["slopes"] * probabilities(oracle, fold["weights"], unseen).astype("float64") + fold["offsets"]
        scores = 1 / (1 + np.exp(exponents))
        parts.append(scores / scores.sum(axis=1, keepdims=True))
    expected = np.mean(parts, axis=0)
    case.assert_close(found["calibrated"].astype(expected.dtype), expected, what="calibrated probabilities")
    surprise = {
        name: -np.log(np.maximum(found[name][np.arange(len(flipped)), flipped], 1e-12)).mean()
        for name in ("raw", "calibrated")
    }
    assert surprise["calibrated"] < surprise["raw"], f"log loss {surprise}"
    case.figure("log loss", float(surprise["raw"]), "nat")
    case.figure("log loss calibrated", float(surprise["calibrated"]), "nat")


@pytest.mark.parametrize("library", each("classifier-checks"))
def test_classifier_checks(framework, case, library):
    """All of scikit-learn's own checks of a classifier."""
    check(case, framework.piece(library).checks("classifier"))


@pytest.mark.parametrize("library", each("regressor-checks"))
def test_regressor_checks(framework, case, library):
    """All of scikit-learn's own checks of a regressor."""
    check(case, framework.piece(library).checks("regressor"))


def check(case, found):
    """None failed; the figures say how many did."""
    case.level("hardware")
    tried = {name: said for name, said in found["checks"].items() if not said.startswith("skipped")}
    failed = {name: said for name, said in tried.items() if said}
    case.figure("checks", len(tried), "1")
    case.figure("checks failed", len(failed), "1")
    listed = "; ".join(f"{name}: {said}" for name, said in sorted(failed.items()))
    assert not failed, f"{len(failed)} of {len(tried)} of scikit-learn's checks fail: {listed}"
