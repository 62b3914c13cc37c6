# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What an accelerator shows: the optimizer's state on it, MXNet's automatic mixed precision, no limit on its memory."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import mxnet
from mxnet import autograd, gluon
from mxnet.contrib import amp

from fwconformance.frameworks._builds import of_mxnet
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet._losses import loss_block
from fwconformance.frameworks.mxnet._model import GluonModel
from fwconformance.frameworks.mxnet._training import optimizer_of

#: What a limit is called where frameworks have one; the names are looked for in MXNet's modules for memory and devices.
_LIMITS = ("set_memory_limit", "set_memory_fraction", "set_per_process_memory_fraction", "memory_limit", "mem_limit")


class Accelerator:
    """See `_pieces_device.Accelerator`."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.kind = "float16" if context.device_type == "gpu" else "bfloat16"

    def state(self, trainer: Any) -> Sequence[Any]:
        (updater,) = trainer.trainer._updaters  # noqa: SLF001 - Gluon's Trainer shows its optimizer's state nowhere else
        return [each for kept in updater.states.values() for each in _flat(kept)]

    def train_mixed(self, training: Training, held_out: Any) -> Mapping[str, Any]:
        """`mxnet.contrib.amp`: casts where its lists say so, and a dynamic scale of the loss. For the whole process."""
        amp.init(target_dtype=self.kind)
        model = GluonModel.build(training.network, training.weights, self._context)
        trainer = gluon.Trainer(model.stack.collect_params(), *optimizer_of(training.optimizer))
        amp.init_trainer(trainer)
        measure, seen = loss_block(training.loss), set()
        dense = [each for part in model.stack.parts for each in _within(part) if isinstance(each, gluon.nn.Dense)]
        watching = [
            each.register_forward_hook(lambda _block, _given, outputs: seen.add(_name(outputs))) for each in dense
        ]
        for inputs, targets in training.batches:
            with autograd.record():
                losses = measure(model.run(model.take(inputs)), model.take(targets))
                with amp.scale_loss(losses, trainer) as scaled:
                    autograd.backward(scaled)
            trainer.step(len(inputs))
        with autograd.predict_mode():
            outputs = model.run(model.take(held_out)).astype("float32")
        for each in watching:
            each.detach()
        return {"outputs": outputs, "weights": model.weights(), "computed": ", ".join(sorted(seen))}

    def exceed(self, limit: int, size: int, left: Any, right: Any) -> Mapping[str, Any]:
        """Refuses: MXNet keeps memory back from its own pool (MXNET_GPU_MEM_POOL_RESERVE), and limits what it takes
        nowhere.
        """
        refuse(no_limit())


def no_limit(root: Any = mxnet) -> Lookup:
    """Any of the names that a limit has elsewhere, in MXNet and in its modules for devices and settings."""
    places = (root, root.context, root.context.Context, root.util)
    return Lookup(root=_All(places), label="MXNet, with its context and util,", names=_LIMITS)


class _All:
    """The attributes of several."""

    def __init__(self, places: Sequence[Any]) -> None:
        self._places = places

    def __getattr__(self, name: str) -> Any:
        for place in self._places:
            if hasattr(place, name):
                return getattr(place, name)
        raise AttributeError(name)


def _within(block: Any) -> list[Any]:
    children = block._children.values()  # noqa: SLF001 - as Gluon's own summary goes through them
    return [block, *(each for child in children for each in _within(child))]


def _name(outputs: Any) -> str:
    kind = outputs.dtype
    return str(getattr(kind, "__name__", kind))


def _flat(kept: Any) -> list[Any]:
    if kept is None:
        return []
    return [each for one in kept for each in _flat(one)] if isinstance(kept, (tuple, list)) else [kept]


def piece(name: str, context: Any) -> Any:
    """The piece `name` of `fwconformance.frameworks._pieces_device`."""
    return of_mxnet(mxnet.runtime.Features()) if name == "build" else Accelerator(context)
