# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "auto-pytorch": Auto-PyTorch searches for PyTorch's networks by its tasks, as its documentation uses them."""

from __future__ import annotations

import importlib
import math
import pickle
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

import numpy as np
import torch

from fwconformance.frameworks._estimators import imported
from fwconformance.frameworks._installing import refuse_uninstallable
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import OnHost

refuse_uninstallable("autoPyTorch", f"torch {torch.__version__}")
autopytorch = imported("autoPyTorch", "autoPyTorch", "autopytorch-cpu")

#: The module and task class of each kind of task, and the loss that is searched for.
_CLASSES: Mapping[str, tuple[str, str, str]] = {
    "image": ("image_classification", "ImageClassificationTask", "log_loss"),
    "text": ("text_classification", "TextClassificationTask", "log_loss"),
    "tabular": ("tabular_classification", "TabularClassificationTask", "log_loss"),
    "regression": ("tabular_regression", "TabularRegressionTask", "root_mean_squared_error"),
    "series": ("time_series_forecasting", "TimeSeriesForecastingTask", "mean_MSE_forecasting"),
}
_BACKBONE = "network_backbone:__choice__"
_BACKBONE_OF_SERIES = "network_backbone:flat_encoder:__choice__"
#: Seconds: of a search and of one trial. They end what hangs; the budget is the number of trials.
_WHOLE, _ONE = 3600, 600
#: A range of whole numbers below this many is a choice among them.
_FEW = 10


