# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Work to be timed below Keras: eager calls and tapes, the same in tf.function, and with XLA."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import tensorflow as tf

from fwconformance.frameworks._arithmetic import of_tensorflow
from fwconformance.frameworks._network import Network
from fwconformance.frameworks._protocol import Array, NotAdapted, Tensor, Weights
from fwconformance.frameworks._tffunction import by_xla
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope
from fwconformance.frameworks.tensorflow._training import TensorFlowTrainer


class TimedTensorFlow:
    """`Timed` of the seam."""

    def __init__(
        self, model: TensorFlowModel, trainer: TensorFlowTrainer | None, call: Callable[[], Any], device: str
    ) -> None:
        self.model = model
        self.trainer = trainer
        self._call = call
        self._place = device
        # What preparing it has queued is not to be timed with the first call.
        wait_for(device)

    def call(self) -> Tensor:
        with scope(self._place):
            found = self._call()
        wait_for(self._place)
        return found


def wait_for(device: str) -> None:
    """Until the devices have done what was queued on them."""
    if device != "cpu":
        tf.test.experimental.sync_devices()


_MODES: Mapping[str, str] = {
    "default": "eager",
    "function": "tf.function",
    "xla": "tf.function(jit_compile=True)",
}
_MIXED: Mapping[str, str] = {
    "amp": "tf.function, its graph rewritten to float16 (tf.config.optimizer, auto_mixed_precision), the loss scaled"
}
#: Gradients smaller than float16 holds are scaled up meanwhile: those of the works' losses come nowhere near its limit.
_SCALE = 1024.0


def mixes(device: str) -> bool:
    """Whether `device` is a graphics card: the rewrite is of what lies on one."""
    return device.partition(":")[0] == "cuda"


class Speed:
    """Piece "speed". The mode "amp" is on for the whole process from then on: the rewrite is the runtime's setting."""

    best = "function"
    layout = "channels last"

    @property
    def arithmetic(self) -> str:
        return of_tensorflow()

    def __init__(self, device: str) -> None:
        self._device = device
        self.modes: Mapping[str, str] = {**_MODES, **(_MIXED if mixes(device) else {})}

    def inference(self, network: Network, weights: Weights, inputs: Array, mode: str) -> TimedTensorFlow:
        model = self._model(network, weights, mode)
        with scope(self._device):
            x = model.inputs(inputs)

        def forward(given: Tensor) -> Tensor:
            return model.native(given, False)

        run = self._wrap(forward, mode)
        return TimedTensorFlow(model, None, lambda: run(x), self._device)

    def training(self, work: Training, mode: str) -> TimedTensorFlow:
        ((inputs, targets),) = work.batches
        model = self._model(work.network, work.weights, mode)
        trainer = TensorFlowTrainer(model, work.loss, work.optimizer)
        with scope(self._device):
            x, wanted = model.inputs(inputs), model.targets(work.loss, targets)
        run = self._wrap(trainer.take_step, mode)
        return TimedTensorFlow(model, trainer, lambda: run(x, wanted), self._device)

    def _model(self, network: Network, weights: Weights, mode: str) -> TensorFlowModel:
        if mode not in self.modes:
            raise NotAdapted(f"TensorFlow has no mode {mode!r} here; it has {', '.join(self.modes)}")
        model = TensorFlowModel(network, self._device, weights)
        if mode == "amp":
            tf.config.optimizer.set_experimental_options({"auto_mixed_precision": True})
            model.loss_scale = _SCALE
        return model if mode == "default" else model.compiled()

    def _wrap(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        if mode == "default":
            return function
        return by_xla(tf, function) if mode == "xla" else tf.function(function)


def piece(name: str, device: str) -> Speed:
    """The piece "speed"."""
    return Speed(device)
