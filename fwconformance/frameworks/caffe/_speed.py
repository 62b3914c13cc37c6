# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Work to be timed, as Caffe's own examples run it: Net.forward, and Solver.step."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import numpy as np

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._arithmetic import linked
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.caffe._model import CaffeModel
from fwconformance.frameworks.caffe._training import SolverTrainer


class TimedNet:
    """`Timed` of the seam. On the CPU a pass has ended when the call returns."""

    def __init__(self, model: Any, trainer: Any, call: Callable[[], Any]) -> None:
        self.model = model
        self.trainer = trainer
        self.call = call


class Speed:
    """Piece "speed"."""

    modes: Mapping[str, str] = {"default": "Net.forward and Solver.step: a net is a graph that is set up before"}
    best = "default"
    layout = "channels first"

    @property
    def arithmetic(self) -> str:
        return linked()

    def inference(self, network: neutral.Network, weights: Mapping[str, Any], inputs: Any, mode: str) -> TimedNet:
        self._check(mode)
        model = CaffeModel(network, weights)
        net, plan = model.net(tuple(inputs.shape), training=False)
        model.feed(net, plan, inputs)
        outputs = net.blobs["outputs"]

        def call() -> Any:
            net.forward()
            # Recurrent nets have time first; the turned view costs no copy.
            return np.swapaxes(outputs.data, 0, 1) if plan.timed else outputs

        return TimedNet(model, None, call)

    def training(self, work: Training, mode: str) -> TimedNet:
        self._check(mode)
        ((inputs, targets),) = work.batches
        model = CaffeModel(work.network, work.weights)
        trainer = SolverTrainer(model, work.loss, work.optimizer)
        solver, plan = trainer.solver_for(tuple(inputs.shape))
        model.copy(model.master, solver.net)
        # The solver's own net keeps the weights from here on: nothing is copied between steps.
        model.master = solver.net
        model.feed(solver.net, plan, inputs, None, targets)
        loss = solver.net.blobs["loss"]

        def call() -> Any:
            solver.step(1)
            return loss

        return TimedNet(model, trainer, call)

    def _check(self, mode: str) -> None:
        if mode not in self.modes:
            raise NotAdapted(f"Caffe has no mode {mode!r} here; it has {', '.join(self.modes)}")