class AutoPyTorch:
    """The piece."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def search(
        self, task: str, inputs: Any, targets: Any, unseen: Any, *, trials: int, epochs: int, seed: int, folder: str
    ) -> Mapping[str, Any]:
        auto = self._task(task, seed, folder, **_small(task))
        found = self._searched(auto, task, inputs, targets, unseen, trials=trials, epochs=epochs)
        history = auto.run_history
        runs = list(history.data.items())
        tried = [_tried(history.ids_config[key.config_id], value) for key, value in runs]
        file = Path(folder) / "model.pickle"
        numbers = [(value.additional_info or {}).get("num_run") for _, value in runs]
        number = auto.ensemble_.get_selected_model_identifiers()[0][1] if found else None
        if number not in numbers:  # where all are worse than its guesses, it takes those
            nothing = OnHost(values=np.zeros(0), by="BaseTask.search")
            return {"trials": tried, "best": _place(-1), "weights": {}, "predictions": nothing, "file": str(file)}
        (pipeline,) = auto.models_.values()
        ahead = auto.dataset.generate_test_seqs() if task == "series" else None
        file.write_bytes(pickle.dumps((auto.input_validator, pipeline, ahead)))
        return {
            "trials": tried,
            "best": _place(numbers.index(number)),
            "weights": _weights(pipeline),
            "predictions": OnHost(
                values=_told(task, auto.predict(unseen if ahead is None else ahead), unseen), by="BaseTask.predict"
            ),
            "file": str(file),
        }

    def _searched(
        self, auto: Any, task: str, inputs: Any, targets: Any, unseen: Any, *, trials: int, epochs: int
    ) -> bool:
        """Whether the search ended with a model: it takes none that is no better than a guess."""
        try:
            auto.search(
                **_given(task, inputs, targets, unseen),
                optimize_metric=_CLASSES[task][2],
                budget_type="epochs",
                min_budget=epochs,
                max_budget=epochs,
                total_walltime_limit=_WHOLE,
                func_eval_time_limit_secs=_ONE,
                # Networks alone: what scikit-learn and others fit beside them is none of PyTorch's.
                enable_traditional_pipeline=False,
                memory_limit=None,
                smac_scenario_args={"runcount_limit": trials},
                # Its published networks for series, which it would try first, are more than a small search has trials.
                **({"suggested_init_models": []} if task == "series" else {}),
            )
        except ValueError as error:
            if "No valid model found" not in str(error):
                raise
            return False
        return auto.ensemble_ is not None

    def reloaded(self, task: str, file: str, unseen: Any) -> Mapping[str, Any]:
        validator, pipeline, ahead = pickle.loads(Path(file).read_bytes())  # noqa: S301  # of a search of this suite
        if task == "series":
            found = pipeline.predict(ahead)
        else:
            given = validator.feature_validator.transform(unseen)
            found = pipeline.predict(given)
            if task == "tabular":
                found = validator.target_validator.inverse_transform(np.argmax(pipeline.predict_proba(given), axis=1))
        return {
            "weights": _weights(pipeline),
            "predictions": OnHost(values=_told(task, found, unseen), by=f"{type(pipeline).__name__}.predict"),
        }

    def space(self, task: str, inputs: Any, targets: Any, folder: str) -> Sequence[Mapping[str, Any]]:
        auto = self._task(task, 1, folder)
        dataset = auto.get_dataset(**_given(task, inputs, targets, None))
        return described(auto.get_search_space(dataset))

    def _task(self, task: str, seed: int, folder: str, **named: Any) -> Any:
        module, name, _ = _CLASSES[task]
        api = importlib.import_module("autoPyTorch.api")
        try:
            found = importlib.import_module(f"autoPyTorch.api.{module}")
        except ModuleNotFoundError:
            here = sorted(each.stem for each in Path(api.__path__[0]).glob("[a-z]*_*.py") if each.stem != "base_task")
            label = f"autoPyTorch.api of {autopytorch.__version__}, whose tasks are {', '.join(here)},"
            refuse(Lookup(root=api, label=label, names=(module, name)))
        return getattr(found, name)(
            seed=seed,
            n_jobs=1,
            ensemble_size=1,
            temporary_directory=str(Path(folder) / "search"),
            output_directory=str(Path(folder) / "found"),
            delete_tmp_folder_after_terminate=False,
            **named,
        )


def _small(task: str) -> Mapping[str, Any]:
    """Networks that a trial of seconds can train, by Auto-PyTorch's own means of narrowing a search.

    Its whole space has residual networks of fifteen groups with a thousand units, and preparations of columns that take
    longer than a network.
    """
    updates = importlib.import_module("autoPyTorch.utils.hyperparameter_search_space_update")
    narrowed = updates.HyperparameterSearchSpaceUpdates()
    # From Adam's own default on, in the few passes that a trial has.
    narrowed.append("optimizer", "AdamOptimizer:lr", (1e-4, 1e-1), 1e-3, log=True)
    if task == "series":
        narrowed.append("data_loader", "num_batches_per_epoch", (4, 48), 8)
        return {
            "search_space_updates": narrowed,
            "include_components": {
                "network_backbone": ["flat_encoder"],
                "loss": ["RegressionLoss"],
                "optimizer": ["AdamOptimizer"],
                "lr_scheduler": ["NoScheduler"],
                "trainer": ["ForecastingStandardTrainer"],
            },
        }
    for backbone in ("ShapedMLPBackbone", "ShapedResNetBackbone"):
        narrowed.append("network_backbone", f"{backbone}:max_units", (32, 256), 64)
    for backbone in ("MLPBackbone", "ShapedMLPBackbone", "ShapedResNetBackbone"):
        narrowed.append("network_backbone", f"{backbone}:num_groups", (1, 3), 2)
    narrowed.append("network_backbone", "ShapedResNetBackbone:blocks_per_group", (1, 2), 1)
    narrowed.append("data_loader", "batch_size", (16, 64), 32)
    return {
        "search_space_updates": narrowed,
        "include_components": {
            "network_backbone": ["MLPBackbone", "ShapedMLPBackbone", "ShapedResNetBackbone"],
            "feature_preprocessor": ["NoFeaturePreprocessor"],
            "optimizer": ["AdamOptimizer"],
            "lr_scheduler": ["NoScheduler"],
            "network_init": ["XavierInit", "KaimingInit"],
            "scaler": ["StandardScaler", "MinMaxScaler"],
            "trainer": ["StandardTrainer"],
        },
    }


def _given(task: str, inputs: Any, targets: Any, unseen: Any) -> Mapping[str, Any]:
    if task == "series":
        return {
            "X_train": None,
            "y_train": [np.array(each) for each in inputs],
            "n_prediction_steps": unseen.shape[1],
            "freq": "1D",
            "normalize_y": False,
        }
    return {"X_train": np.array(inputs), "y_train": np.array(targets)}


def _place(index: int) -> OnHost:
    return OnHost(values=index, by="BaseTask.ensemble_")


def _tried(configuration: Any, value: Any) -> Mapping[str, Any]:
    settings = {name: str(setting) for name, setting in configuration.get_dictionary().items()}
    failed = "SUCCESS" not in str(value.status)
    return {
        "settings": settings,
        "family": settings.get(_BACKBONE_OF_SERIES) or settings.get(_BACKBONE) or "",
        "score": OnHost(values=math.inf if failed else float(value.cost), by="RunHistory"),
    }


def _told(task: str, predictions: Any, unseen: Any) -> Any:
    if task == "series":
        return np.asarray(predictions, "float64").reshape(unseen.shape)
    return np.asarray(predictions).reshape(len(unseen)).astype("float64" if task == "regression" else "int64")


def _weights(pipeline: Any) -> Mapping[str, Any]:
    network = pipeline.named_steps["network"].network
    return {
        name: weight.detach().clone() for name, weight in network.state_dict().items() if weight.dtype is torch.float32
    }


def described(space: Any) -> Sequence[Mapping[str, Any]]:
    """ConfigSpace's own words for its hyperparameters and conditions."""
    found = []
    for each in space.get_hyperparameters():
        values = _values(each)
        count = len(values) if values else each.get_size() if hasattr(each, "get_size") else math.inf
        where = [pair for one in space.get_parent_conditions_of(each) for pair in _pairs(one)]
        found.append(
            {
                "name": each.name,
                "values": [str(value) for value in values],
                "count": OnHost(values=float(count), by="ConfigurationSpace"),
                "where": [[parent, [str(value) for value in on]] for parent, on in where],
            }
        )
    return found


