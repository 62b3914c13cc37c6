# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""A train step of Keras on TensorFlow as StableHLO: a tape and the Keras optimizer in one tf.function."""

from __future__ import annotations

from typing import Any, Mapping

import tensorflow as tf

from fwconformance.frameworks._tfprogram import mean_over, share, write_program
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel, make_loss
from fwconformance.frameworks.keras._native import apply, build, held, state
from fwconformance.frameworks.keras._training import KerasTrainer, make_optimizer


class StepProgram:
    """See `_pieces_compile.StepProgram`. Several devices: a program each, whose gradients meet in XLA's all-reduce."""

    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device

    def write(self, training: Training, devices: int, folder: str) -> Mapping[str, Any]:
        inputs, targets = training.batches[0]
        own = KerasModel(training.network, self.backend, self.device, training.weights)
        KerasTrainer(own, training.loss, training.optimizer).step(inputs, targets)

        with self.backend.scope(self.device):
            model = KerasModel(training.network, self.backend, self.device, training.weights)
            optimizer, measure = make_optimizer(training.optimizer), make_loss(training.loss)
            build(optimizer, model.native.trainable_variables)

            def step(x: Any, wanted: Any) -> Any:
                with tf.GradientTape() as tape:
                    value = measure(wanted, model.native(x, training=True))
                trained = model.native.trainable_variables
                gradients = tape.gradient(value, [held(variable) for variable in trained])
                value, *gradients = [mean_over(devices, each) for each in (value, *gradients)]
                apply(optimizer, gradients, trained)
                return value

            weights = {
                name: (held(slot.variable), lambda value, slot=slot: slot.split(value)[0])
                for name, slot in model.named_slots()
            }
            batch = share(tf, training.batches[0], devices)
            written = write_program(tf, step, batch, weights, lambda: state(optimizer), folder)
        return {**written, "kind": "replicas", "weights": own.weights()}


def piece(name: str, backend: Backend, device: str) -> StepProgram:
    """The same program for either kind of accelerator: StableHLO is portable between them."""
    return StepProgram(backend, device)
