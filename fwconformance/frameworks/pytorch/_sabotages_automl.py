# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in Auto-PyTorch. Imported when a fault is planted."""

from __future__ import annotations

from typing import Any, Callable, Sequence

import numpy as np
import torch

from fwconformance.frameworks._patching import planted
from fwconformance.frameworks._protocol import Sabotage


def _shuffled(original: Any) -> Any:
    """Every answer belongs to another question; of series, every step to another time."""

    def search(self: Any, *given: Any, **named: Any) -> Any:
        draws = np.random.RandomState(0)
        targets = named["y_train"]
        if isinstance(targets, list):
            named["y_train"] = [draws.permutation(each) for each in targets]
        else:
            named["y_train"] = draws.permutation(targets)
        return original(self, *given, **named)

    return search


def _oldest(_: Any) -> Any:
    return lambda self: sorted(self.identifiers_)[:1]


def _one_backbone(original: Any) -> Any:
    def get_available_components(self: Any, *given: Any, **named: Any) -> Any:
        found = original(self, *given, **named)
        return {name: each for name, each in found.items() if name == "ShapedMLPBackbone"}

    return get_available_components


def _smaller(original: Any) -> Any:
    def get_dataset(self: Any, *given: Any, **named: Any) -> Any:
        self.include_components = {"network_backbone": ["MLPBackbone"]}
        return original(self, *given, **named)

    return get_dataset


def _untrained(original: Any) -> Any:
    """The winner's weights are drawn anew before it answers."""

    def predict(self: Any, *given: Any, **named: Any) -> Any:
        for pipeline in self.models_.values():
            for module in pipeline.named_steps["network"].network.modules():
                if hasattr(module, "reset_parameters"):
                    module.reset_parameters()
        return original(self, *given, **named)

    return predict


def forgetful(original: Any) -> Any:
    def __setstate__(self: Any, state: Any) -> None:  # noqa: N807  # its name
        original(self, state)
        with torch.no_grad():
            for parameter in self._parameters.values():
                if parameter is not None:
                    parameter.zero_()

    return __setstate__


def sabotage(name: str, kills: str, case: str, apply: Callable[[], Any], description: str) -> Sabotage:
    return Sabotage(name=f"auto-pytorch-{name}", kills=kills, case=case, apply=apply, description=description)


def _of_targets(module: str, task: str) -> Callable[[], Any]:
    return planted(f"autoPyTorch.api.{module}", f"{task}.search", _shuffled)


_KEEPS_FIRST = planted(
    "autoPyTorch.ensemble.ensemble_selection", "EnsembleSelection.get_selected_model_identifiers", _oldest
)
_SHUFFLED_ROWS = _of_targets("tabular_classification", "TabularClassificationTask")
_SHUFFLED_REALS = _of_targets("tabular_regression", "TabularRegressionTask")
_SMALLER = planted("autoPyTorch.api.base_task", "BaseTask.get_dataset", _smaller)

AUTOML_SABOTAGES: Sequence[Sabotage] = (
    sabotage("keeps-first-of-rows", "automl.tabular", "search", _KEEPS_FIRST, "Its first model counts as the best."),
    sabotage("targets-shuffled", "automl.regression", "search", _SHUFFLED_REALS, "Targets are shuffled first."),
    sabotage(
        "series-shuffled",
        "automl.series",
        "search",
        _of_targets("time_series_forecasting", "TimeSeriesForecastingTask"),
        "The steps of each series are shuffled first.",
    ),
    sabotage(
        "unpickles-zeros",
        "ecosystem.auto-pytorch",
        "export",
        planted("torch", "nn.Module.__setstate__", forgetful),
        "Unpickled parameters are zero.",
    ),
    sabotage(
        "labels-shuffled-of-one",
        "ecosystem.auto-pytorch-beside",
        "smallest-search",
        _SHUFFLED_ROWS,
        "Labels are shuffled first.",
    ),
    sabotage(
        "keeps-first-configuration",
        "ecosystem.auto-pytorch-hpo",
        "tabular",
        _KEEPS_FIRST,
        "Its first model counts as the best.",
    ),
    sabotage(
        "one-family",
        "ecosystem.auto-pytorch-nas",
        "tabular",
        planted(
            "autoPyTorch.pipeline.components.setup.network_backbone",
            "NetworkBackboneChoice.get_available_components",
            _one_backbone,
        ),
        "There is one backbone to choose.",
    ),
    sabotage(
        "winner-untrained",
        "ecosystem.auto-pytorch-nas",
        "tabular",
        planted("autoPyTorch.api.tabular_classification", "TabularClassificationTask.predict", _untrained),
        "The model that is taken has weights that were drawn anew.",
    ),
    sabotage(
        "space-of-rows-smaller",
        "automl.search-space",
        "tabular",
        _SMALLER,
        "The space that it tells has one of the backbones that its search takes.",
    ),
    sabotage(
        "space-of-reals-smaller",
        "automl.search-space",
        "regression",
        _SMALLER,
        "The space that it tells has one of the backbones that its search takes.",
    ),
    sabotage(
        "labels-of-rows-shuffled",
        "automl.held-out-error",
        "tabular",
        _SHUFFLED_ROWS,
        "Labels are shuffled first.",
    ),
    sabotage(
        "targets-shuffled-again",
        "automl.held-out-error",
        "regression",
        _SHUFFLED_REALS,
        "Targets are shuffled first.",
    ),
)
