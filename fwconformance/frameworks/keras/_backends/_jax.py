# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Keras on JAX: gradients by jax.value_and_grad over `stateless_call`, always jitted; outputs jitted if compiled."""

from __future__ import annotations

import os
from typing import Any, Callable, ContextManager, Mapping, Sequence

import jax
import jaxlib
import keras

from fwconformance.frameworks._protocol import TensorInfo
from fwconformance.frameworks.keras._backends._jax_operator import operator, project

#: Environment variable that tells a process to join others, as `keras.distribution.initialize` finds them.
JOIN = "FWCONFORMANCE_JAX_JOIN"


class JaxBackend:
    """See `fwconformance.frameworks.keras._backends.Backend`."""

    name = "jax"

    def versions(self) -> dict[str, str]:
        return {"jax": jax.__version__, "jaxlib": jaxlib.__version__}

    def arithmetic(self) -> str:
        return f"XLA of jaxlib {jaxlib.__version__}"

    def devices(self) -> tuple[str, ...]:
        kinds = {"cpu": "cpu", "gpu": "cuda", "cuda": "cuda", "tpu": "tpu"}
        found = [kinds[device.platform] for device in jax.devices() if device.platform in kinds]
        return tuple(dict.fromkeys(["cpu", *found]))

    def scope(self, device: str) -> ContextManager[Any]:
        kind, _, index = device.partition(":")
        # Of this process: of several processes each sees all devices.
        return jax.default_device(jax.local_devices(backend="gpu" if kind == "cuda" else kind)[int(index or 0)])

    def describe(self, tensor: Any) -> TensorInfo:
        if not isinstance(tensor, jax.Array) or isinstance(tensor, jax.core.Tracer):
            raise TypeError("not a concrete jax.Array")
        (place,) = tensor.devices()
        kind = {"gpu": "cuda"}.get(place.platform, place.platform)
        # The number within this process: `id` counts over all processes.
        number = place.local_hardware_id
        return TensorInfo(
            device=f"{kind}:{number}" if number else kind,
            dtype=str(tensor.dtype),
            shape=tuple(tensor.shape),
            native_type=f"{type(tensor).__module__}.{type(tensor).__qualname__}",
        )

    def tensor(self, values: Any, dtype: str) -> Any:
        return keras.ops.convert_to_tensor(values, dtype=dtype)

    def forward(self, model: Any, compiled: bool) -> Callable[[list[Any], bool], Any]:
        if not compiled:
            return lambda inputs, training: model(_one(inputs), training=training)

        @jax.jit  # type: ignore[untyped-decorator, unused-ignore]
        def infer(trained: Any, kept: Any, inputs: list[Any]) -> Any:
            return model.stateless_call(trained, kept, _one(inputs), training=False)

        @jax.jit  # type: ignore[untyped-decorator, unused-ignore]
        def train(trained: Any, kept: Any, inputs: list[Any]) -> Any:
            return model.stateless_call(trained, kept, _one(inputs), training=True)

        def run(inputs: list[Any], training: bool) -> Any:
            outputs, kept = (train if training else infer)(*_state(model), inputs)
            _keep(model, kept)
            return outputs

        return run

    def gradients(self, model: Any, compiled: bool) -> Callable[..., Any]:
        def run(inputs: list[Any], training: bool, criterion: Callable[[Any], Any]) -> Any:
            real = "float" in str(inputs[0].dtype)

            def objective(trained: Any, first: Any, kept: Any) -> Any:
                outputs, kept = model.stateless_call(trained, kept, _one([first, *inputs[1:]]), training=training)
                return criterion(outputs), kept

            step = jax.value_and_grad(objective, argnums=(0, 1) if real else (0,), has_aux=True)
            trained, kept = _state(model)
            # Jitted in either mode: operation by operation, JAX compiles each one of a recurrent layer's gradient anew.
            (loss, kept), found = jax.jit(step)(trained, inputs[0], kept)
            _keep(model, kept)
            return loss, found[0], found[1] if real else None

        return run

    def differentiate(self, function: Callable[..., Any], arguments: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        return jax.value_and_grad(function, argnums=tuple(range(len(arguments))))(*arguments)

    def slopes(self, function: Callable[..., Any], arguments: Sequence[Any]) -> Sequence[Any]:
        return self.differentiate(function, arguments)[1]

    def operator(self, library: str) -> Callable[[Any], Any]:
        return operator(library)

    def operator_project(self) -> Mapping[str, Any]:
        return project()


def _state(model: Any) -> tuple[list[Any], list[Any]]:
    return (
        [variable.value for variable in model.trainable_variables],
        [variable.value for variable in model.non_trainable_variables],
    )


def _keep(model: Any, values: Sequence[Any]) -> None:
    """`stateless_call` hands the moved state back instead of keeping it."""
    for variable, value in zip(model.non_trainable_variables, values):
        variable.assign(value)


def _one(inputs: list[Any]) -> Any:
    return inputs[0] if len(inputs) == 1 else inputs


def create() -> JaxBackend:
    """Where this process is one of several that work together, it joins them first, which JAX must do before all
    else.
    """
    if os.environ.get(JOIN):
        # Of the same seed in all processes: Keras else draws one together, by a computation of its own.
        keras.utils.set_random_seed(0)
        keras.distribution.initialize()
    return JaxBackend()
