"""What scikit-learn does with estimators: tried with one of its own, which keeps every rule, and with broken ones."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._estimators import SklearnEstimators, imported
from fwconformance.frameworks._protocol import OnHost

linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is in the environments of libraries")


class Linear(SklearnEstimators):
    rate = "C"

    def classifier(self, passes=30):
        return linear_model.LogisticRegression(max_iter=100 * passes)

    def regressor(self):
        return linear_model.LinearRegression()

    def weights(self, estimator):
        return {"kernel": estimator.coef_.copy()}


class Forgetful(linear_model.LogisticRegression):
    """Its predictions are of labels that it was never given."""

    def predict(self, X):  # noqa: N803  # its name
        return np.full(len(X), -1)


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    inputs = np.concatenate([rng.normal(size=(20, 3)) + 3 * np.eye(3)[label] for label in range(3)])
    return inputs.astype("float32"), np.repeat(np.arange(3), 20)


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_an_estimator_that_keeps_the_rules_passes_every_check(kind):
    checks = Linear().checks(kind)["checks"]
    assert len(checks) > 30
    assert {name: said for name, said in checks.items() if said and not said.startswith("skipped: ")} == {}


def test_a_broken_one_is_told_which_checks_it_fails():
    class Broken(Linear):
        def classifier(self, passes=30):
            return Forgetful()

    failed = {name: said for name, said in Broken().checks("classifier")["checks"].items() if said}
    assert "check_classifiers_train" in failed
    assert failed["check_classifiers_train"].startswith("AssertionError")


def test_a_pipeline_scales_before_it_classifies(data):
    inputs, labels = data
    plain = Linear().pipeline(inputs, labels, inputs)
    stretched = Linear().pipeline(inputs * 100 + 7, labels, inputs * 100 + 7)
    np.testing.assert_allclose(stretched["probabilities"].values, plain["probabilities"].values, atol=1e-3)


def test_a_search_says_which_of_the_values_it_chose(data):
    inputs, labels = data
    found = Linear().search(inputs, labels, inputs, [1e-6, 1.0])
    assert int(found["best"].values) == int(np.argmax(found["scores"].values)) == 1


def test_every_example_is_held_out_in_one_fold(data):
    folds = Linear().cross_validation(*data, 3)
    assert sorted(np.concatenate([fold["held_out"].values for fold in folds])) == list(range(60))


def test_a_clone_refuses_and_learns_anew(data):
    found = Linear().cloned(*data)
    assert found["differing"] == []
    assert found["error"] == "NotFittedError"
    np.testing.assert_array_equal(found["after"]["kernel"], found["before"]["kernel"])
    assert np.any(found["clone"]["kernel"] != found["before"]["kernel"])


def test_pickle_and_calibration_give_what_scikit_learn_gives(data):
    inputs, labels = data
    pickled = Linear().pickled(inputs, labels, inputs)
    np.testing.assert_array_equal(pickled["loaded"]["kernel"], pickled["weights"]["kernel"])
    found = Linear().calibrated(inputs, labels, inputs, 30)
    assert [len(fold["slopes"].values) for fold in found["folds"]] == [3, 3, 3]
    calibrated = found["calibrated"]
    assert isinstance(calibrated, OnHost)
    np.testing.assert_allclose(calibrated.values.sum(axis=1), 1)


def test_a_library_that_is_not_there_is_named_with_what_to_install():
    with pytest.raises(Unavailable, match="no-such is not installed: `pip install no-such`, or tox -e torch-cpu"):
        imported("no_such_library", "no-such", "torch-cpu")


def test_an_error_inside_a_library_is_not_taken_for_its_absence(tmp_path, monkeypatch):
    (tmp_path / "half_a_library.py").write_text("import what_it_needs_and_has_not\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="what_it_needs_and_has_not"):
        imported("half_a_library", "half-a-library", "torch-cpu")
