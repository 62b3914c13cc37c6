from __future__ import annotations

import importlib
import importlib.util
import os

import numpy as np
import pytest

from fwconformance.frameworks import SGD, Dense, Loss, Network, Training, Unsupported

# Keras reads it once, when it is imported, whichever test does that first: the backend that is here.
if importlib.util.find_spec("keras") and not os.environ.get("KERAS_BACKEND"):
    os.environ["KERAS_BACKEND"] = next(
        (name for name in ("tensorflow", "torch", "jax") if importlib.util.find_spec(name)), "tensorflow"
    )


@pytest.fixture
def rng():
    return np.random.default_rng(20200101)


@pytest.fixture(scope="session")
def one_step():
    """Makes a training of one step of a layer from ones on two rows, fields of which may be replaced.

    Outputs are rows of 1 and 2, so the gradient of their mean square is (x.T @ y) / 2 and (sum of y) / 2.
    """

    def make(**changes):
        given = {
            "network": Network(layers=(Dense(units=2),), input_shape=(2,)),
            "weights": {"0.kernel": np.ones((2, 2)), "0.bias": np.zeros(2)},
            "loss": Loss(kind="mse"),
            "optimizer": SGD(rate=0.5),
            "batches": ((np.array([[1.0, 0.0], [0.0, 2.0]]), np.zeros((2, 2))),),
            **changes,
        }
        return Training(**given)

    return make


@pytest.fixture(scope="session")
def values_at():
    """What lies at each (module, dotted path) now, None where nothing does: a planted fault changes it."""

    def read(places):
        found = []
        for module, path in places:
            value = importlib.import_module(module)
            for name in path.split("."):
                value = getattr(value, name, None)
            found.append(value)
        return found

    return read


@pytest.fixture(scope="session")
def attributes_of():
    """Every attribute that some owners have now, by identity: a planted fault changes one."""

    def read(owners):
        return {(repr(owner), name): id(value) for owner in owners for name, value in list(vars(owner).items())}

    return read


@pytest.fixture(scope="session")
def check_fault():
    """Assert that a sabotage changes what `read()` gives, and that nothing of it is left."""

    def check(sabotage, read):
        before = read()
        with sabotage.apply():
            assert read() != before
        assert read() == before

    return check


@pytest.fixture(scope="session")
def clusters():
    """60 rows of three clusters, and the number of each row's: what a search can learn in a few epochs."""
    draws = np.random.RandomState(2020)
    labels = np.repeat(np.arange(3), 20)
    return (draws.normal(size=(60, 4)) + labels[:, None]).astype("float32"), labels


@pytest.fixture
def refused(tmp_path):
    """Asks a library that searches for a task that it has not; gives its probe. The refusal's words match `words`."""

    def ask(piece, task, words=None):
        with pytest.raises(Unsupported, match=words) as caught:
            piece.space(task, np.zeros((2, 8)), np.zeros(2), str(tmp_path))
        return caught.value.probe

    return ask


@pytest.fixture
def check_search(clusters, tmp_path):
    """Assert that a search of two trials tells both, that the best is that of the lowest score, and that its file
    answers as it did. Gives what was found.
    """

    def check(piece, *, epochs):
        inputs, labels = clusters
        given = {"trials": 2, "epochs": epochs, "seed": 1, "folder": str(tmp_path)}
        found = piece.search("tabular", inputs, labels, inputs[:9], **given)
        assert [sorted(trial) for trial in found["trials"]] == [["family", "score", "settings"]] * 2
        scores = [float(trial["score"].values) for trial in found["trials"]]
        assert int(found["best"].values) == int(np.argmin(scores))
        again = piece.reloaded("tabular", found["file"], inputs[:9])
        assert np.array_equal(again["predictions"].values, found["predictions"].values)
        return found

    return check
