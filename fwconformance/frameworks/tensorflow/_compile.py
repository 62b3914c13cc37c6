# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""A train step as StableHLO, which tf.function writes for XLA without the device being there."""

from __future__ import annotations

from typing import Any, Mapping

import tensorflow as tf

from fwconformance.frameworks._tfprogram import mean_over, share, write_program
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope
from fwconformance.frameworks.tensorflow._training import TensorFlowTrainer, make_optimizer


class StepProgram:
    """See `_pieces_compile.StepProgram`. Several devices: a program each, whose gradients meet in XLA's all-reduce."""

    def __init__(self, device: str) -> None:
        self.device = device

    def write(self, training: Training, devices: int, folder: str) -> Mapping[str, Any]:
        inputs, targets = training.batches[0]
        own = TensorFlowModel(training.network, self.device, training.weights)
        TensorFlowTrainer(own, training.loss, training.optimizer).step(inputs, targets)

        model = TensorFlowModel(training.network, self.device, training.weights)
        with scope(self.device):
            optimizer = make_optimizer(training.optimizer)

            def step(x: Any, wanted: Any) -> Any:
                value, gradients, _ = model.differentiate(training.loss, x, wanted, True)
                value, *gradients = [mean_over(devices, each) for each in (value, *gradients)]
                optimizer.apply_gradients(list(zip(gradients, model.trained)))
                return value

            weights = {
                name: (variable, lambda value, layer=layer, role=role: layer.outward(role, value))
                for name, layer, role, variable in model.named_variables()
            }
            batch = share(tf, training.batches[0], devices)
            written = write_program(tf, step, batch, weights, optimizer.variables, folder)
        return {**written, "kind": "replicas", "weights": own.weights()}


def piece(name: str, device: str) -> StepProgram:
    """The same program for either kind of accelerator: StableHLO is portable between them."""
    return StepProgram(device)
