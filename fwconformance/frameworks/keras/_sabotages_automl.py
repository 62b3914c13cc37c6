# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in AutoKeras, and in KerasTuner, which holds its trials. Imported when a fault is planted."""

from __future__ import annotations

import importlib.util
from typing import Any, Callable, Sequence

import numpy as np

from fwconformance.frameworks._patching import planted
from fwconformance.frameworks._protocol import Sabotage


def _oldest(original: Any) -> Any:
    def get_best_trials(self: Any, num_trials: int = 1) -> Any:
        return sorted(original(self, len(self.trials)), key=lambda trial: trial.trial_id)[:num_trials]

    return get_best_trials


def _wrong_targets(original: Any) -> Any:
    """Every answer belongs to another question."""

    def fit(self: Any, x: Any = None, y: Any = None, **named: Any) -> Any:
        return original(self, x, np.random.RandomState(0).permutation(y), **named)

    return fit


def _same_again(original: Any) -> Any:
    """A search that tries its first configuration again and again."""

    def populate_space(self: Any, trial_id: str) -> Any:
        found = original(self, trial_id)
        if self.trials:
            first = self.trials[min(self.trials)]
            return {**found, "values": dict(first.hyperparameters.values)}
        return found

    return populate_space


def _one_family(original: Any) -> Any:
    def populate_space(self: Any, trial_id: str) -> Any:
        found = original(self, trial_id)
        return {**found, "values": {**(found["values"] or {}), "image_block_1/block_type": "vanilla"}}

    return populate_space


def _emptied(original: Any) -> Any:
    def export_model(self: Any) -> Any:
        found = original(self)
        for weight in found.trainable_weights:
            weight.assign(weight * 0)
        return found

    return export_model


def _untrained(original: Any) -> Any:
    """The winner comes with weights that were drawn anew."""

    def get_best_model(self: Any) -> Any:
        model = original(self)
        draws = np.random.RandomState(0)
        for weight in model.trainable_weights:
            weight.assign(draws.normal(0, 0.05, size=weight.shape))
        return model

    return get_best_model


def _outside(original: Any) -> Any:
    """A rate of its own that the space has not."""

    def populate_space(self: Any, trial_id: str) -> Any:
        found = original(self, trial_id)
        return {**found, "values": {**(found["values"] or {}), "learning_rate": 0.05}}

    return populate_space


def _sabotage(name: str, kills: str, case: str, apply: Callable[[], Any], description: str) -> Sabotage:
    return Sabotage(name=f"autokeras-{name}", kills=kills, case=case, apply=apply, description=description)


#: The tuner's name, and those of the methods that fill a trial's space, are others in 2020.
_EARLIER = importlib.util.find_spec("keras_tuner") is None
_TUNER = "kerastuner" if _EARLIER else "keras_tuner"
_POPULATE = "_populate_space" if _EARLIER else "populate_space"
_GREEDY = f"GreedyOracle.{_POPULATE}"
_KEEPS_FIRST = planted(_TUNER, "Oracle.get_best_trials", _oldest)

_SHUFFLED_ROWS = planted("autokeras", "StructuredDataClassifier.fit", _wrong_targets)
_SHUFFLED_REALS = planted("autokeras", "StructuredDataRegressor.fit", _wrong_targets)
_GREEDY_AT = "autokeras.tuners.greedy"

AUTOML_SABOTAGES: Sequence[Sabotage] = (
    _sabotage("keeps-first-of-images", "automl.image", "search", _KEEPS_FIRST, "The first trial counts as the best."),
    _sabotage(
        "labels-of-texts-shuffled",
        "automl.text",
        "search",
        planted("autokeras", "TextClassifier.fit", _wrong_targets),
        "Labels are shuffled before the search.",
    ),
    _sabotage("keeps-first-of-rows", "automl.tabular", "search", _KEEPS_FIRST, "The first trial counts as the best."),
    _sabotage(
        "targets-shuffled", "automl.regression", "search", _SHUFFLED_REALS, "Targets are shuffled before the search."
    ),
    _sabotage(
        "exports-zeros",
        "ecosystem.autokeras",
        "export",
        planted("autokeras", "AutoModel.export_model", _emptied),
        "export_model gives the model with weights of zero.",
    ),
    _sabotage(
        "labels-shuffled-of-one",
        "ecosystem.autokeras-beside",
        "smallest-search",
        _SHUFFLED_ROWS,
        "Labels are shuffled before the search.",
    ),
    _sabotage(
        "same-again",
        "ecosystem.autokeras-hpo",
        "tabular",
        planted(_GREEDY_AT, _GREEDY, _same_again),
        "Every trial has the configuration of the first.",
    ),
    _sabotage(
        "one-family",
        "ecosystem.autokeras-nas",
        "image",
        planted(
            f"{_TUNER}.tuners.randomsearch" if _EARLIER else f"{_TUNER}.src.tuners.randomsearch",
            f"RandomSearchOracle.{_POPULATE}",
            _one_family,
        ),
        "Every trial is of convolutions of its own.",
    ),
    _sabotage(
        "winner-untrained",
        "ecosystem.autokeras-nas",
        "image",
        planted("autokeras.engine.tuner", "AutoTuner.get_best_model", _untrained),
        "The model that is taken has weights that were drawn anew.",
    ),
    _sabotage(
        "outside-of-rows",
        "automl.search-space",
        "tabular",
        planted(_GREEDY_AT, _GREEDY, _outside),
        "Trials have a learning rate that the space has not.",
    ),
    _sabotage(
        "outside-of-reals",
        "automl.search-space",
        "regression",
        planted(_GREEDY_AT, _GREEDY, _outside),
        "Trials have a learning rate that the space has not.",
    ),
    _sabotage(
        "labels-of-rows-shuffled",
        "automl.held-out-error",
        "tabular",
        _SHUFFLED_ROWS,
        "Labels are shuffled before the search.",
    ),
    _sabotage(
        "targets-shuffled-again",
        "automl.held-out-error",
        "regression",
        _SHUFFLED_REALS,
        "Targets are shuffled before the search.",
    ),
)
