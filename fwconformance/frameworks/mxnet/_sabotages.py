# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in the real MXNet: each names the capability that must turn red, whatever this adapter does."""

from __future__ import annotations

import contextlib
import functools
from typing import Any, Callable, ContextManager, Iterator, Sequence

import mxnet
from mxnet import autograd, gluon, nd

from fwconformance.frameworks._bridge_faults import bridge_faults
from fwconformance.frameworks._costs_faults import costs_sabotages
from fwconformance.frameworks._idiomatic_faults import usability_sabotages
from fwconformance.frameworks._libraries_faults import library_sabotages
from fwconformance.frameworks._litserve_faults import faults
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.mxnet._sabotages_bindings import BINDING_SABOTAGES
from fwconformance.frameworks.mxnet._sabotages_ecosystem import ECOSYSTEM_SABOTAGES
from fwconformance.frameworks.mxnet._sabotages_export import EXPORT_SABOTAGES
from fwconformance.frameworks.mxnet._sabotages_parallel import PARALLEL_SABOTAGES


def _replacing(owner: Any, names: Sequence[str], make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for name in names:
                stack.enter_context(replaced(owner, name, make))
            yield

    return apply


def _dense_without_bias(original: Any) -> Any:
    def fully_connected(x: Any, weight: Any, bias: Any = None, **named: Any) -> Any:
        return original(x, weight, None, **{**named, "no_bias": True})

    return fully_connected


def _nothing_copied(original: Any) -> Any:
    def copy_params_from(*rest: Any, **named: Any) -> None:
        return None

    return copy_params_from


def _statistics_of_inference(original: Any) -> Any:
    def batch_norm(*arrays: Any, **named: Any) -> Any:
        return original(*arrays, **{**named, "use_global_stats": True})

    return batch_norm


def _never_dropping(original: Any) -> Any:
    def dropout(x: Any, *rest: Any, **named: Any) -> Any:
        return nd.identity(x)

    return dropout


def _naive_log_softmax(original: Any) -> Any:
    """By the logarithm of exponentials that overflow."""

    def log_softmax(x: Any, axis: int = -1, **named: Any) -> Any:
        exponentials = nd.exp(x)
        return nd.log(nd.broadcast_div(exponentials, nd.sum(exponentials, axis=axis, keepdims=True)))

    return log_softmax


def _doubled(original: Any) -> Any:
    def doubled(*arrays: Any, **named: Any) -> Any:
        return original(*arrays, **named) * 2

    return doubled


def _backwards_in_time(original: Any) -> Any:
    """The fused recurrent operator reads its sequences from the end."""

    def rnn(x: Any, *arrays: Any, **named: Any) -> Any:
        return original(nd.reverse(x, axis=0), *arrays, **named)

    return rnn


def _deaf_to_lengths(original: Any) -> Any:
    """The sequence operators take every sequence for full."""

    def operator(x: Any, *rest: Any, **named: Any) -> Any:
        full = nd.ones_like(named["sequence_length"]) * x.shape[named.get("axis", 0)]
        return original(x, *rest, **{**named, "sequence_length": full})

    return operator


def _forgetful(original: Any) -> Any:
    """Momentum is set to zero before each update."""

    @functools.wraps(original)
    def update(self: Any, index: Any, weight: Any, grad: Any, state: Any) -> Any:
        for momentum in state if isinstance(state, (list, tuple)) else [state]:
            if momentum is not None:
                momentum[:] = 0
        return original(self, index, weight, grad, state)

    return update


def _does_nothing(original: Any) -> Any:
    @functools.wraps(original)
    def method(self: Any, *rest: Any, **named: Any) -> None:
        return None

    return method


def _deaf(original: Any) -> Any:
    def seed(number: int, *rest: Any, **named: Any) -> Any:
        return original(0)

    return seed


def _default_gradient(original: Any) -> Any:
    """Runs a user's forward under plain autograd, so that the user's backward is never asked."""

    def call(self: Any, *inputs: Any) -> Any:
        return self.forward(*inputs)

    return call


def _unlabelled(original: Any) -> Any:
    @functools.wraps(original)
    def unpack(record: Any) -> Any:
        header, content = original(record)
        return header._replace(label=0.0), content

    return unpack


def _without_tanh(original: Any) -> Any:
    def tanh(x: Any, *rest: Any, **named: Any) -> Any:
        return mxnet.sym.identity(x)

    return tanh


SABOTAGES: Sequence[Sabotage] = (
    Sabotage(
        name="dense-drops-bias",
        kills="layers.dense",
        case="forward",
        apply=_replacing(nd, ("FullyConnected",), _dense_without_bias),
        description="The operator FullyConnected leaves the bias out.",
    ),
    Sabotage(
        name="batch-norm-uses-running-statistics",
        kills="layers.batch-norm",
        case="training",
        apply=_replacing(nd, ("BatchNorm",), _statistics_of_inference),
        description="The operator BatchNorm normalises by the running statistics in training too.",
    ),
    Sabotage(
        name="dropout-never-drops",
        kills="layers.dropout",
        case="rate",
        apply=_replacing(nd, ("Dropout",), _never_dropping),
        description="The operator Dropout passes everything through.",
    ),
    Sabotage(
        name="squares-doubled",
        kills="losses.regression",
        case="mse",
        apply=_replacing(nd, ("square",), _doubled),
        description="The operator square, which L2Loss is made of, gives twice the square.",
    ),
    Sabotage(
        name="log-softmax-overflows",
        kills="losses.classification",
        case="extreme-logits",
        apply=_replacing(nd, ("log_softmax",), _naive_log_softmax),
        description="The operator log_softmax takes the logarithm of a quotient of exponentials.",
    ),
    Sabotage(
        name="rnn-reads-backwards",
        kills="rnn.lstm",
        case="forward",
        apply=_replacing(nd, ("RNN",), _backwards_in_time),
        description="The fused operator RNN reads its sequences from the end.",
    ),
    Sabotage(
        name="sequence-operators-ignore-lengths",
        kills="rnn.variable-length",
        case="padding-ignored",
        apply=_replacing(nd, ("SequenceMask", "SequenceLast", "SequenceReverse"), _deaf_to_lengths),
        description="SequenceMask, SequenceLast and SequenceReverse take every sequence for full.",
    ),
    Sabotage(
        name="sgd-forgets-momentum",
        kills="train.sgd",
        case="momentum",
        apply=_replacing(mxnet.optimizer.SGD, ("update", "update_multi_precision"), _forgetful),
        description="The optimizer SGD sets its momentum to zero before each update.",
    ),
    Sabotage(
        name="load-forgets-optimizer-state",
        kills="train.checkpoint",
        case="resume-equals-uninterrupted",
        apply=_replacing(gluon.Trainer, ("load_states",), _does_nothing),
        description="Trainer.load_states reads nothing.",
    ),
    Sabotage(
        name="seed-ignored",
        kills="train.reproducible",
        case="other-seed-differs",
        apply=_replacing(mxnet.random, ("seed",), _deaf),
        description="mx.random.seed always seeds with 0.",
    ),
    Sabotage(
        name="custom-layer-not-stepped",
        kills="extend.custom-layer",
        case="trains",
        apply=_replacing(gluon.Trainer, ("step",), _does_nothing),
        description="Trainer.step leaves the parameters as they are.",
    ),
    Sabotage(
        name="custom-backward-ignored",
        kills="extend.custom-gradient",
        case="wrong-on-purpose",
        apply=_replacing(autograd.Function, ("__call__",), _default_gradient),
        description="autograd.Function runs forward under plain autograd and never asks the user's backward.",
    ),
    Sabotage(
        name="dot-doubles",
        kills="extend.custom-operator",
        case="gradients",
        apply=_replacing(nd, ("dot",), _doubled),
        description="The operator dot gives twice the product that the user's operator is given.",
    ),
    Sabotage(
        name="ceil-floors",
        kills="operators.onnx-coverage",
        case="onnx-operator-set",
        apply=_replacing(nd, ("ceil",), lambda _: nd.floor),
        description="The operator ceil gives what floor does.",
    ),
    Sabotage(
        name="cached-op-doubles",
        kills="modes.compiled",
        case="forward-agrees",
        apply=_replacing(gluon.HybridBlock, ("_call_cached_op",), _doubled),
        description="The graph that a hybridized block runs gives twice its output.",
    ),
    Sabotage(
        name="symbol-drops-tanh",
        kills="modes.symbolic",
        case="agrees",
        apply=_replacing(mxnet.sym, ("tanh",), _without_tanh),
        description="The symbol tanh passes its input through.",
    ),
    Sabotage(
        name="trainer-does-not-step",
        kills="tasks.tabular",
        case="trains",
        apply=_replacing(gluon.Trainer, ("step",), _does_nothing),
        description="Trainer.step leaves the parameters as they are.",
    ),
    Sabotage(
        name="dense-doubles",
        kills="speed.smoke",
        case="forward",
        apply=_replacing(nd, ("FullyConnected",), _doubled),
        description="The operator FullyConnected gives twice its result in the network that is timed.",
    ),
    Sabotage(
        name="labels-forgotten",
        kills="vision.data-layers",
        case="in-order",
        apply=_replacing(mxnet.recordio, ("unpack",), _unlabelled),
        description="recordio.unpack gives every record the label 0.",
    ),
    Sabotage(
        name="read-back-symbol-doubles",
        kills="vision.expressive-definition",
        case="read-back",
        apply=_replacing(gluon.SymbolBlock, ("forward",), _doubled),
        description="A SymbolBlock gives twice its result.",
    ),
    Sabotage(
        name="converted-weights-not-taken",
        kills="ecosystem.caffe-conversion",
        case="features",
        apply=_replacing(mxnet.executor.Executor, ("copy_params_from",), _nothing_copied),
        description="Executor.copy_params_from copies nothing.",
    ),
    *PARALLEL_SABOTAGES,
    *EXPORT_SABOTAGES,
    *BINDING_SABOTAGES,
    *ECOSYSTEM_SABOTAGES,
    *faults(EXPORT_SABOTAGES, "symbol-params"),
    *costs_sabotages("mxnet"),
    *bridge_faults(EXPORT_SABOTAGES),
    *library_sabotages("mxnet"),
    *usability_sabotages("mxnet"),
)
