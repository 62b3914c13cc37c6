# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Training without Keras: a tape, an optimizer of tf.compat.v1.train, and tf.train.Checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tensorflow as tf

from fwconformance.frameworks._network import SGD, Adam, Loss, Optimizer
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import Array, Tensor
from fwconformance.frameworks.tensorflow import _optimizers, _refusals
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope


class TensorFlowTrainer:
    """A tape and `apply_gradients`, eagerly; in one tf.function for a compiled model."""

    def __init__(self, model: TensorFlowModel, loss: Loss, optimizer: Optimizer) -> None:
        self.model = model
        self._loss = loss
        with scope(model.device):
            self.optimizer = make_optimizer(optimizer)
        self._run = tf.function(self.take_step) if model.jit else self.take_step

    def step(self, inputs: Array, targets: Array) -> Tensor:
        """See `Trainer.step`."""
        with scope(self.model.device):
            return self._run(self.model.inputs(inputs), self.model.targets(self._loss, targets))

    def save(self, path: str) -> None:
        """A tf.train.Checkpoint of the module and the optimizer with its slots."""
        with scope("cpu"):  # files are written by the host
            self._checkpoint().write(str(Path(path) / "checkpoint"))

    def load(self, path: str) -> None:
        """Slots that the optimizer has not created yet are filled when it creates them, which is TensorFlow's way."""
        with scope("cpu"):
            self._checkpoint().read(str(Path(path) / "checkpoint")).assert_existing_objects_matched()

    def _checkpoint(self) -> Any:
        return tf.train.Checkpoint(model=self.model.native, optimizer=self.optimizer)

    def take_step(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """One step on native tensors, in the mode of whoever calls it."""
        value, gradients, _ = self.model.differentiate(self._loss, inputs, targets, True, inputs_too=False)
        self.optimizer.apply_gradients(list(zip(gradients, self.model.trained)))
        return value


def make_optimizer(optimizer: Optimizer) -> Any:
    """TensorFlow's own optimizer outside Keras. Raises `Unsupported` for the other place of Adam's epsilon."""
    train = tf.compat.v1.train
    if isinstance(optimizer, SGD):
        if not optimizer.momentum:
            return train.GradientDescentOptimizer(optimizer.rate)
        return train.MomentumOptimizer(optimizer.rate, optimizer.momentum, use_nesterov=optimizer.nesterov)
    made = _optimizers.make(optimizer)
    if made is not None:
        return made
    assert isinstance(optimizer, Adam)
    if optimizer.epsilon_placement != _refusals.measured_placement():
        refuse(_refusals.epsilon_placement(optimizer.epsilon_placement))
    return train.AdamOptimizer(optimizer.rate, optimizer.beta1, optimizer.beta2, optimizer.epsilon)
