"""backend.*: which framework a front end computes on. Here alone suites look at native types and modules."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from fwconformance.frameworks import SGD, Activation, Dense, Loss, Network, Seen, Unavailable, refuse
from fwconformance.suitekit import compare_weights, ids, scalar, spread, weights_for

NETWORK = Network(layers=(Dense(units=5), Activation(kind="tanh"), Dense(units=3)), input_shape=(4,))


def check_training(framework, oracle, case):
    """Assert that three steps of SGD, and the outputs afterwards, are the oracle's."""
    weights, inputs = weights_for(NETWORK, case.rng), spread(case.rng, 8, 4)
    steps = [(spread(case.rng, 8, 4), ids(case.rng, 3, 8)) for _ in range(3)]
    trainers = [
        seam.trainer(seam.build(NETWORK, weights), Loss(kind="cross-entropy"), SGD(rate=0.1))
        for seam in (framework, oracle)
    ]
    for number, (batch, targets) in enumerate(steps, start=1):
        loss, expected = (trainer.step(batch, targets) for trainer in trainers)
        case.assert_close(scalar(loss), expected, what=f"loss before step {number}")
    model, expected = (trainer.model for trainer in trainers)
    compare_weights(case, model.weights(), expected.weights(), what="weights after three steps")
    case.assert_close(model.forward(inputs), expected.forward(inputs), what="outputs after training")


@pytest.mark.capability("backend.is-tensorflow", "tensors")
def test_tensors(framework, oracle, case):
    """Every tensor that training and a forward pass hand out is TensorFlow's own."""
    check_training(framework, oracle, case)
    seen = sorted(framework.native_types)
    assert seen, "no native tensor was seen"
    foreign = [name for name in seen if name.split(".")[0] != "tensorflow"]
    if len(foreign) == len(seen):
        refuse(Seen(absent=True, evidence=f"tensors here are {', '.join(seen)}: none of them is TensorFlow's"))
    assert not foreign, f"tensors of TensorFlow and others are mixed: {', '.join(seen)}"
    assert "tensorflow" in sys.modules, f"tensors say that they are {', '.join(seen)}, and TensorFlow is not imported"


def tensorflow_is_installed():
    """Whether `import tensorflow` would find something; a namespace left behind by another package does not count."""
    try:
        found = importlib.util.find_spec("tensorflow")
    except (ImportError, ValueError):
        return "tensorflow" in sys.modules
    return found is not None and found.origin is not None


@pytest.mark.capability("backend.without-tensorflow", "trains")
def test_trains_without_tensorflow(framework, oracle, case):
    """Where no TensorFlow can be imported, training works all the same."""
    check_training(framework, oracle, case)
    types = ", ".join(sorted(framework.native_types))
    if any(name.split(".")[0] == "tensorflow" for name in framework.native_types):
        refuse(Seen(absent=True, evidence=f"tensors here are {types}: this backend is TensorFlow"))
    if "tensorflow" in sys.modules:
        refuse(Seen(absent=True, evidence=f"tensors are {types}, but training imported TensorFlow all the same"))
    if tensorflow_is_installed():
        raise Unavailable(
            "TensorFlow is installed here, so working without it is not shown: use an environment without it"
        )
