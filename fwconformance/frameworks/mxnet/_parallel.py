# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Training on several devices of one host: gluon.Trainer over a list of contexts, as MXNet's tutorials do."""

from __future__ import annotations

import importlib
import time
from typing import Any, Mapping, Sequence

import mxnet
from mxnet import autograd, gluon, nd

from fwconformance.frameworks._protocol import NotAdapted, Unavailable
from fwconformance.frameworks._remote import Worker, each_on_its_own
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._losses import loss_block, scalar
from fwconformance.frameworks.mxnet._model import GluonModel
from fwconformance.frameworks.mxnet._training import optimizer_of
from fwconformance.processes import Program

#: Pieces that are in modules of their own.
_ELSEWHERE: Mapping[str, str] = {
    "multi-process": "_parallel_processes",
    "multi-process-fit": "_parallel_fit",
    "sharded-data-parallel": "_parallel_refusals",
    "model-parallel": "_parallel_model",
    "recovery": "_parallel_processes",
}


class Replicas:
    """A model with a replica of its parameters on each context, and its trainer.

    Attributes:
        contexts: where the parameters say that they lie.
        stack: the block.
    """

    def __init__(self, training: Training, contexts: Sequence[Any], **trainer: Any) -> None:
        self.stack = GluonModel.build(training.network, training.weights, contexts[0]).stack
        parameters = self.stack.collect_params()
        parameters.reset_ctx(list(contexts))
        self.contexts = next(iter(parameters.values())).list_ctx()
        self.trainer = gluon.Trainer(parameters, *optimizer_of(training.optimizer), **trainer)
        self._measure = loss_block(training.loss)

    def load(self, values: Any) -> list[Any]:
        """Rows of a batch on each context, as gluon shares them out."""
        kind = "int64" if values.dtype.kind in "iu" else "float32"
        return gluon.utils.split_and_load(to_array(values, self.contexts[0], kind), self.contexts)

    def step(self, inputs: Sequence[Any], targets: Sequence[Any], rows: int) -> tuple[list[Any], Any]:
        """(outputs on each context, losses of the rows on the first one), before the update.

        `rows` are those of the whole batch, the other processes' with them.
        """
        with autograd.record():
            outputs = [self.stack(x) for x in inputs]
            losses = [self._measure(y, t) for y, t in zip(outputs, targets)]
        autograd.backward(losses)
        self.trainer.step(rows)
        return [each.detach() for each in outputs], losses[0]

    def weights(self, context: Any) -> dict[str, Any]:
        """The replica on `context`, neutral names and layout."""
        found = {}
        for index, part in enumerate(self.stack.parts):
            values = {**part.read(lambda parameter: parameter.data(context)), **_state(part, context)}
            found.update({f"{index}.{role}": value.copy() for role, value in values.items()})
        return found


class ContextsPiece:
    """`Launched`: one process drives all devices."""

    def __init__(self, context: Any) -> None:
        self._kind = context.device_type

    def workers(self, devices: int) -> int:
        """One."""
        return 1

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """Raises Unavailable where there are fewer devices than that."""
        contexts(self._kind, devices)
        return each_on_its_own(worker, 1)


class DataParallel(ContextsPiece):
    """One trainer over all contexts; its key-value store sums the gradients."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.DataParallel`."""
        replicas = Replicas(training, contexts(self._kind, devices), kvstore="device")
        given: list[list[Any]] = []
        computed: list[list[Any]] = []
        for inputs, targets in training.batches:
            given.append(replicas.load(inputs))
            computed.append(replicas.step(given[-1], replicas.load(targets), len(inputs))[0])
        return [
            {
                "weights": replicas.weights(context),
                "inputs": [step[index] for step in given],
                "outputs": [step[index] for step in computed],
            }
            for index, context in enumerate(replicas.contexts)
        ]


class Throughput(ContextsPiece):
    """The same, each step timed between two moments at which MXNet's engine has nothing left to do."""

    def seconds(self, training: Training, devices: int) -> Mapping[str, Any]:
        """See `_pieces_parallel.Throughput`. Rows are dealt and moved to their device before the clock starts."""
        replicas = Replicas(training, contexts(self._kind, devices), kvstore="device")
        batches = [(replicas.load(inputs), replicas.load(targets), len(inputs)) for inputs, targets in training.batches]
        found, losses = [], None
        for batch in batches:
            nd.waitall()
            begun = time.perf_counter()
            _, losses = replicas.step(*batch)
            nd.waitall()
            found.append(repr(time.perf_counter() - begun))
        return {"seconds": found, "loss": None if losses is None else scalar(losses.mean())}


def contexts(kind: str, devices: int) -> list[Any]:
    """`devices` of them. Raises Unavailable where there are not as many GPUs.

    A context cpu(i) is a device of its own to MXNet, with memory and queues of its own, on the one processor.
    """
    if kind == "gpu":
        here = mxnet.context.num_gpus()
        if here < devices:
            raise Unavailable(f"{devices} CUDA devices are needed, {here} here: run it on a machine that has them")
        return [mxnet.gpu(index) for index in range(devices)]
    return [mxnet.cpu(index) for index in range(devices)]


def _state(part: Any, context: Any) -> dict[str, Any]:
    return {role: parameter.data(context) for role, parameter in part.state().items()}


PIECES: Mapping[str, Any] = {"data-parallel": DataParallel, "throughput": Throughput}


def piece(name: str, context: Any) -> Any:
    """Raises `Unsupported` for what MXNet lacks, NotAdapted for what this adapter does."""
    if name in PIECES:
        return PIECES[name](context)
    if name in _ELSEWHERE:
        return importlib.import_module(f"{__package__}.{_ELSEWHERE[name]}").PIECES[name](context)
    raise NotAdapted(f"the MXNet adapter does not offer the piece {name!r} yet")
