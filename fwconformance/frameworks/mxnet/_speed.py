# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Work to be timed, as Gluon's tutorials write it: a block called, and the training loop; then the same hybridized."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import mxnet
from mxnet import autograd
from mxnet.contrib import amp

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._arithmetic import of_mxnet
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet._losses import loss_block, scalar
from fwconformance.frameworks.mxnet._model import GluonModel, as_float32
from fwconformance.frameworks.mxnet._training import GluonTrainer


class TimedGluon:
    """`Timed` of the seam. MXNet's engine runs everything later: waiting for all of it ends a call."""

    def __init__(self, model: Any, trainer: Any, call: Callable[[], Any]) -> None:
        self.model = model
        self.trainer = trainer
        self._call = call
        # What preparing it has queued is not to be timed with the first call.
        mxnet.nd.waitall()

    def call(self) -> Any:
        found = self._call()
        mxnet.nd.waitall()
        return found


_MODES: Mapping[str, str] = {
    "default": "imperative Gluon",
    "hybridize": "hybridize(static_alloc=True)",
}
_MIXED: Mapping[str, str] = {"amp": "mxnet.contrib.amp in float16, the loss scaled, hybridize(static_alloc=True)"}
#: Gradients smaller than float16 holds are scaled up meanwhile: those of the works' losses come nowhere near its limit.
_SCALE = 1024.0


def mixes(context: Any) -> bool:
    """Whether `context` is a graphics card."""
    return context.device_type == "gpu"


class Speed:
    """Piece "speed". The mode "amp" is on for the whole process from then on: amp.init changes MXNet's operators."""

    best = "hybridize"
    layout = "channels first"

    @property
    def arithmetic(self) -> str:
        return of_mxnet(mxnet)

    def __init__(self, context: Any) -> None:
        self._context = context
        self.modes: Mapping[str, str] = {**_MODES, **(_MIXED if mixes(context) else {})}

    def inference(self, network: neutral.Network, weights: Mapping[str, Any], inputs: Any, mode: str) -> TimedGluon:
        model = self._model(network, weights, mode)
        x = model.take(inputs)

        def call() -> Any:
            with autograd.predict_mode():
                return as_float32(model.run(x))

        return TimedGluon(model, None, call)

    def training(self, work: Training, mode: str) -> TimedGluon:
        ((inputs, targets),) = work.batches
        model = self._model(work.network, work.weights, mode)
        seam_trainer = GluonTrainer(model, work.loss, work.optimizer)
        measure, trainer = loss_block(work.loss), seam_trainer.trainer
        x, wanted, batch = model.take(inputs), model.take(targets), len(inputs)
        scale = model.loss_scale

        def call() -> Any:
            with autograd.record():
                losses = measure(as_float32(model.run(x)), wanted)
                scaled = losses if scale == 1.0 else losses * scale
            scaled.backward()
            # It divides by what it is told, as by the examples of a batch.
            trainer.step(batch * scale)
            return scalar(losses.mean())

        return TimedGluon(model, seam_trainer, call)

    def _model(self, network: neutral.Network, weights: Mapping[str, Any], mode: str) -> GluonModel:
        if mode not in self.modes:
            raise NotAdapted(f"MXNet has no mode {mode!r} here; it has {', '.join(self.modes)}")
        if mode == "amp":
            amp.init(target_dtype="float16")
        model = GluonModel.build(network, weights, self._context)
        if mode == "default":
            return model
        twin = model.compiled()
        twin.loss_scale = _SCALE if mode == "amp" else 1.0
        return twin


def piece(name: str, context: Any) -> Speed:
    """The piece "speed"."""
    return Speed(context)
