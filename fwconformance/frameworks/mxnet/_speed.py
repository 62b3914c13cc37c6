# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Work to be timed, as Gluon's tutorials write it: a block called, and the training loop; then the same hybridized."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import mxnet
from mxnet import autograd

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._arithmetic import of_mxnet
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet._losses import loss_block, scalar
from fwconformance.frameworks.mxnet._model import GluonModel
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


class Speed:
    """Piece "speed"."""

    modes: Mapping[str, str] = {
        "default": "imperative Gluon",
        "hybridize": "hybridize(static_alloc=True)",
    }
    best = "hybridize"
    layout = "channels first"

    @property
    def arithmetic(self) -> str:
        return of_mxnet(mxnet)

    def __init__(self, context: Any) -> None:
        self._context = context

    def inference(self, network: neutral.Network, weights: Mapping[str, Any], inputs: Any, mode: str) -> TimedGluon:
        model = self._model(network, weights, mode)
        x = model.take(inputs)

        def call() -> Any:
            with autograd.predict_mode():
                return model.run(x)

        return TimedGluon(model, None, call)

    def training(self, work: Training, mode: str) -> TimedGluon:
        ((inputs, targets),) = work.batches
        model = self._model(work.network, work.weights, mode)
        seam_trainer = GluonTrainer(model, work.loss, work.optimizer)
        measure, trainer = loss_block(work.loss), seam_trainer.trainer
        x, wanted, batch = model.take(inputs), model.take(targets), len(inputs)

        def call() -> Any:
            with autograd.record():
                losses = measure(model.run(x), wanted)
            losses.backward()
            trainer.step(batch)
            return scalar(losses.mean())

        return TimedGluon(model, seam_trainer, call)

    def _model(self, network: neutral.Network, weights: Mapping[str, Any], mode: str) -> GluonModel:
        if mode not in self.modes:
            raise NotAdapted(f"MXNet has no mode {mode!r} here; it has {', '.join(self.modes)}")
        model = GluonModel.build(network, weights, self._context)
        return model.compiled() if mode == "hybridize" else model


def piece(name: str, context: Any) -> Speed:
    """The piece "speed"."""
    return Speed(context)
