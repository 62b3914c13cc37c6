# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "auto-pytorch" by the classes that Auto-PyTorch had before 0.1: an AutoNet a task, searched by BOHB."""

from __future__ import annotations

import contextlib
import importlib
import math
import pickle
import random
from importlib import metadata
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import numpy as np
import torch

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import NotAdapted, OnHost
from fwconformance.frameworks.pytorch._autopytorch import autopytorch, described

#: The class of each kind of task that it has.
_CLASSES: Mapping[str, str] = {
    "tabular": "AutoNetClassification",
    "regression": "AutoNetRegression",
    "image": "AutoNetImageClassification",
}
_MISSING: Mapping[str, Sequence[str]] = {
    "text": ("AutoNetTextClassification", "AutoNetText", "AutoNetNLP"),
    "series": ("AutoNetForecasting", "AutoNetTimeSeries", "AutoNetTimeSeriesForecasting"),
}
_NETWORK = "NetworkSelector:network"


class AutoNets:
    """The piece."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def search(
        self, task: str, inputs: Any, targets: Any, unseen: Any, *, trials: int, epochs: int, seed: int, folder: str
    ) -> Mapping[str, Any]:
        auto = self._task(task, **_small())
        with _seeded(seed):
            found = auto.fit(
                np.array(inputs),
                np.array(targets),
                validation_split=0.3,
                budget_type="epochs",
                min_budget=epochs,
                max_budget=epochs,
                num_iterations=trials,
                random_seed=seed,
                cuda=False,
                log_level="error",
                working_dir=folder,
                result_logger_dir=folder,
                # No process of its own for a trial: autograd's threads of an earlier search do not go with a fork.
                use_pynisher=False,
                # Of all ways between two threads of this process.
                network_interface_name="lo",
            )
        file = Path(folder) / "model.pickle"
        file.write_bytes(pickle.dumps(auto))
        runs = _runs(folder)
        taken = [number for number, (settings, _) in enumerate(runs) if settings == _known(found)]
        return {
            "trials": [_tried(settings, loss) for settings, loss in runs],
            "best": OnHost(values=taken[0] if taken else -1, by="AutoNet.fit"),
            "weights": _weights(auto),
            "predictions": OnHost(values=_told(task, auto.predict(unseen)), by=f"{type(auto).__name__}.predict"),
            "file": str(file),
        }

    def reloaded(self, task: str, file: str, unseen: Any) -> Mapping[str, Any]:
        auto = pickle.loads(Path(file).read_bytes())  # noqa: S301  # of a search of this suite
        return {
            "weights": _weights(auto),
            "predictions": OnHost(values=_told(task, auto.predict(unseen)), by=f"{type(auto).__name__}.predict"),
        }

    def space(self, task: str, inputs: Any, targets: Any, folder: str) -> Sequence[Mapping[str, Any]]:
        auto = self._task(task)
        return described(auto.get_hyperparameter_search_space(X_train=np.array(inputs), Y_train=np.array(targets)))

    @staticmethod
    def _task(task: str, **narrowed: Any) -> Any:
        """Its whole space ("full_cs" leaves nothing out), but for what is narrowed."""
        if task in _MISSING:
            here = sorted(name for name in vars(autopytorch) if name.startswith("AutoNet"))
            label = f"autoPyTorch {metadata.version('autoPyTorch')}, which has {', '.join(here)},"
            refuse(Lookup(root=autopytorch, label=label, names=tuple(_MISSING[task])))
        if task == "image":
            raise NotAdapted("our adapter does not do this yet: it gives AutoNetImageClassification no files of images")
        return getattr(autopytorch, _CLASSES[task])(config_preset="full_cs", **narrowed)


def _small() -> Mapping[str, Any]:
    """Networks that a trial of seconds can train, by its own means of narrowing a search."""
    narrowed = autopytorch.HyperparameterSearchSpaceUpdates([])
    for network, depth, width in (
        ("mlpnet", "num_layers", "num_units"),
        ("shapedmlpnet", "num_layers", "max_units"),
        ("shapedresnet", "num_groups", "max_units"),
    ):
        narrowed.append("NetworkSelector", f"{network}:{depth}", (1, 3))
        narrowed.append("NetworkSelector", f"{network}:{width}", (32, 256), log=True)
    narrowed.append("NetworkSelector", "shapedresnet:blocks_per_group", (1, 2))
    narrowed.append("CreateDataLoader", "batch_size", (16, 64), log=True)
    return {
        "hyperparameter_search_space_updates": narrowed,
        "networks": ["mlpnet", "shapedmlpnet", "shapedresnet"],
        "preprocessors": ["none"],
        "embeddings": ["none"],
        "optimizer": ["adam"],
        "lr_scheduler": ["none"],
        "initialization_methods": ["default"],
        "normalization_strategies": ["standardize", "minmax"],
        "batch_loss_computation_techniques": ["standard"],
    }


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """It seeds its networks alone. What BOHB draws comes from NumPy's generator and from one in the space itself, whose
    choices are sets of names: in another order in every process.
    """
    spaces = importlib.import_module("ConfigSpace"), importlib.import_module("ConfigSpace.hyperparameters")
    node = importlib.import_module("autoPyTorch.pipeline.nodes.optimization_algorithm").OptimizationAlgorithm

    class CategoricalHyperparameter(spaces[1].CategoricalHyperparameter):
        def __init__(self, name: str, choices: Any, **named: Any) -> None:
            super().__init__(name, sorted(choices) if isinstance(choices, (set, frozenset)) else choices, **named)

    def seeding(original: Any) -> Any:
        def get_optimization_algorithm_instance(self: Any, config_space: Any, **named: Any) -> Any:
            # Another than NumPy's, or both would draw the same numbers.
            config_space.seed(seed + 1)
            return original(self, config_space=config_space, **named)

        return get_optimization_algorithm_instance

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  # the one that it draws from
    torch.manual_seed(seed)
    with contextlib.ExitStack() as stack:
        for owner in spaces:
            stack.enter_context(replaced(owner, "CategoricalHyperparameter", lambda _: CategoricalHyperparameter))
        stack.enter_context(replaced(node, "get_optimization_algorithm_instance", seeding))
        yield


def _runs(folder: str) -> Sequence[tuple[Mapping[str, Any], float]]:
    """(configuration, loss) of every trial, in their order, as its library of BOHB reads what it wrote."""
    result = importlib.import_module("hpbandster.core.result").logged_results_to_HBS_result(folder)
    settings = result.get_id2config_mapping()
    return [
        (settings[run.config_id]["config"], math.inf if run.loss is None else float(run.loss))
        for run in sorted(result.get_all_runs(), key=lambda run: run.time_stamps["started"])
    ]


def _known(found: Mapping[str, Any]) -> Mapping[str, Any]:
    return found["optimized_hyperparameter_config"]


def _tried(settings: Mapping[str, Any], loss: float) -> Mapping[str, Any]:
    return {
        "settings": {name: str(value) for name, value in settings.items()},
        "family": str(settings.get(_NETWORK, "")),
        "score": OnHost(values=loss, by="hpbandster.Run.loss"),
    }


def _told(task: str, predictions: Any) -> Any:
    flat = np.asarray(predictions).reshape(len(predictions))
    return flat.astype("float64" if task == "regression" else "int64")


def _weights(auto: Any) -> Mapping[str, Any]:
    return {
        name: weight.detach().clone()
        for name, weight in auto.get_pytorch_model().state_dict().items()
        if weight.dtype is torch.float32
    }


def piece(name: str, device: Any) -> AutoNets:
    """The piece."""
    return AutoNets(device)
