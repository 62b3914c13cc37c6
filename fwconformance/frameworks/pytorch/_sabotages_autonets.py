# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in the Auto-PyTorch that was before 0.1, with an AutoNet a task. Imported when a fault is planted."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any, Sequence

import numpy as np

from fwconformance.frameworks._patching import planted
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.pytorch._sabotages_automl import AUTOML_SABOTAGES, forgetful, sabotage


def _shuffled(original: Any) -> Any:
    """Every answer belongs to another question."""

    def fit(self: Any, inputs: Any, targets: Any, **named: Any) -> Any:
        return original(self, inputs, np.random.RandomState(0).permutation(targets), **named)

    return fit


def _oldest(original: Any) -> Any:
    def get_incumbent_trajectory(self: Any, *given: Any, **named: Any) -> Any:
        found = original(self, *given, **named)
        first = min(self.get_all_runs(), key=lambda run: run.time_stamps["started"])
        return {**found, "config_ids": [first.config_id], "budgets": [first.budget], "losses": [first.loss]}

    return get_incumbent_trajectory


def _one_network(original: Any) -> Any:
    def fit(self: Any, *given: Any, **named: Any) -> Any:
        # What narrows the others' hyperparameters would be an error without them.
        whole = importlib.import_module("autoPyTorch").HyperparameterSearchSpaceUpdates([])
        named["hyperparameter_search_space_updates"] = whole
        return original(self, *given, networks=["shapedmlpnet"], **named)

    return fit


def _smaller(original: Any) -> Any:
    def get_hyperparameter_search_space(self: Any, *given: Any, **named: Any) -> Any:
        return original(self, *given, networks=["mlpnet"], **named)

    return get_hyperparameter_search_space


_FIT = ("autoPyTorch.core.api", "AutoNet.fit")
_KEEPS_FIRST = planted("hpbandster.core.result", "Result.get_incumbent_trajectory", _oldest)
_SHUFFLED = planted(*_FIT, _shuffled)
_SMALLER = planted("autoPyTorch.core.api", "AutoNet.get_hyperparameter_search_space", _smaller)
_SAID_SMALLER = "The space that it tells has one of the networks that its search takes."

AUTONETS_SABOTAGES: Sequence[Sabotage] = (
    sabotage("keeps-first-of-rows", "automl.tabular", "search", _KEEPS_FIRST, "Its first network counts as the best."),
    sabotage("targets-shuffled", "automl.regression", "search", _SHUFFLED, "Targets are shuffled first."),
    sabotage(
        "unpickles-zeros",
        "ecosystem.auto-pytorch",
        "export",
        planted("torch", "nn.Module.__setstate__", forgetful),
        "Unpickled parameters are zero.",
    ),
    sabotage(
        "keeps-first-configuration",
        "ecosystem.auto-pytorch-hpo",
        "tabular",
        _KEEPS_FIRST,
        "Its first network counts as the best.",
    ),
    sabotage(
        "one-family",
        "ecosystem.auto-pytorch-nas",
        "tabular",
        planted(*_FIT, _one_network),
        "There is one network to choose.",
    ),
    sabotage("space-of-rows-smaller", "automl.search-space", "tabular", _SMALLER, _SAID_SMALLER),
    sabotage("space-of-reals-smaller", "automl.search-space", "regression", _SMALLER, _SAID_SMALLER),
    sabotage("labels-of-rows-shuffled", "automl.held-out-error", "tabular", _SHUFFLED, "Labels are shuffled first."),
    sabotage("targets-shuffled-again", "automl.held-out-error", "regression", _SHUFFLED, "Targets are shuffled first."),
)


def automl_sabotages() -> Sequence[Sabotage]:
    """Those of the Auto-PyTorch that is here, looked for without importing it; of the later one where there is none."""
    found = importlib.util.find_spec("autoPyTorch")
    places = list(found.submodule_search_locations or []) if found is not None else []
    earlier = any(not (Path(place) / "api").is_dir() for place in places)
    return AUTONETS_SABOTAGES if earlier else AUTOML_SABOTAGES
