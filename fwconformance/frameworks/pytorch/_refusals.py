# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""Conventions that PyTorch lacks, each with the measurement that shows it."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import torch
from torch import nn

from fwconformance.frameworks._conventions import Convention
from fwconformance.frameworks._probes import refuse

#: Parameters known not to choose the kept variance, the reset's place or epsilon's place, over all versions of PyTorch.
_BATCH_NORM = frozenset({"num_features", "eps", "momentum", "affine", "track_running_stats", "device", "dtype", "bias"})
_RECURRENT = frozenset(
    {
        "mode", "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional",
        "proj_size", "device", "dtype",
    }
)  # fmt: skip
_ADAM = frozenset(
    {
        "params", "lr", "betas", "eps", "weight_decay", "amsgrad", "foreach", "maximize", "capturable",
        "differentiable", "fused", "decoupled_weight_decay",
    }
)  # fmt: skip


def running_variance(
    kind: Any = nn.BatchNorm1d, takes: Any | None = None, *, asked: str = "biased", device: Any = "cpu"
) -> Convention:
    """Keeps the variance of 0 and 2 alone: 1 if biased, 2 if unbiased."""

    def measure() -> float:
        layer = kind(1, momentum=1.0).to(device)
        layer(torch.tensor([[0.0], [2.0]], device=device))
        return float(layer.running_var[0])

    return Convention(
        label="nn.BatchNorm",
        measure=measure,
        gives={"biased": 1.0, "unbiased": 2.0},
        asked=asked,
        takes=takes or kind.__init__,
        known=_BATCH_NORM,
    )


def reset_placement(kind: Any = nn.GRU, takes: Any = nn.RNNBase.__init__, *, device: Any = "cpu") -> Convention:
    """One step, reset gate shut, recurrent bias 1: h is half of tanh(0) if it resets after, of tanh(1) if before."""

    def measure() -> float:
        # Making a layer draws its weights; what cases draw must not hang on which conventions were asked for before.
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            layer = kind(1, 1)
            for parameter in layer.parameters():
                parameter.zero_()
            layer.bias_ih_l0[0] = -100.0
            layer.bias_hh_l0[2] = 1.0
            return float(layer.to(device)(torch.zeros(1, 1, 1, device=device))[0])

    return Convention(
        label="nn.GRU",
        measure=measure,
        gives={"reset after": 0.0, "reset before": 0.5 * math.tanh(1.0)},
        asked="reset before",
        takes=takes,
        known=_RECURRENT,
    )


def epsilon_placement(asked: str, kind: Any = torch.optim.Adam) -> Convention:
    """One step, gradient, rate and epsilon 1: 0.5 if corrected, else sqrt(c2) / (sqrt(c2) + 1)."""
    uncorrected = math.sqrt(0.001) / (math.sqrt(0.001) + 1.0)

    def measure() -> float:
        weight = torch.zeros(1, requires_grad=True)
        weight.grad = torch.ones(1)
        kind([weight], lr=1.0, eps=1.0).step()
        return -float(weight.detach()[0])

    return Convention(
        label="torch.optim.Adam",
        measure=measure,
        gives={"corrected": 0.5, "uncorrected": uncorrected},
        asked=asked,
        takes=kind.__init__,
        known=_ADAM,
    )


def check_running_variance(asked: str, device: Any) -> None:
    """Raises `Unsupported` where batch normalisation on `device` does not keep the variance `asked` for.

    nn.BatchNorm documents "unbiased", and keeps it; only XLA's kernel, which keeps another, has to be asked.
    """
    if asked == "either":
        return
    probe = running_variance(asked=asked, device=device)
    if device.type == "xla":
        absent, _ = probe.run()
        if not absent:
            return
    elif asked == "unbiased":
        return
    refuse(probe)


def reset_before(device: Any) -> NoReturn:
    refuse(reset_placement(device=device))


def adam_placement(asked: str) -> NoReturn:
    refuse(epsilon_placement(asked))
