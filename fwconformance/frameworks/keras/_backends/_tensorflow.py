# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Keras on TensorFlow: gradients under a tape, compiled by tf.function."""

from __future__ import annotations

from typing import Any, Callable, ContextManager, Mapping, Sequence

import tensorflow as tf

from fwconformance.frameworks._arithmetic import of_tensorflow
from fwconformance.frameworks._protocol import TensorInfo
from fwconformance.frameworks._tffunction import for_any_shape
from fwconformance.frameworks._tfoperator import operator, project
from fwconformance.frameworks.keras._native import held


class TensorFlowBackend:
    """See `fwconformance.frameworks.keras._backends.Backend`."""

    name = "tensorflow"

    def versions(self) -> dict[str, str]:
        return {"tensorflow": tf.__version__}

    def arithmetic(self) -> str:
        return of_tensorflow()

    def devices(self) -> tuple[str, ...]:
        kinds = {"CPU": "cpu", "GPU": "cuda", "TPU": "tpu"}
        # Asking for logical devices would initialise TensorFlow, after which a worker could not join a cluster.
        found = [kinds[device.device_type] for device in tf.config.get_visible_devices() if device.device_type in kinds]
        return tuple(dict.fromkeys(found))

    def scope(self, device: str) -> ContextManager[Any]:
        kind, _, index = device.partition(":")
        return tf.device(f"/{ {'cpu': 'CPU', 'cuda': 'GPU', 'tpu': 'TPU'}[kind] }:{index or 0}".replace(" ", ""))

    def describe(self, tensor: Any) -> TensorInfo:
        if not isinstance(tensor, (tf.Tensor, tf.Variable)) or not hasattr(tensor, "numpy"):
            raise TypeError("neither an eager tf.Tensor nor a tf.Variable")
        # Where the memory is: what a tf.function returns says in `device` where the function was called.
        place = tf.DeviceSpec.from_string(getattr(tensor, "backing_device", tensor.device))
        kind = {"CPU": "cpu", "GPU": "cuda", "TPU": "tpu"}.get(place.device_type, str(place.device_type).lower())
        return TensorInfo(
            device=kind if not place.device_index else f"{kind}:{place.device_index}",
            dtype=tensor.dtype.name,
            shape=tuple(tensor.shape.as_list()),
            native_type=f"{type(tensor).__module__}.{type(tensor).__qualname__}",
        )

    def tensor(self, values: Any, dtype: str) -> Any:
        return tf.convert_to_tensor(values, dtype=dtype)

    def forward(self, model: Any, compiled: bool) -> Callable[[list[Any], bool], Any]:
        def run(inputs: list[Any], training: bool) -> Any:
            return model(_one(inputs), training=training)

        return _traced(run, model) if compiled else run

    def gradients(self, model: Any, compiled: bool) -> Callable[..., Any]:
        def run(inputs: list[Any], training: bool, criterion: Callable[[Any], Any]) -> Any:
            sources = [held(variable) for variable in model.trainable_variables]
            real = inputs[0].dtype.is_floating
            with tf.GradientTape() as tape:
                if real:
                    tape.watch(inputs[0])
                loss = criterion(model(_one(inputs), training=training))
            wanted = [*sources, inputs[0]] if real else sources
            found = [tf.convert_to_tensor(each) for each in tape.gradient(loss, wanted, unconnected_gradients="zero")]
            return loss, found[: len(sources)], found[-1] if real else None

        if not compiled:
            return run

        def traced(inputs: list[Any], training: bool, criterion: Callable[[Any], Any]) -> Any:
            # The criterion holds this call's targets, so it is traced for this call.
            step = _traced(lambda given: run(given, training, criterion), model)
            return step(inputs)

        return traced

    def differentiate(self, function: Callable[..., Any], arguments: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        with tf.GradientTape() as tape:
            tape.watch(list(arguments))
            value = function(*arguments)
        return value, tape.gradient(value, list(arguments))

    def slopes(self, function: Callable[..., Any], arguments: Sequence[Any]) -> Sequence[Any]:
        return self.differentiate(function, arguments)[1]

    def operator(self, library: str) -> Callable[[Any], Any]:
        return operator(tf, library)

    def operator_project(self) -> Mapping[str, Any]:
        return project(tf)


def _one(inputs: list[Any]) -> Any:
    return inputs[0] if len(inputs) == 1 else inputs


def _xla(model: Any) -> bool:
    """Whether Keras itself would compile the model by XLA (`jit_compile="auto"`): not where a layer says that it
    cannot.
    """
    layers = model._flatten_layers()  # noqa: SLF001 - the test is Keras' own, which it keeps private
    # Keras 2 compiles by tf.function alone, and its layers say nothing of XLA.
    return all(getattr(layer, "supports_jit", False) for layer in layers)


def _traced(function: Callable[..., Any], model: Any) -> Any:
    """`function` as one program for inputs of several shapes, by XLA where Keras would."""
    return for_any_shape(tf, function, xla=_xla(model))


def create() -> TensorFlowBackend:
    return TensorFlowBackend()
