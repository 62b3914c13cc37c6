# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Work to be timed, as PyTorch's tutorials write it: a module called under inference_mode, and the training loop."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import torch

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._arithmetic import of_torch
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.pytorch._losses import loss_module
from fwconformance.frameworks.pytorch._model import TorchModel
from fwconformance.frameworks.pytorch._training import TorchTrainer
from fwconformance.frameworks.pytorch._xla import finish


class TimedTorch:
    """`Timed` of the seam."""

    def __init__(self, model: TorchModel, trainer: TorchTrainer | None, call: Callable[[], Any]) -> None:
        self.model = model
        self.trainer = trainer
        self._call = call
        # What preparing it has queued is not to be timed with the first call.
        wait_for(model.device)

    def call(self) -> Any:
        found = self._call()
        wait_for(self.model.device)
        return found


def wait_for(device: Any) -> None:
    """Until `device` has done what was queued on it."""
    kind = torch.device(device).type
    if kind == "xla":
        finish(device)
    elif kind != "cpu":
        getattr(torch, kind).synchronize()


_DEFAULT: Mapping[str, str] = {"default": "eager: the module is called"}
#: What the documentation recommends for speed: since 2.0 torch.compile, before that TorchScript.
_BEST: Mapping[str, str] = (
    {"compile": "torch.compile with its defaults"}
    if hasattr(torch, "compile")
    else {"script": "TorchScript: the program that torch.jit.trace recorded of the module"}
)
_MIXED: Mapping[str, str] = {"bf16": "eager, the module called under torch.autocast(dtype=torch.bfloat16)"}


class Mixed:
    """A module called under autocast; the outputs are float32, in which the loss is computed."""

    def __init__(self, stack: Any, device: Any) -> None:
        self._stack = stack
        self._kind = torch.device(device).type

    def __call__(self, x: Any, lengths: Any = None) -> Any:
        with torch.autocast(self._kind, dtype=torch.bfloat16):
            outputs = self._stack(x, lengths)
        return outputs.float()


def mixes(device: Any) -> bool:
    """Whether `device` is a graphics card that computes in bfloat16. Before torch 1.10 autocast knew float16 alone."""
    return torch.device(device).type == "cuda" and hasattr(torch, "autocast") and torch.cuda.is_bf16_supported()


class Speed:
    """Piece "speed"."""

    (best,) = _BEST
    layout = "channels first"

    @property
    def arithmetic(self) -> str:
        return of_torch(torch) if torch.device(self._device).type == "cpu" else f"CUDA {torch.version.cuda}"

    def __init__(self, device: Any) -> None:
        self._device = device
        self.modes: Mapping[str, str] = {**_DEFAULT, **_BEST, **(_MIXED if mixes(device) else {})}

    def inference(self, network: neutral.Network, weights: Mapping[str, Any], inputs: Any, mode: str) -> TimedTorch:
        model = self._model(network, weights, mode, inputs, training=False)
        x, run = model.take(inputs), model.run
        # Before 1.9 there was no inference_mode.
        without_gradients = getattr(torch, "inference_mode", torch.no_grad)

        def call() -> Any:
            with without_gradients():
                return run(x)

        return TimedTorch(model, None, call)

    def training(self, work: Training, mode: str) -> TimedTorch:
        ((inputs, targets),) = work.batches
        model = self._model(work.network, work.weights, mode, inputs, training=True)
        trainer = TorchTrainer(model, work.loss, work.optimizer)
        x, wanted, run = model.take(inputs), model.take(targets), model.run
        measure, steps = loss_module(work.loss), trainer.optimizer

        def call() -> Any:
            steps.zero_grad()
            value = measure(run(x), wanted)
            value.backward()
            steps.step()
            return value.detach()

        return TimedTorch(model, trainer, call)

    def _model(
        self, network: neutral.Network, weights: Mapping[str, Any], mode: str, inputs: Any, *, training: bool
    ) -> TorchModel:
        if mode not in self.modes:
            raise NotAdapted(f"PyTorch has no mode {mode!r} here; it has {', '.join(self.modes)}")
        model = TorchModel.build(network, weights, self._device)
        stack = model.stack.train(training)
        if mode == "bf16":
            return TorchModel(stack, self._device, run=Mixed(stack, self._device))
        if mode == "script":
            # Traced twice, dropout draws differ: that is no fault of the trace.
            traced = torch.jit.trace(stack, (model.take(inputs),), check_trace=False)
            # Works have no lengths, and the trace none of those.
            return TorchModel(stack, self._device, run=lambda x, _lengths=None: traced(x))
        return model.compiled() if mode == "compile" else model


def piece(name: str, device: Any) -> Speed:
    """The piece "speed"."""
    return Speed(device)
