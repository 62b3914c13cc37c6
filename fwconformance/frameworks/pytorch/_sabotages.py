# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in the real PyTorch: each names the capability that must turn red, whatever this adapter does."""

from __future__ import annotations

import contextlib
import copy
import functools
import sys
from typing import Any, Callable, ContextManager, Iterator, Sequence

import torch
from torch import nn

from fwconformance.frameworks._bridge_faults import bridge_faults
from fwconformance.frameworks._costs_faults import costs_sabotages
from fwconformance.frameworks._idiomatic_faults import usability_sabotages
from fwconformance.frameworks._libraries_faults import library_sabotages
from fwconformance.frameworks._litserve_faults import faults
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks._weights_faults import weights_sabotages
from fwconformance.frameworks.pytorch._export_sabotages import EXPORT_SABOTAGES
from fwconformance.frameworks.pytorch._sabotages_autonets import automl_sabotages
from fwconformance.frameworks.pytorch._sabotages_bindings import BINDING_SABOTAGES
from fwconformance.frameworks.pytorch._sabotages_device import DEVICE_SABOTAGES
from fwconformance.frameworks.pytorch._sabotages_ecosystem import ECOSYSTEM_SABOTAGES
from fwconformance.frameworks.pytorch._sabotages_extend import EXTEND_SABOTAGES
from fwconformance.frameworks.pytorch._sabotages_parallel import PARALLEL_SABOTAGES

_kernels = torch._VF  # noqa: SLF001 - what nn.LSTM and nn.GRU call; there is no public name between them and C++


