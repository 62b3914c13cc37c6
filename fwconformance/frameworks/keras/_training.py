# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""Training the Keras way: `compile`, `train_on_batch`, `save` and `load_model`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fwconformance.frameworks._network import SGD, Adam, Loss, Optimizer
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import Array, Tensor
from fwconformance.frameworks.keras import _optimizers, _refusals
from fwconformance.frameworks.keras._model import KerasModel, make_loss
from fwconformance.frameworks.keras._native import by_jit, keras, ops, saving

_FILE = "model.keras"


class KerasTrainer:
    """A compiled `keras.Model` and `train_on_batch`.

    Without `model.compiled()` it trains with ``jit_compile=False`` (a tf.function on TensorFlow, eager on torch, both
    Keras'
    ordinary way there) but for JAX, where Keras' ordinary way is jit. With it, `jit_compile` is what Keras recommends
    for
    compiling on the backend: "auto" on TensorFlow (XLA unless a layer says that it cannot) and JAX, True
    (torch.compile) on torch. `jit`, where it is given, is `jit_compile` as it stands.
    """

    def __init__(self, model: KerasModel, loss: Loss, optimizer: Optimizer, *, jit: Any = None) -> None:
        self.model = model
        self._loss = loss
        self._backend = model.backend
        self._device = model.device
        with self._backend.scope(self._device):
            model.native.compile(
                optimizer=make_optimizer(optimizer),
                loss=make_loss(loss),
                **by_jit(self._jit() if jit is None else jit),
            )

    def step(self, inputs: Array, targets: Array) -> Tensor:
        """See `Trainer.step`. `train_on_batch` gives the mean since the last reset as a Python float."""
        ids = self.model.network.integer_input
        with self._backend.scope(self._device):
            self.model.native.reset_metrics()
            value = self.model.native.train_on_batch(
                inputs.astype("int32") if ids else inputs,
                targets.astype("int32" if self._loss.kind == "cross-entropy" else "float32"),
            )
            return ops.convert_to_tensor(value, dtype="float32")

    def save(self, path: str) -> None:
        """One .keras file: architecture, weights, and the optimizer with its state."""
        with self._backend.scope(self._device):
            self.model.native.save(Path(path) / _FILE)

    def load(self, path: str) -> None:
        """Go on with the model and optimizer that `keras.saving.load_model` reads."""
        with self._backend.scope(self._device):
            loaded = saving.load_model(Path(path) / _FILE)
            self.model.adopt(loaded)

    def _jit(self) -> Any:
        if self._backend.name == "jax":
            return "auto"
        if not self.model.jit:
            return False
        return True if self._backend.name == "torch" else "auto"


def make_optimizer(optimizer: Optimizer) -> Any:
    """Keras' own optimizer. Raises `Unsupported` for the other place of Adam's epsilon."""
    check_optimizer(optimizer)
    return unchecked_optimizer(optimizer)


def check_optimizer(optimizer: Optimizer) -> None:
    """Raises `Unsupported` for the other place of Adam's epsilon; measured by a step, so not inside a strategy."""
    _optimizers.check(optimizer)
    if isinstance(optimizer, Adam) and optimizer.epsilon_placement != _refusals.measured_placement():
        refuse(_refusals.epsilon_placement(optimizer.epsilon_placement))


def unchecked_optimizer(optimizer: Optimizer) -> Any:
    """Keras' own optimizer, where `check_optimizer` had nothing to say."""
    if isinstance(optimizer, SGD):
        return keras.optimizers.SGD(
            learning_rate=optimizer.rate, momentum=float(optimizer.momentum), nesterov=optimizer.nesterov
        )
    made = _optimizers.make(optimizer)
    if made is not None:
        return made
    assert isinstance(optimizer, Adam)
    return keras.optimizers.Adam(
        learning_rate=optimizer.rate, beta_1=optimizer.beta1, beta_2=optimizer.beta2, epsilon=optimizer.epsilon
    )