def _values(hyperparameter: Any) -> Sequence[Any]:
    """Those of a choice, or of a range of a few whole numbers; none of a longer one."""
    kind = type(hyperparameter).__name__
    if kind == "CategoricalHyperparameter":
        return list(hyperparameter.choices)
    if kind == "OrdinalHyperparameter":
        return list(hyperparameter.sequence)
    if kind == "Constant":
        return [hyperparameter.value]
    if kind == "UniformIntegerHyperparameter" and hyperparameter.upper - hyperparameter.lower < _FEW:
        return list(range(hyperparameter.lower, hyperparameter.upper + 1))
    return []


def _pairs(condition: Any) -> Sequence[tuple[str, Sequence[Any]]]:
    """The parents that a condition names, each with the values that it allows."""
    if hasattr(condition, "components"):
        return [pair for each in condition.components for pair in _pairs(each)]
    allowed: Callable[[Any], bool] = {
        "EqualsCondition": lambda value: value == condition.value,
        "NotEqualsCondition": lambda value: value != condition.value,
        "InCondition": lambda value: value in condition.values,
        "GreaterThanCondition": lambda value: value > condition.value,
        "LessThanCondition": lambda value: value < condition.value,
    }[type(condition).__name__]
    return [(condition.parent.name, [value for value in _values(condition.parent) if allowed(value)])]


def piece(name: str, device: Any) -> Any:
    """The piece: before 0.1 Auto-PyTorch had other classes."""
    if hasattr(autopytorch, "AutoNetClassification"):
        return importlib.import_module(f"{__package__}._autopytorch_nets").piece(name, device)
    return AutoPyTorch(device)
