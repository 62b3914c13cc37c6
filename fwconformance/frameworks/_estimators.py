# mypy: disable-error-code="import-not-found, import-untyped, unused-ignore"
"""What scikit-learn does with estimators, whichever library made them of networks."""

from __future__ import annotations

import contextlib
import importlib
import pickle
from typing import Any, Callable, ContextManager, Mapping, Sequence

from fwconformance.frameworks._protocol import OnHost, Unavailable


def imported(module: str, distribution: str, tox: str) -> Any:
    """`module`. Raises Unavailable where its `distribution` is not installed, naming the `tox` environment with it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != module.partition(".")[0]:
            raise
        raise Unavailable(f"{distribution} is not installed: `pip install {distribution}`, or tox -e {tox}") from None


class SklearnEstimators:
    """A piece as `Estimators` has it. A subclass says how an estimator is made and where its weights are.

    Attributes:
        rate: the estimator's parameter that is the learning rate.
        missing: kinds of errors that an estimator may raise which was not fitted.
    """

    rate: str

    def classifier(self, passes: int = 30) -> Any:
        """An estimator as `Estimators` describes it."""
        raise NotImplementedError

    def regressor(self) -> Any:
        """The same with one real output and squared error."""
        raise NotImplementedError

    def weights(self, estimator: Any) -> Mapping[str, Any]:
        """Of a fitted estimator, native tensors."""
        raise NotImplementedError

    def seeded(self) -> ContextManager[None]:
        """Inside, the framework's generators draw from a fixed seed; outside, they go on where they were."""
        return contextlib.nullcontext()

    def checks(self, kind: str) -> Mapping[str, Any]:
        import numpy as np
        from sklearn.utils.estimator_checks import check_estimator

        make: Callable[[], Any] = self.classifier if kind == "classifier" else self.regressor
        inputs = np.linspace(-1, 1, 40, dtype="float32").reshape(20, 2)
        targets = (inputs[:, 0] > 0).astype("int64") if kind == "classifier" else inputs[:, 0]
        with self.seeded():
            results = check_estimator(make(), on_skip=None, on_fail=None)
            fitted = make().fit(inputs, targets)
        return {
            "checks": {each["check_name"]: _outcome(each) for each in results},
            "weights": self.weights(fitted),
        }

    def pipeline(self, inputs: Any, labels: Any, unseen: Any) -> Mapping[str, Any]:
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        whole = make_pipeline(StandardScaler(), self.classifier())
        with self.seeded():
            whole.fit(inputs, labels)
            chances, told = whole.predict_proba(unseen), whole.predict(unseen)
        return {
            "weights": self.weights(whole[-1]),
            "probabilities": OnHost(values=chances, by="Pipeline.predict_proba"),
            "labels": OnHost(values=told, by="Pipeline.predict"),
        }

    def search(self, inputs: Any, labels: Any, unseen: Any, rates: Sequence[float]) -> Mapping[str, Any]:
        from sklearn.model_selection import GridSearchCV

        found = GridSearchCV(self.classifier(), {self.rate: list(rates)}, cv=3, scoring="accuracy")
        with self.seeded():
            found.fit(inputs, labels)
            chances = found.predict_proba(unseen)
        return {
            "scores": OnHost(values=found.cv_results_["mean_test_score"], by="GridSearchCV.cv_results_"),
            "best": OnHost(values=found.best_index_, by="GridSearchCV.best_index_"),
            "weights": self.weights(found.best_estimator_),
            "probabilities": OnHost(values=chances, by="GridSearchCV.predict_proba"),
        }

    def cross_validation(self, inputs: Any, labels: Any, folds: int) -> Sequence[Mapping[str, Any]]:
        from sklearn.model_selection import cross_validate

        with self.seeded():
            found = cross_validate(
                self.classifier(),
                inputs,
                labels,
                cv=folds,
                scoring="accuracy",
                return_estimator=True,
                return_indices=True,
            )
        return [
            {
                "weights": self.weights(estimator),
                "held_out": OnHost(values=held_out, by="cross_validate"),
                "score": OnHost(values=score, by="cross_validate"),
            }
            for estimator, held_out, score in zip(found["estimator"], found["indices"]["test"], found["test_score"])
        ]

    def cloned(self, inputs: Any, labels: Any) -> Mapping[str, Any]:
        from sklearn.base import clone

        with self.seeded():
            first = self.classifier().fit(inputs, labels)
            before, second = self.weights(first), clone(first)
            own, copied = (_plain(each.get_params(deep=False)) for each in (first, second))
            error = ""
            try:
                second.predict(inputs)
            except Exception as refusal:
                error = type(refusal).__name__
            second.fit(inputs, labels[::-1].copy())
        return {
            "differing": sorted(name for name in {*own, *copied} if own.get(name) != copied.get(name)),
            "error": error,
            "before": before,
            "after": self.weights(first),
            "clone": self.weights(second),
        }

    def pickled(self, inputs: Any, labels: Any, unseen: Any) -> Mapping[str, Any]:
        with self.seeded():
            first = self.classifier().fit(inputs, labels)
            second = pickle.loads(pickle.dumps(first))  # noqa: S301  # just written by this process
            chances = second.predict_proba(unseen)
        return {
            "weights": self.weights(first),
            "loaded": self.weights(second),
            "probabilities": OnHost(values=chances, by="predict_proba"),
        }

    def calibrated(self, inputs: Any, labels: Any, unseen: Any, passes: int) -> Mapping[str, Any]:
        from sklearn.calibration import CalibratedClassifierCV

        with self.seeded():
            raw = self.classifier(passes).fit(inputs, labels)
            around = CalibratedClassifierCV(self.classifier(passes), cv=3).fit(inputs, labels)
            chances = [each.predict_proba(unseen) for each in (raw, around)]
        return {
            "raw": OnHost(values=chances[0], by="predict_proba"),
            "calibrated": OnHost(values=chances[1], by="CalibratedClassifierCV.predict_proba"),
            "weights": self.weights(raw),
            "folds": [self._fold(each) for each in around.calibrated_classifiers_],
        }

    def _fold(self, calibrated: Any) -> Mapping[str, Any]:
        """A network of `CalibratedClassifierCV`, and Platt's two numbers for each class."""
        return {
            "weights": self.weights(calibrated.estimator),
            "slopes": OnHost(values=[float(each.a_) for each in calibrated.calibrators], by="CalibratedClassifierCV"),
            "offsets": OnHost(values=[float(each.b_) for each in calibrated.calibrators], by="CalibratedClassifierCV"),
        }


def _outcome(result: Mapping[str, Any]) -> str:
    """As `Estimators.checks` has it: one line."""
    if result["status"] == "passed":
        return ""
    error = result["exception"]
    first = next(iter(str(error).strip().splitlines()), "")
    if result["status"] == "skipped":
        return f"skipped: {first}"
    return f"{type(error).__name__}: {first[:160]}"


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Those whose equality means something: numbers, texts, nothing, and classes."""
    return {
        name: value
        for name, value in parameters.items()
        if value is None or isinstance(value, (bool, int, float, str, type))
    }
