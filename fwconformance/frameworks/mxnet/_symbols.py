# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A Gluon block as Symbol and Module take it: a graph with its loss, and parameters by name."""

from __future__ import annotations

from typing import Any, Callable, Iterable

import mxnet
from mxnet import io, nd

from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet._losses import loss_block
from fwconformance.frameworks.mxnet._model import GluonModel
from fwconformance.frameworks.mxnet._training import optimizer_of

#: What NDArrayIter and Module call them by themselves.
INPUT, TARGET = "data", "softmax_label"


class Described:
    """The graph of a training, its parameters, and the settings that Module needs.

    Attributes:
        model: the block with its parameters; reads them back into neutral names.
        graph: outputs, and the loss of each row, which is what is minimised.
    """

    def __init__(self, training: Training, context: Any, group: Callable[[int], str] | None = None) -> None:
        """`group`: of devices, for the layer of that index."""
        self.training = training
        self.model = GluonModel.build(training.network, training.weights, context)
        x = mxnet.sym.var(INPUT)
        for index, part in enumerate(self.model.stack.parts):
            if part.sources:
                raise NotAdapted("the MXNet adapter declares layers one after another alone as symbols")
            with mxnet.AttrScope(**({} if group is None else {"ctx_group": group(index)})):
                x = part(x)
        with mxnet.AttrScope(**({} if group is None else {"ctx_group": group(len(self.model.stack.parts) - 1)})):
            loss = mxnet.sym.make_loss(loss_block(training.loss)(x, mxnet.sym.var(TARGET)))
            self.graph = mxnet.sym.Group([mxnet.sym.BlockGrad(x), loss])

    def module(self, context: Any, **named: Any) -> Any:
        """An unbound Module of the graph; parameters that are not trained stay as they are."""
        kept = [name for name, p in self._parameters() if p.grad_req == "null" and not _is_state(name)]
        return mxnet.mod.Module(
            self.graph,
            data_names=[INPUT],
            label_names=[TARGET],
            context=context,
            fixed_param_names=kept,
            **named,
        )

    def trained(self) -> list[str]:
        """Names of the parameters that are."""
        return [name for name, parameter in self._parameters() if parameter.grad_req != "null"]

    def values(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """(parameters, running statistics) by MXNet's own names."""
        found = {name: parameter.data() for name, parameter in self._parameters()}
        states = {name: value for name, value in found.items() if _is_state(name)}
        return {name: value for name, value in found.items() if name not in states}, states

    def weights(self, values: dict[str, Any], context: Any) -> dict[str, Any]:
        """MXNet's own names to neutral ones and layouts, on `context`."""
        for name, parameter in self._parameters():
            parameter.set_data(values[name].as_in_context(self.model.context))
        return {name: value.as_in_context(context) for name, value in self.model.weights().items()}

    def settings(self) -> dict[str, Any]:
        """`optimizer` and `optimizer_params` of Module."""
        kind, settings = optimizer_of(self.training.optimizer)
        return {"optimizer": kind, "optimizer_params": settings}

    def _parameters(self) -> Iterable[tuple[str, Any]]:
        return self.model.stack.collect_params().items()


def _is_state(name: str) -> bool:
    return name.endswith(("running_mean", "running_var"))


def rows(inputs: Any, targets: Any, size: int) -> Any:
    """An iterator over batches of `size` rows, in their order."""
    return io.NDArrayIter({INPUT: inputs}, {TARGET: targets}, batch_size=size)


def joined(arrays: Iterable[Any]) -> Any:
    """Rows of several batches, one after another."""
    return nd.concat(*arrays, dim=0)
