# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "autokeras": AutoKeras searches for Keras' models by its task classes, as its documentation uses them."""

from __future__ import annotations

import contextlib
import importlib
import math
import shutil
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import keras
import numpy as np
from keras import ops

from fwconformance.frameworks._estimators import imported
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import OnHost
from fwconformance.frameworks.keras._backends import Backend

autokeras = imported("autokeras", "autokeras", "autokeras-cpu")
keras_tuner = importlib.import_module("keras_tuner")
pipelines = importlib.import_module("autokeras.pipeline")
data_utils = importlib.import_module("autokeras.utils.data_utils")

#: The task class of each kind of task.
_CLASSES: Mapping[str, str] = {
    "image": "ImageClassifier",
    "text": "TextClassifier",
    "tabular": "StructuredDataClassifier",
    "regression": "StructuredDataRegressor",
    "series": "TimeseriesForecaster",
}
_KIND_OF_BLOCK = "image_block_1/block_type"
#: What an image search chooses among here: AutoKeras' own convolutions, and one of its three networks of Keras
#: Applications, the one that takes the smallest images.
_BLOCKS = ("vanilla", "resnet")


class AutoKeras:
    """The piece."""

    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device

    def search(
        self, task: str, inputs: Any, targets: Any, unseen: Any, *, trials: int, epochs: int, seed: int, folder: str
    ) -> Mapping[str, Any]:
        self._look_up(task)
        with _seeded(seed):
            auto = self._task(task, trials=trials, seed=seed, folder=folder)
            auto.fit(_given(inputs), _given(targets), epochs=epochs, verbose=0)
            predictions = auto.predict(_given(unseen), verbose=0)
        oracle = auto.tuner.oracle
        names = list(oracle.trials)
        model = auto.export_model()
        file = Path(folder) / "model.keras"
        model.save(file)
        shutil.copy(auto.tuner.best_pipeline_path, file.with_suffix(".pipeline"))
        return {
            "trials": [_tried(trial) for trial in oracle.trials.values()],
            "best": OnHost(values=names.index(oracle.get_best_trials(1)[0].trial_id), by="Oracle.get_best_trials"),
            "weights": _weights(model),
            "predictions": OnHost(values=_told(task, predictions), by=f"{type(auto).__name__}.predict"),
            "file": str(file),
        }

    def reloaded(self, task: str, file: str, unseen: Any) -> Mapping[str, Any]:
        model = keras.models.load_model(file, custom_objects=autokeras.CUSTOM_OBJECTS)
        pipeline = pipelines.load_pipeline(str(Path(file).with_suffix(".pipeline")))
        auto = self._task(task, trials=1, seed=1, folder=str(Path(file).parent / "again"))
        given = pipeline.transform_x(auto._adapt(_given(unseen), auto.inputs))  # noqa: SLF001  # as its predict does
        predictions = pipeline.postprocess(model.predict(given, verbose=0))
        return {
            "weights": _weights(model),
            "predictions": OnHost(values=_told(task, predictions), by="keras.Model.predict"),
        }

    def space(self, task: str, inputs: Any, targets: Any, folder: str) -> Sequence[Mapping[str, Any]]:
        self._look_up(task)
        auto = self._task(task, trials=1, seed=1, folder=folder)
        dataset, _ = auto._check_and_adapt(x=_given(inputs), y=_given(targets), validation_data=None)  # noqa: SLF001
        auto._analyze_data(dataset)  # noqa: SLF001  # what its fit does before it searches
        auto._build_hyper_pipeline()  # noqa: SLF001
        auto.tuner.hypermodel.set_fit_args(0, epochs=1)
        return _explored(auto.tuner, dataset)

    def _look_up(self, task: str) -> None:
        if not hasattr(autokeras, _CLASSES[task]):
            label = f"autokeras {autokeras.__version__}, whose tasks are {', '.join(_tasks())},"
            names = (_CLASSES[task], "TimeSeriesForecaster", "TimeseriesInput", "TimeseriesBlock")
            refuse(Lookup(root=autokeras, label=label, names=names))

    def _task(self, task: str, *, trials: int, seed: int, folder: str) -> Any:
        named: dict[str, Any] = {}
        if task == "text":
            # Its own first trial learns at a rate of 2e-5, for which a small search is too short, and its own search
            # moves a few settings at a time from there: at random instead, among networks of a few thousand weights.
            named = {"tuner": "random", "hyperparameters": _small_texts()}
        if task == "image":
            # Its own first trials are networks of hundreds of layers on enlarged images, one with weights that it would
            # download. KerasTuner's way of narrowing the space keeps them small and untrained.
            named = {"tuner": "random", "hyperparameters": _small_applications()}
        return getattr(autokeras, _CLASSES[task])(
            max_trials=trials, objective="val_loss", seed=seed, directory=folder, overwrite=True, **named
        )