def _replacing(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    return lambda: replaced(owner, name, make)


def _linear_without_bias(original: Any) -> Any:
    def linear(x: Any, weight: Any, bias: Any = None) -> Any:
        return original(x, weight)

    return linear


def _doubled(original: Any) -> Any:
    def doubled(*arguments: Any, **named: Any) -> Any:
        return original(*arguments, **named) * 2

    return doubled


def _statistics_of_inference(original: Any) -> Any:
    """Batch normalisation uses its running statistics in training too."""

    def batch_norm(
        x: Any, mean: Any, variance: Any, weight: Any = None, bias: Any = None, *rest: Any, **named: Any
    ) -> Any:
        eps = rest[2] if len(rest) > 2 else named.get("eps", 1e-5)
        return original(x, mean, variance, weight, bias, False, 0.0, eps)

    return batch_norm


def _dropout_without_scale(original: Any) -> Any:
    """Zeroes values but does not divide the rest by what is kept."""

    def dropout(x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        return original(x, p, training) * (1 - p) if training else x

    return dropout


def _sum_for_mean(original: Any) -> Any:
    def mse_loss(x: Any, target: Any, *rest: Any, **named: Any) -> Any:
        return original(x, target, reduction="sum")

    return mse_loss


def _naive_cross_entropy(original: Any) -> Any:
    """By the logarithm of exponentials that overflow."""

    def cross_entropy(x: Any, target: Any, *rest: Any, **named: Any) -> Any:
        exponentials = torch.exp(x)
        chances = exponentials / exponentials.sum(-1, keepdim=True)
        return -torch.log(chances.gather(-1, target[:, None])).mean()

    return cross_entropy


def _gates_swapped(*names: str) -> Callable[[], ContextManager[None]]:
    """Hands the layer's kernel a copy with its first two gates exchanged, by the op that the module calls."""

    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        def swap(values: Any) -> Any:
            parts = list(values.chunk(4 if "lstm" in names else 3))
            parts[0], parts[1] = parts[1], parts[0]
            return torch.cat(parts)

        def make_scan(original: Any) -> Any:
            def scan(fn: Any, init: Any, xs: Any, **options: Any) -> Any:
                changed = {name: value if name == "h" else swap(value) for name, value in init.items()}
                return original(fn=fn, init=changed, xs=xs, **options)

            return scan

        def make(original: Any) -> Any:
            def kernel(*arguments: Any) -> Any:
                # (input, states, weights, ...) or, packed, (input, batch sizes, states, weights, ...)
                changed: list[Any] = list(arguments)
                place = next(
                    i
                    for i, value in enumerate(arguments)
                    if isinstance(value, list) and isinstance(value[0], nn.Parameter)
                )
                changed[place] = [swap(value) for value in arguments[place]]
                return original(*changed)

            return kernel

        with contextlib.ExitStack() as stack:
            for name in names:
                stack.enter_context(replaced(_kernels, name, make))
                # torch_xla puts a GRU of its own in the place of torch's: a scan that carries the weights.
                own = sys.modules.get(f"torch_xla.experimental.{name}")
                if own is not None:
                    stack.enter_context(replaced(own, "scan", make_scan))
            yield

    return apply


def _all_steps(original: Any) -> Any:
    """Packs every sequence as if it were as long as the longest that fits."""

    def pack(x: Any, lengths: Any, *rest: Any, **named: Any) -> Any:
        return original(x, torch.full_like(torch.as_tensor(lengths), x.shape[1]), *rest, **named)

    return pack


def _forgetful(original: Any) -> Any:
    """Momentum buffers are dropped before each step."""

    @functools.wraps(original)
    def step(self: Any, *rest: Any, **named: Any) -> Any:
        self.state.clear()
        return original(self, *rest, **named)

    return step


def _no_step(original: Any) -> Any:
    @functools.wraps(original)
    def step(self: Any, *rest: Any, **named: Any) -> None:
        return None

    return step


@contextlib.contextmanager
def _no_optimizer_steps() -> Iterator[None]:
    with replaced(torch.optim.SGD, "step", _no_step), replaced(torch.optim.Adam, "step", _no_step):
        yield


def _fresh_optimizer_state(original: Any) -> Any:
    """Reads a checkpoint, but the optimizer's state in it is empty."""

    def load(*arguments: Any, **named: Any) -> Any:
        saved: dict[str, Any] = original(*arguments, **named)
        saved["optimizer"]["state"] = {}
        return saved

    return load


def _deaf(original: Any) -> Any:
    def manual_seed(seed: int) -> Any:
        return original(0)

    return manual_seed


def _default_gradient(original: Any) -> Any:
    """Runs the forward of a user's function under plain autograd, so that the user's backward is never asked."""

    class Context:
        def save_for_backward(self, *tensors: Any) -> None:
            """Nobody will ask for them."""

    def apply(cls: Any, *inputs: Any) -> Any:
        return cls.forward(Context(), *inputs)

    return classmethod(apply)


def _rescaled(factor: float) -> Callable[[Any], Any]:
    def make(original: Any) -> Any:
        def compiled(module: Any, **named: Any) -> Any:
            return lambda *inputs: module(*inputs) * factor

        return compiled

    return make


def _frozen_copy(original: Any) -> Any:
    """Compiles a copy of the module: training the module does not reach it, nor the other way round."""

    def compiled(module: Any, **named: Any) -> Any:
        return copy.deepcopy(module)

    return compiled


def _unchanged(original: Any) -> Any:
    @functools.wraps(original)
    def method(tensor: Any, *rest: Any, **named: Any) -> Any:
        return tensor

    return method


def _without_tanh(original: Any) -> Any:
    @functools.wraps(original)
    def call_function(self: Any, function: Any, args: Any = (), *rest: Any, **named: Any) -> Any:
        return args[0] if function is torch.tanh else original(self, function, args, *rest, **named)

    return call_function


def _unregistered(original: Any) -> Any:
    """A module's parameters are not found by an optimizer."""

    def parameters(self: Any, recurse: bool = True) -> Iterator[Any]:
        return iter([nn.Parameter(torch.zeros(1))])

    return parameters


_functional = nn.functional

SABOTAGES: Sequence[Sabotage] = (
    Sabotage(
        name="linear-drops-bias",
        kills="layers.dense",
        case="forward",
        apply=_replacing(_functional, "linear", _linear_without_bias),
        description="functional.linear leaves the bias out.",
    ),
    Sabotage(
        name="batch-norm-uses-running-statistics",
        kills="layers.batch-norm",
        case="training",
        apply=_replacing(_functional, "batch_norm", _statistics_of_inference),
        description="functional.batch_norm normalises by the running statistics in training too.",
    ),
    Sabotage(
        name="dropout-unscaled",
        kills="layers.dropout",
        case="expectation",
        apply=_replacing(_functional, "dropout", _dropout_without_scale),
        description="functional.dropout does not divide what it keeps.",
    ),
    Sabotage(
        name="mse-sums",
        kills="losses.regression",
        case="mse",
        apply=_replacing(_functional, "mse_loss", _sum_for_mean),
        description="functional.mse_loss sums instead of averaging.",
    ),
    Sabotage(
        name="cross-entropy-overflows",
        kills="losses.classification",
        case="extreme-logits",
        apply=_replacing(_functional, "cross_entropy", _naive_cross_entropy),
        description="functional.cross_entropy takes the logarithm of a quotient of exponentials.",
    ),
    Sabotage(
        name="lstm-gates-swapped",
        kills="rnn.lstm",
        case="forward",
        apply=_gates_swapped("lstm"),
        description="The LSTM kernel is handed its weights with the input and forget gates exchanged.",
    ),
    Sabotage(
        name="gru-gates-swapped",
        kills="rnn.gru",
        case="forward",
        apply=_gates_swapped("gru"),
        description="The GRU kernel is handed its weights with the reset and update gates exchanged.",
    ),
    Sabotage(
        name="packing-ignores-lengths",
        kills="rnn.variable-length",
        case="padding-ignored",
        apply=_replacing(nn.utils.rnn, "pack_padded_sequence", _all_steps),
        description="pack_padded_sequence packs the padding too.",
    ),
    Sabotage(
        name="sgd-forgets-momentum",
        kills="train.sgd",
        case="momentum",
        apply=_replacing(torch.optim.SGD, "step", _forgetful),
        description="torch.optim.SGD drops its momentum buffers before each step.",
    ),
    Sabotage(
        name="load-forgets-optimizer-state",
        kills="train.checkpoint",
        case="resume-equals-uninterrupted",
        apply=_replacing(torch, "load", _fresh_optimizer_state),
        description="torch.load returns a checkpoint whose optimizer state is empty.",
    ),
    Sabotage(
        name="seed-ignored",
        kills="train.reproducible",
        case="other-seed-differs",
        apply=_replacing(torch, "manual_seed", _deaf),
        description="torch.manual_seed always seeds with 0.",
    ),
    Sabotage(
        name="parameters-unregistered",
        kills="extend.custom-layer",
        case="trains",
        apply=_replacing(nn.Module, "parameters", _unregistered),
        description="Module.parameters yields none of the module's own.",
    ),
    Sabotage(
        name="custom-backward-ignored",
        kills="extend.custom-gradient",
        case="wrong-on-purpose",
        apply=_replacing(torch.autograd.Function, "apply", _default_gradient),
        description="autograd.Function.apply runs forward under plain autograd and never asks the user's backward.",
    ),
    Sabotage(
        name="compile-rescales",
        kills="modes.compiled",
        case="forward-agrees",
        apply=_replacing(torch, "compile", _rescaled(1.01)),
        description="torch.compile returns a function whose results are one per cent too large.",
    ),
    Sabotage(
        name="compile-freezes",
        kills="modes.compiled",
        case="training-agrees",
        apply=_replacing(torch, "compile", _frozen_copy),
        description="torch.compile returns a copy that does not share the module's weights.",
    ),
    Sabotage(
        name="graph-drops-tanh",
        kills="modes.symbolic",
        case="agrees",
        # Looked up when planted: torch.fx came with 1.8.
        apply=lambda: replaced(torch.fx.Graph, "call_function", _without_tanh),
        description="fx.Graph.call_function leaves tanh out of the graph.",
    ),
    Sabotage(
        name="optimizers-do-not-step",
        kills="tasks.tabular",
        case="trains",
        apply=_no_optimizer_steps,
        description="SGD and Adam leave the weights as they are.",
    ),
    Sabotage(
        name="linear-doubles",
        kills="speed.smoke",
        case="forward",
        apply=_replacing(_functional, "linear", _doubled),
        description="functional.linear gives twice its result in the network that is timed.",
    ),
    Sabotage(
        name="channels-not-flipped",
        kills="vision.preprocessing",
        case="channels",
        apply=_replacing(torch.Tensor, "flip", _unchanged),
        description="Tensor.flip gives the tensor as it is.",
    ),
    *EXPORT_SABOTAGES,
    *BINDING_SABOTAGES,
    *faults(EXPORT_SABOTAGES, "torch-export"),
    *bridge_faults(EXPORT_SABOTAGES),
    *EXTEND_SABOTAGES,
    *PARALLEL_SABOTAGES,
    *DEVICE_SABOTAGES,
    *ECOSYSTEM_SABOTAGES,
    *costs_sabotages("pytorch"),
    *automl_sabotages(),
    *library_sabotages("pytorch"),
    *weights_sabotages("pytorch"),
    *usability_sabotages("torch"),
)
