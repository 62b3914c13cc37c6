# mypy: disable-error-code="import-not-found, import-untyped, unused-ignore"
# ruff: noqa: ARG005  # a fault takes what the real function takes, and uses none of it
"""Faults planted in what makes scikit-learn's estimators of networks, the same for every library of that kind."""

from __future__ import annotations

import contextlib
import copy
import importlib
from typing import Any, Callable, ContextManager, Iterator, Sequence

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage

#: Makes the library's classifier class, and its base class; called when a fault is planted, since both import much.
Classes = Callable[[], "tuple[type, type]"]


def estimator_sabotages(library: str, classes: Classes, forget: Callable[[Any], None], rate: str) -> Sequence[Sabotage]:
    """One fault for each case of ``ecosystem.<library>`` that passes.

    Args:
        library: the piece.
        classes: see `Classes`.
        forget: sets the weights of a fitted estimator to zero.
        rate: the estimator's parameter that is the learning rate.
    """

    def of_classifier(name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
        return lambda: replaced(classes()[0], name, make)

    def of_base(name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
        return lambda: replaced(classes()[1], name, make)

    def fixed_rate(original: Any) -> Any:
        def set_params(self: Any, **given: Any) -> Any:
            given.pop(rate, None)
            return original(self, **given)

        return set_params

    def forgetful(original: Any) -> Any:
        def __setstate__(self: Any, state: Any) -> None:  # noqa: N807  # its name
            original(self, state)
            forget(self)

        return __setstate__

    def sabotage(name: str, case: str, apply: Callable[[], ContextManager[None]], description: str) -> Sabotage:
        return Sabotage(
            name=f"{library}-{name}",
            kills=f"ecosystem.{library}",
            case=case,
            apply=apply,
            description=description,
        )

    return (
        sabotage(
            "probabilities-reversed",
            "pipeline",
            of_classifier("predict_proba", lambda original: lambda self, x: original(self, x)[:, ::-1]),
            "predict_proba gives the columns of the classes in reverse.",
        ),
        sabotage("rate-ignored", "grid-search", of_base("set_params", fixed_rate), "set_params ignores the rate."),
        sabotage(
            "second-best",
            "cross-validation",
            of_classifier("predict", lambda _: lambda self, x: self.predict_proba(x).argsort(axis=1)[:, -2]),
            "predict gives the second most probable class.",
        ),
        sabotage("clone-keeps-weights", "clone", _copying_clone, "sklearn.base.clone copies what was learnt."),
        sabotage("unpickled-forgets", "pickle", of_base("__setstate__", forgetful), "Unpickled, weights are zero."),
        sabotage(
            "not-calibrated",
            "calibration",
            _uncalibrated,
            "CalibratedClassifierCV gives the probabilities of its first network as they are.",
        ),
    )


@contextlib.contextmanager
def _copying_clone() -> Iterator[None]:
    base = importlib.import_module("sklearn.base")
    with replaced(base, "clone", lambda _: lambda estimator, **named: copy.deepcopy(estimator)):
        yield


@contextlib.contextmanager
def _uncalibrated() -> Iterator[None]:
    calibration = importlib.import_module("sklearn.calibration")

    def raw(self: Any, X: Any) -> Any:  # noqa: N803  # its name
        return self.calibrated_classifiers_[0].estimator.predict_proba(X)

    with replaced(calibration.CalibratedClassifierCV, "predict_proba", lambda _: raw):
        yield
