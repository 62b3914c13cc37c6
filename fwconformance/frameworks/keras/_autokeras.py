# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "autokeras": AutoKeras searches for Keras' models by its task classes, as its documentation uses them."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import math
import shutil
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import numpy as np

from fwconformance.frameworks._estimators import imported
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import NotAdapted, OnHost
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._native import HAS_OPS, held, keras, ops, seed_all

autokeras = imported("autokeras", "autokeras", "autokeras-cpu")
#: Another name until 2021.
TUNER = "keras_tuner" if importlib.util.find_spec("keras_tuner") else "kerastuner"
keras_tuner = importlib.import_module(TUNER)
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
#: AutoKeras of 2020 holds one data set of inputs and targets, in batches of this size by default, and tries kinds of
#: blocks for texts too.
_EARLIER = hasattr(autokeras.AutoModel, "_convert_to_dataset")
_BATCH = (32,) if _EARLIER else ()
_KIND_OF_TEXT = "text_block_1/block_type"
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
        # Before Keras 3 a SavedModel: of the layers that AutoKeras gives it, a file alone has not all.
        file = Path(folder) / ("model.keras" if HAS_OPS else "model")
        model.save(str(file))
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
        adapted = auto._adapt(_given(unseen), auto.inputs, *_BATCH)  # noqa: SLF001  # as its predict does
        given = pipeline.transform_x(adapted)
        predictions = pipeline.postprocess(model.predict(given, verbose=0))
        return {
            "weights": _weights(model),
            "predictions": OnHost(values=_told(task, predictions), by="keras.Model.predict"),
        }

    def space(self, task: str, inputs: Any, targets: Any, folder: str) -> Sequence[Mapping[str, Any]]:
        self._look_up(task)
        auto = self._task(task, trials=1, seed=1, folder=folder)
        given = {"x": _given(inputs), "y": _given(targets), "validation_data": None}
        if _EARLIER:
            dataset, _ = auto._convert_to_dataset(**given, batch_size=_BATCH[0])  # noqa: SLF001
        else:
            dataset, _ = auto._check_and_adapt(**given)  # noqa: SLF001
        auto._analyze_data(dataset)  # noqa: SLF001  # what its fit does before it searches
        auto._build_hyper_pipeline(*([dataset] if _EARLIER else []))  # noqa: SLF001
        _hypermodel(auto.tuner).set_fit_args(0, epochs=1)
        return _explored(auto.tuner, dataset)

    def _look_up(self, task: str) -> None:
        if task == "series" and hasattr(autokeras, _CLASSES[task]):
            raise NotAdapted("our adapter does not do this yet: it gives TimeseriesForecaster no series to go on with")
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
    space.Choice("learning_rate", [1e-2, 1e-3] if _EARLIER else [1e-2, 1e-3, 1e-4])
    if _EARLIER:
        # What it tries of this beside, in every block, takes more passes.
        space.Choice("classification_head_1/dropout", [0.0])
    return space


def _small_applications() -> Any:
    space = _fast_learners()
    space.Choice(_KIND_OF_BLOCK, list(_BLOCKS))
    if _EARLIER:
        # It tries these for every kind, and convolutions that are wider.
        space.Fixed("image_block_1/augment", False)
        with space.conditional_scope(_KIND_OF_BLOCK, ["vanilla"]):
            _plain_convolutions(space, "image_block_1")
            for layer in ("0_0", "0_1", "1_0", "1_1"):
                space.Choice(f"image_block_1/conv_block_1/filters_{layer}", [16, 32, 64])
    with space.conditional_scope(_KIND_OF_BLOCK, ["resnet"]):
        space.Fixed("image_block_1/res_net_block_1/version", "resnet50")
        space.Fixed("image_block_1/res_net_block_1/pretrained", False)
        space.Fixed("image_block_1/res_net_block_1/imagenet_size", False)
    return space


def _small_texts() -> Any:
    space = _fast_learners()
    if not _EARLIER:
        _convolutions(space)
        return space
    # Others would download what was trained before.
    space.Choice(_KIND_OF_TEXT, ["vanilla"])
    with space.conditional_scope(_KIND_OF_TEXT, ["vanilla"]):
        space.Choice("text_block_1/max_tokens", [500])
        space.Choice("text_block_1/text_to_int_sequence_1/output_sequence_length", [64])
        space.Choice("text_block_1/embedding_1/pretraining", ["none"])
        space.Choice("text_block_1/embedding_1/dropout", [0.0])
        space.Choice("text_block_1/dense_block_1/dropout", [0.0])
        space.Choice("text_block_1/spatial_reduction_1/reduction_type", ["global_max", "global_avg"])
        _plain_convolutions(space, "text_block_1")
        _convolutions(space)
    return space


def _plain_convolutions(space: Any, block: str) -> None:
    space.Choice(f"{block}/conv_block_1/kernel_size", [3, 5])
    space.Choice(f"{block}/conv_block_1/num_blocks", [1, 2])
    space.Choice(f"{block}/conv_block_1/dropout", [0.0])
    space.Fixed(f"{block}/conv_block_1/separable", value=False)


def _convolutions(space: Any) -> None:
    space.Choice("text_block_1/embedding_1/embedding_dim", [32, 64])
    for layer in ("0_0", "0_1", "1_0", "1_1"):
        space.Choice(f"text_block_1/conv_block_1/filters_{layer}", [16, 32, 64])


def _hypermodel(tuner: Any) -> Any:
    """Of 2020, KerasTuner wraps it."""
    return getattr(tuner.hypermodel, "hypermodel", tuner.hypermodel)


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
    # Before Keras 3 the name of a variable is its path, and the tables of words among the weights have none.
    named = [(getattr(each, "path", getattr(each, "name", "")), each) for each in model.weights]
    found = {f"{number} {name}": held(each) for number, (name, each) in enumerate(named) if name}
    return {
        name: ops.stop_gradient(ops.copy(value))
        for name, value in found.items()
        if "float32" in str(getattr(value, "dtype", ""))
    }


def _explored(tuner: Any, dataset: Any) -> Sequence[Mapping[str, Any]]:
    """AutoKeras names a hyperparameter when a network that has it is built: every value of each is built once."""

    def built(name: str = "", value: Any = None) -> Mapping[str, Any]:
        space = keras_tuner.HyperParameters()
        if name:
            space.values[name] = value
        # What its search does first.
        data = {"x": dataset} if _EARLIER else {"x": dataset[0], "y": dataset[1]}
        tuner._prepare_model_build(space, **data)  # noqa: SLF001
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
    seed_all(seed)
    if keras.backend.backend() != "tensorflow":
        yield
        return
    config = importlib.import_module("tensorflow.python.framework.config")
    if not hasattr(config, "is_op_determinism_enabled"):
        yield
        return
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