def _tasks() -> Sequence[str]:
    return sorted(name for name in vars(autokeras) if name.endswith(("Classifier", "Regressor", "Forecaster")))


def _fast_learners() -> Any:
    """Rates at which a few passes show something."""
    space = keras_tuner.HyperParameters()
    space.Choice("optimizer", ["adam"])
    space.Choice("learning_rate", [1e-2, 1e-3, 1e-4])
    return space


def _small_applications() -> Any:
    space = _fast_learners()
    space.Choice(_KIND_OF_BLOCK, list(_BLOCKS))
    with space.conditional_scope(_KIND_OF_BLOCK, ["resnet"]):
        space.Fixed("image_block_1/res_net_block_1/version", "resnet50")
        space.Fixed("image_block_1/res_net_block_1/pretrained", False)
        space.Fixed("image_block_1/res_net_block_1/imagenet_size", False)
    return space


def _small_texts() -> Any:
    space = _fast_learners()
    space.Choice("text_block_1/embedding_1/embedding_dim", [32, 64])
    for layer in ("0_0", "0_1", "1_0", "1_1"):
        space.Choice(f"text_block_1/conv_block_1/filters_{layer}", [16, 32, 64])
    return space


def _given(value: Any) -> Any:
    """AutoKeras takes arrays, of texts too."""
    return np.asarray(value)


def _tried(trial: Any) -> Mapping[str, Any]:
    settings = {name: _text(value) for name, value in trial.hyperparameters.values.items()}
    return {
        "settings": settings,
        # Where the library does not choose among blocks, its one family has as many layers as it chooses.
        "family": settings.get(_KIND_OF_BLOCK, "dense"),
        "score": OnHost(values=math.inf if trial.score is None else float(trial.score), by="Trial.score"),
    }


def _text(value: Any) -> str:
    """Its own first trials set 0 where the space has 0.0."""
    return f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _told(task: str, predictions: Any) -> Any:
    """Labels come back as texts in one column, real values as a column."""
    flat = np.asarray(predictions).reshape(len(predictions))
    return flat.astype("float64") if task == "regression" else flat.astype("int64")


def _weights(model: Any) -> Mapping[str, Any]:
    found = {f"{number} {each.path}": each.value for number, each in enumerate(model.weights)}
    return {
        name: ops.stop_gradient(ops.copy(value))
        for name, value in found.items()
        if keras.backend.standardize_dtype(value.dtype) == "float32"
    }


def _explored(tuner: Any, dataset: Any) -> Sequence[Mapping[str, Any]]:
    """AutoKeras names a hyperparameter when a network that has it is built: every value of each is built once."""

    def built(name: str = "", value: Any = None) -> Mapping[str, Any]:
        space = keras_tuner.HyperParameters()
        if name:
            space.values[name] = value
        tuner._prepare_model_build(space, x=dataset[0], y=dataset[1])  # noqa: SLF001  # what its search does first
        keras.backend.clear_session()  # or its blocks are numbered on, and have other names
        tuner.hypermodel.build(space)
        return {each.name: each for each in space.space}

    plain = built()
    everywhere = dict(plain)
    where: dict[str, dict[str, list[str]]] = {}
    for name, parameter in plain.items():
        for value in getattr(parameter, "values", None) or [False, True]:
            here = built(name, value)
            everywhere.update(here)
            for other in {*here} - {*plain} | {*plain} - {*here}:
                where.setdefault(other, {}).setdefault(name, [])
            for other, on in where.items():
                if name in on and other in here:
                    on[name].append(_text(value))
    return [
        {
            "name": name,
            "values": [_text(value) for value in getattr(parameter, "values", None) or (False, True)],
            "count": OnHost(
                values=len(getattr(parameter, "values", None) or (False, True)), by="HyperParameter.values"
            ),
            "where": [[other, values] for other, values in sorted(where.get(name, {}).items())],
        }
        for name, parameter in everywhere.items()
    ]


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """AutoKeras draws from NumPy's generator, and Keras seeds its layers from Python's.

    With TensorFlow's operations held to be deterministic Keras does not compile by XLA either, which takes longer than
    a trial here.
    """
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() != "tensorflow":
        yield
        return
    config = importlib.import_module("tensorflow.python.framework.config")
    before = config.is_op_determinism_enabled()
    config.enable_op_determinism()
    try:
        yield
    finally:
        if not before:
            config.disable_op_determinism()


def piece(name: str, backend: Backend, device: str) -> AutoKeras:
    """The piece."""
    return AutoKeras(backend, device)
