# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Faults planted where Keras uses several devices, in the workers that do so: by backend."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Callable, ContextManager, Sequence

from fwconformance.frameworks import _tfdistribute_faults, _torchrun_faults
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.keras._native import HAS_OPS, keras, ops, saving

if TYPE_CHECKING:
    from fwconformance.frameworks.keras._adapter import Keras

_DEVICES, _PROCESSES = ("parallel.multi-device", "two-devices"), ("parallel.multi-process", "two-processes")
_HOSTS = ("parallel.multi-process", "several-hosts")


def _forgetful(original: Any) -> Any:
    def load_model(*arguments: Any, **named: Any) -> Any:
        model = original(*arguments, **named)
        for variable in model.optimizer.variables:
            variable.assign(ops.zeros(variable.shape, dtype=variable.dtype))
        return model

    return load_model


def _tensorflow() -> Sequence[Sabotage]:
    tf = importlib.import_module("tensorflow")

    def add_up(original: Any) -> Any:
        def all_reduce(self: Any, operation: Any, value: Any, options: Any = None) -> Any:
            total = original(self, operation, value, options)
            return tf.nest.map_structure(lambda each: each * self.num_replicas_in_sync, total)

        return all_reduce

    def add_up_pairs(original: Any) -> Any:
        def batch_reduce_to(self: Any, operation: Any, pairs: Any, options: Any = None) -> Any:
            count = self._num_replicas_in_sync
            scaled = [(type(value)([count * each for each in value.values]), place) for value, place in pairs]
            return original(self, operation, scaled, options)

        return batch_reduce_to

    # Where the optimizers of Keras 3 meet, and those before them.
    meeting = (tf.distribute.ReplicaContext, "all_reduce", add_up)
    if not HAS_OPS:
        meeting = (tf.distribute.StrategyExtended, "batch_reduce_to", add_up_pairs)
    return (
        *_tfdistribute_faults.sabotages(tf),
        _entry("averaging-forgotten", _DEVICES, lambda: replaced(*meeting),
               "tf.distribute gives Keras' optimizer as many times the mean gradient as devices are."),
    )  # fmt: skip


def _jax() -> Sequence[Sabotage]:
    jax = importlib.import_module("jax")

    def first_half(original: Any) -> Any:
        def compute_loss(self: Any, x: Any, y: Any, y_pred: Any, *arguments: Any, **named: Any) -> Any:
            half = y_pred.shape[0] // 2
            return original(self, x, y[:half], y_pred[:half], *arguments, **named)

        return compute_loss

    def add_up(original: Any) -> Any:
        def stateless_apply(self: Any, state: Any, gradients: Any, variables: Any) -> Any:
            count = keras.distribution.distribution().device_mesh.devices.size
            return original(self, state, [ops.multiply(each, count) for each in gradients], variables)

        return stateless_apply

    def doubled(original: Any) -> Any:
        def make_array(layout: Any, rows: Any, *arguments: Any, **named: Any) -> Any:
            numpy = importlib.import_module("numpy")
            return original(layout, numpy.concatenate([rows[: len(rows) // 2]] * 2), *arguments, **named)

        return make_array

    def first_only(original: Any) -> Any:
        return lambda devices, **named: original(devices=devices[:1], **named)

    def own_devices(original: Any) -> Any:
        def data_parallel(devices: Any, **named: Any) -> Any:
            own = jax.local_devices()[0]
            return original(devices=[f"{own.platform}:{own.id}"], **named)

        return data_parallel

    def plant(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
        return lambda: replaced(owner, name, make)

    return (
        _entry("devices-keep-their-gradients", _DEVICES, plant(keras.Model, "compute_loss", first_half),
               "The loss, and so the gradient, is of the first device's rows."),
        _entry("averaging-forgotten", _DEVICES, plant(keras.optimizers.Optimizer, "stateless_apply", add_up),
               "The optimizer gets as many times the mean gradient as devices are."),
        _entry("devices-share-rows", _DEVICES, plant(jax, "make_array_from_process_local_data", doubled),
               "A batch dealt out to devices has the first device's rows twice."),
        _entry("first-device-only", _DEVICES, plant(keras.distribution, "DataParallel", first_only),
               "keras.distribution.DataParallel takes the first of the devices and leaves the others."),
        _entry("processes-keep-their-gradients", _PROCESSES, plant(keras.Model, "compute_loss", first_half),
               "The loss, and so the gradient, is of the first process' rows."),
        _entry("hosts-keep-their-gradients", _HOSTS, plant(keras.Model, "compute_loss", first_half),
               "The loss, and so the gradient, is of the first host's rows."),
        _entry("process-trains-alone", _PROCESSES, plant(keras.distribution, "DataParallel", own_devices),
               "keras.distribution.DataParallel takes the devices of its own process and leaves the others'."),
        _entry("layouts-ignored", ("parallel.model", "two-devices"),
               plant(keras.distribution.LayoutMap, "__setitem__", lambda _original: lambda *_arguments: None),
               "keras.distribution.LayoutMap keeps none of the layouts that it is given."),
        _entry("checkpoint-without-optimizer", ("parallel.recovery", "resumes"),
               plant(saving, "load_model", _forgetful),
               "keras.saving.load_model gives back an optimizer that has forgotten its state."),
    )  # fmt: skip


def _torch() -> Sequence[Sabotage]:
    return (
        *_torchrun_faults.faults(importlib.import_module("torch")),
        _entry("checkpoint-without-optimizer", ("parallel.recovery", "resumes"),
               lambda: replaced(saving, "load_model", _forgetful),
               "keras.saving.load_model gives back an optimizer that has forgotten its state."),
    )  # fmt: skip


def _entry(name: str, killed: tuple[str, str], apply: Callable[[], ContextManager[None]], description: str) -> Sabotage:
    return Sabotage(name=name, kills=killed[0], case=killed[1], apply=apply, description=description)


_BY_BACKEND: dict[str, Callable[[], Sequence[Sabotage]]] = {
    "tensorflow": _tensorflow,
    "torch": _torch,
    "jax": _jax,
}


def sabotages(framework: Keras) -> Sequence[Sabotage]:
    """Those of the backend of `framework`."""
    return _BY_BACKEND[framework.backend]()
