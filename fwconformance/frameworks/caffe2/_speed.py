# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Work to be timed, as Caffe2's own tutorials run it: nets that were created before, by workspace.RunNet."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from caffe2.python import build, workspace

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.caffe2._model import Caffe2Model
from fwconformance.frameworks.caffe2._nets import blob
from fwconformance.frameworks.caffe2._training import NetTrainer


class TimedNet:
    """`Timed` of the seam. On the CPU a net has ended when the call returns."""

    def __init__(self, model: Any, trainer: Any, call: Callable[[], Any]) -> None:
        self.model = model
        self.trainer = trainer
        self.call = call


class Speed:
    """Piece "speed"."""

    modes: Mapping[str, str] = {"default": "workspace.RunNet: a net is a graph that is created before, run in order"}
    best = "default"
    layout = "channels first"

    @property
    def arithmetic(self) -> str:
        options = build.build_options
        return ", ".join([options.get("BLAS", ""), *(["oneDNN"] if options.get("USE_MKLDNN") == "ON" else [])])

    def inference(self, network: neutral.Network, weights: Mapping[str, Any], inputs: Any, mode: str) -> TimedNet:
        self._check(mode)
        model = Caffe2Model(network, weights)
        plan, net = model.net(training=False)
        model.feed(plan, inputs)
        return TimedNet(model, None, lambda: _run(net, plan.outputs))

    def training(self, work: Training, mode: str) -> TimedNet:
        self._check(mode)
        ((inputs, targets),) = work.batches
        model = Caffe2Model(work.network, work.weights)
        trainer = NetTrainer(model, work.loss, work.optimizer)
        model.feed(trainer.plan, inputs, None, targets)
        return TimedNet(model, trainer, lambda: _run(trainer.plan.helper.net.Proto().name, trainer.loss))

    def _check(self, mode: str) -> None:
        if mode not in self.modes:
            raise NotAdapted(f"Caffe2 has no mode {mode!r} here; it has {', '.join(self.modes)}")


def _run(net: str, result: Any) -> Any:
    workspace.RunNet(net)
    return blob(str(result))
