# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Pieces for research: autograd over autograd, as far as MXNet's operators go, and an operator by lib_api.h."""

from __future__ import annotations

import functools
import pathlib
from typing import Any, Callable, Mapping

import mxnet
from mxnet import autograd, nd

from fwconformance.frameworks._pieces_extend import operator_project
from fwconformance.frameworks._probes import Refusal, refuse
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._losses import scalar

#: What autograd says where an operator's gradient has no gradient of its own.
_NOT_AGAIN = "didn't register FGradient"


class _Piece:
    def __init__(self, context: Any) -> None:
        self._context = context

    def _take(self, values: Any) -> Any:
        return to_array(values, self._context, "float32")

    def _leaves(self, weights: Mapping[str, Any]) -> dict[str, Any]:
        leaves = {name: self._take(value) for name, value in weights.items()}
        for leaf in leaves.values():
            leaf.attach_grad()
        return leaves


def _again(work: Callable[[], Any], error: Any = mxnet.base.MXNetError) -> Any:
    """What `work` gives; `Unsupported`, in MXNet's words, where it meets a gradient that has none of its own."""
    try:
        return work()
    except error as refused:
        if _NOT_AGAIN not in str(refused):
            raise
        refuse(Refusal(call=work, label="autograd.grad(create_graph=True)", error=error, saying=_NOT_AGAIN))


class HigherOrderPiece(_Piece):
    """`autograd.grad` with `create_graph`, on the operators that MXNet lists for it: FullyConnected for a product,
    whose weights are turned.
    """

    def penalty(self, weights: Mapping[str, Any], inputs: Any) -> tuple[Any, Mapping[str, Any]]:
        def work() -> tuple[Any, Mapping[str, Any]]:
            leaves, x = self._leaves(_turned(weights)), self._take(inputs)
            x.attach_grad()
            with autograd.record():
                outputs = _outputs(leaves, x)
                (slope,) = autograd.grad(outputs, [x], create_graph=True, retain_graph=True)
                penalty = nd.sum(slope * slope) / 2
            penalty.backward()
            return scalar(penalty), _gradients(leaves)

        return _again(work)

    def hessian_vector(
        self, weights: Mapping[str, Any], along: Mapping[str, Any], inputs: Any, targets: Any
    ) -> Mapping[str, Any]:
        def work() -> Mapping[str, Any]:
            leaves, x, away = self._leaves(_turned(weights)), self._take(inputs), self._take(-targets)
            vector = {name: self._take(value) for name, value in _turned(along).items()}
            with autograd.record():
                # Added, since the gradient of a difference has none of its own; not averaged, for the same reason.
                squares = nd.square(_outputs(leaves, x) + away)
                found = autograd.grad(squares, list(leaves.values()), create_graph=True, retain_graph=True)
                slopes = nd.add_n(*(nd.sum(one * vector[name]) for name, one in zip(leaves, found))) / targets.size
            slopes.backward()
            return _gradients(leaves)

        return _again(work)

    def third(self, inputs: Any) -> Any:
        def work() -> Any:
            x = self._take(inputs)
            x.attach_grad()
            with autograd.record():
                (first,) = autograd.grad(nd.tanh(x), [x], create_graph=True, retain_graph=True)
                (second,) = autograd.grad(first, [x], create_graph=True, retain_graph=True)
            second.backward()
            return x.grad

        return _again(work)


def _turned(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Kernels as FullyConnected has them: (units, inputs)."""
    return {"w1": weights["w1"].T, "b1": weights["b1"], "w2": weights["w2"].T}


def _gradients(leaves: Mapping[str, Any]) -> dict[str, Any]:
    return {name: leaf.grad if name == "b1" else nd.transpose(leaf.grad) for name, leaf in leaves.items()}


def _outputs(leaves: Mapping[str, Any], x: Any) -> Any:
    w1, b1, w2 = (leaves[name] for name in ("w1", "b1", "w2"))
    hidden = nd.tanh(nd.FullyConnected(x, w1, b1, num_hidden=w1.shape[0]))
    return nd.FullyConnected(hidden, w2, no_bias=True, num_hidden=w2.shape[0])


@functools.lru_cache(maxsize=None)
def _operator(library: str) -> Any:
    """The operator out of that file, which MXNet takes once a process."""
    mxnet.library.load(library, verbose=False)
    return nd.tamed_cube


class CustomOperatorPiece(_Piece):
    """`mx.library.load`."""

    def project(self) -> Mapping[str, Any]:
        package = pathlib.Path(mxnet.__file__).parent
        if not (package / "include" / "mxnet" / "lib_api.h").is_file():
            raise Unavailable("this MXNet was installed without its header lib_api.h: the wheels for Linux have it")
        version = str(mxnet.__version__)
        settings = {"MXNET_ROOT": str(package), "MXNET_BUILD": version}
        return operator_project("mxnet", "mxnet", "lib_api.h of the installed MXNet", settings, version).to_json()

    def forward(self, library: str, inputs: Any) -> Any:
        return _operator(library)(self._take(inputs))

    def network(
        self, library: str, weights: Mapping[str, Any], inputs: Any, targets: Any
    ) -> tuple[Any, Mapping[str, Any]]:
        leaves, x, t = self._leaves(weights), self._take(inputs), self._take(targets)
        with autograd.record():
            hidden = _operator(library)(nd.broadcast_add(nd.dot(x, leaves["w1"]), leaves["b1"]))
            loss = nd.mean((nd.dot(hidden, leaves["w2"]) - t) ** 2)
        loss.backward()
        return scalar(loss), {name: leaf.grad for name, leaf in leaves.items()}


def piece(name: str, context: Any) -> Any:
    """The piece "higher-order" or "custom-operator"."""
    return {"higher-order": HigherOrderPiece, "custom-operator": CustomOperatorPiece}[name](context)
