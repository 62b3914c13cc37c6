# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Neutral layers as modules of torch.nn, and their weights in the neutral layout.

Each part wraps the framework's own module and says how its parameters read and write as neutral roles. `read` takes a
function that picks what to read of a parameter (its value, its gradient), so both share one transposition.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable, Mapping, Tuple

import torch
from torch import nn

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._probes import Refusal, refuse
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.pytorch import _refusals

Pick = Callable[[Any], Any]
Shape = Tuple[int, ...]


class Part(nn.Module):
    """One layer of a network. `lengths` (batch,) or None is for layers that read sequences.

    `sources`, where there are any: indices of the parts whose outputs it takes instead, -1 for the network's inputs.
    """

    inner: Any
    sources: tuple[int, ...] = ()

    def forward(self, x: Any, lengths: Any | None = None) -> Any:
        return self.inner(x)

    def read(self, pick: Pick) -> dict[str, Any]:
        """Trained weights by role, in the neutral layout."""
        return {}

    def state(self) -> dict[str, Any]:
        """Kept but untrained weights by role."""
        return {}

    def write(self, values: Mapping[str, Any]) -> None:
        """Take neutral `values` by role; called under no_grad."""


class Plain(Part):
    """A module without weights."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner


class DensePart(Part):
    def __init__(self, layer: neutral.Dense, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        self.inner = nn.Linear(shapes["kernel"][0], layer.units, bias=layer.bias)

    def read(self, pick: Pick) -> dict[str, Any]:
        found = {"kernel": pick(self.inner.weight).t()}
        if self.inner.bias is not None:
            found["bias"] = pick(self.inner.bias)
        return found

    def write(self, values: Mapping[str, Any]) -> None:
        self.inner.weight.copy_(values["kernel"].t())
        if self.inner.bias is not None:
            self.inner.bias.copy_(values["bias"])


class ConvPart(Part):
    def __init__(self, layer: neutral.Conv2D, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        (top, bottom), (left, right) = layer.padding
        symmetric = top == bottom and left == right
        # Conv2d pads both sides alike; the other padding is PyTorch's own padding layer before it, as its users write
        # it.
        self.around = None if symmetric else nn.ZeroPad2d((left, right, top, bottom))
        self.inner = nn.Conv2d(
            shapes["kernel"][1] * layer.groups,
            layer.channels,
            layer.kernel,
            stride=layer.stride,
            padding=(top, left) if symmetric else 0,
            dilation=layer.dilation,
            groups=layer.groups,
            bias=layer.bias,
        )

    def forward(self, x: Any, lengths: Any | None = None) -> Any:
        return self.inner(x if self.around is None else self.around(x))

    def read(self, pick: Pick) -> dict[str, Any]:
        found = {"kernel": pick(self.inner.weight)}
        if self.inner.bias is not None:
            found["bias"] = pick(self.inner.bias)
        return found

    def write(self, values: Mapping[str, Any]) -> None:
        self.inner.weight.copy_(values["kernel"])
        if self.inner.bias is not None:
            self.inner.bias.copy_(values["bias"])


class ConvTransposePart(Part):
    def __init__(self, layer: neutral.ConvTranspose2D, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        self.inner = nn.ConvTranspose2d(
            shapes["kernel"][0],
            layer.channels,
            layer.kernel,
            stride=layer.stride,
            padding=layer.padding,
            groups=layer.groups,
            bias=layer.bias,
        )

    read, write = ConvPart.read, ConvPart.write


class NormPart(Part):
    """Batch and layer normalisation: scale and shift, and running statistics where the module keeps them."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner

    def read(self, pick: Pick) -> dict[str, Any]:
        return {"scale": pick(self.inner.weight), "shift": pick(self.inner.bias)}

    def state(self) -> dict[str, Any]:
        if isinstance(self.inner, nn.LayerNorm):
            return {}
        return {"mean": self.inner.running_mean, "variance": self.inner.running_var}

    def write(self, values: Mapping[str, Any]) -> None:
        self.inner.weight.copy_(values["scale"])
        self.inner.bias.copy_(values["shift"])
        for role, buffer in self.state().items():
            buffer.copy_(values[role])


class EmbeddingPart(Part):
    def __init__(self, layer: neutral.Embedding) -> None:
        super().__init__()
        self.inner = nn.Embedding(layer.vocabulary, layer.features)

    def read(self, pick: Pick) -> dict[str, Any]:
        return {"table": pick(self.inner.weight)}

    def write(self, values: Mapping[str, Any]) -> None:
        self.inner.weight.copy_(values["table"])


class RecurrentPart(Part):
    """nn.LSTM or nn.GRU, batch first; ragged sequences are packed, PyTorch's own way of leaving padding out."""

    def __init__(self, layer: Any, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        self.gated = isinstance(layer, neutral.GRU)
        kind = nn.GRU if self.gated else nn.LSTM
        features = shapes["kernel"][0]
        self.inner = kind(features, layer.units, batch_first=True, bidirectional=layer.bidirectional)
        self.sequences = layer.sequences
        self.directions = [("", "l0")] + ([("backward_", "l0_reverse")] if layer.bidirectional else [])
        if not self.gated:
            # A neutral LSTM trains one bias. Two would move it twice a step, so the recurrent one stays as it is.
            for _, suffix in self.directions:
                getattr(self.inner, f"bias_hh_{suffix}").requires_grad_(False)

    def forward(self, x: Any, lengths: Any | None = None) -> Any:
        steps = x.shape[1]
        if lengths is not None:
            # Lengths live on the host: pack_padded_sequence asks for that.
            x = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        outputs, last = self.inner(x)
        if self.sequences:
            if lengths is not None:
                outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=steps)
            return outputs
        hidden = last if self.gated else last[0]
        return torch.cat(tuple(hidden), dim=-1)

    def read(self, pick: Pick) -> dict[str, Any]:
        found = {}
        for prefix, suffix in self.directions:
            found[f"{prefix}kernel"] = pick(getattr(self.inner, f"weight_ih_{suffix}")).t()
            found[f"{prefix}recurrent"] = pick(getattr(self.inner, f"weight_hh_{suffix}")).t()
            bias = pick(getattr(self.inner, f"bias_ih_{suffix}"))
            recurrent = pick(getattr(self.inner, f"bias_hh_{suffix}"))
            if self.gated:
                found[f"{prefix}bias"], found[f"{prefix}recurrent_bias"] = bias, recurrent
            else:
                # PyTorch's own initialisation fills both; they only ever act as their sum. The frozen one has no
                # gradient.
                found[f"{prefix}bias"] = bias + recurrent
        return found

    def write(self, values: Mapping[str, Any]) -> None:
        for prefix, suffix in self.directions:
            getattr(self.inner, f"weight_ih_{suffix}").copy_(values[f"{prefix}kernel"].t())
            getattr(self.inner, f"weight_hh_{suffix}").copy_(values[f"{prefix}recurrent"].t())
            getattr(self.inner, f"bias_ih_{suffix}").copy_(values[f"{prefix}bias"])
            recurrent = getattr(self.inner, f"bias_hh_{suffix}")
            recurrent.copy_(values[f"{prefix}recurrent_bias"]) if self.gated else recurrent.zero_()


class JoinPart(Part):
    """A sum of outputs, or outputs joined by channels."""

    def __init__(self, layer: Any, index: int) -> None:
        super().__init__()
        self.sources = neutral.sources(layer, index)
        self.adds = isinstance(layer, neutral.Shortcut)

    def forward(self, *earlier: Any) -> Any:
        if self.adds:
            return earlier[0] + earlier[1]
        return earlier[0] if len(earlier) == 1 else torch.cat(earlier, dim=1)


class AttentionPart(Part):
    """nn.MultiheadAttention with query, key and value the same."""

    def __init__(self, layer: neutral.SelfAttention, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        # Before 1.9 it takes sequences with their steps first alone.
        self.turned = "batch_first" not in inspect.signature(nn.MultiheadAttention).parameters
        order = {} if self.turned else {"batch_first": True}
        self.inner = nn.MultiheadAttention(shapes["query_kernel"][0], layer.heads, **order)
        self.causal = layer.causal

    def forward(self, x: Any, lengths: Any | None = None) -> Any:
        steps = x.shape[1]
        unseen = torch.ones(steps, steps, dtype=torch.bool, device=x.device).triu(1) if self.causal else None
        padding = None if lengths is None else torch.arange(steps, device=x.device)[None, :] >= lengths[:, None]
        x = x.transpose(0, 1) if self.turned else x
        found = self.inner(x, x, x, key_padding_mask=padding, need_weights=False, attn_mask=unseen)[0]
        return found.transpose(0, 1) if self.turned else found

    def read(self, pick: Pick) -> dict[str, Any]:
        kernels = pick(self.inner.in_proj_weight).chunk(3)
        biases = pick(self.inner.in_proj_bias).chunk(3)
        found = {"output_kernel": pick(self.inner.out_proj.weight).t(), "output_bias": pick(self.inner.out_proj.bias)}
        for name, kernel, bias in zip(("query", "key", "value"), kernels, biases):
            found[f"{name}_kernel"], found[f"{name}_bias"] = kernel.t(), bias
        return found

    def write(self, values: Mapping[str, Any]) -> None:
        names = ("query", "key", "value")
        self.inner.in_proj_weight.copy_(torch.cat([values[f"{name}_kernel"].t() for name in names]))
        self.inner.in_proj_bias.copy_(torch.cat([values[f"{name}_bias"] for name in names]))
        self.inner.out_proj.weight.copy_(values["output_kernel"].t())
        self.inner.out_proj.bias.copy_(values["output_bias"])


def pool(layer: neutral.Pool2D) -> Any:
    kinds: dict[str, Callable[[], Any]] = {
        "max": lambda: nn.MaxPool2d(layer.size, layer.stride, layer.padding),
        "average": lambda: nn.AvgPool2d(layer.size, layer.stride, layer.padding, count_include_pad=layer.count_padding),
    }
    if any(2 * pad > size for pad, size in zip(layer.padding, layer.size)):
        refuse(
            Refusal(
                call=lambda: kinds[layer.kind]()(torch.zeros(1, 1, *[4 * size for size in layer.size])),
                label=f"pooling of {layer.size} with padding {layer.padding}",
                error=RuntimeError,
                saying="pad should be at most half",
            )
        )
    return kinds[layer.kind]()


ACTIVATIONS: Mapping[str, Callable[[], Any]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "softmax": lambda: nn.Softmax(dim=-1),
}


def part(layer: Any, index: int, shapes: Mapping[str, Shape], rank: int, device: Any) -> Part:
    """The module for `layer`, at `index` of its network, still on the CPU; `shapes` are its weights' by role, `rank`
    that of its input, the batch axis included; `device` is where it will work, and where its conventions are measured.

    Raises `Unsupported` for a convention that PyTorch lacks, NotAdapted for a layer that this adapter does not know.
    """
    if isinstance(layer, neutral.Dense):
        return DensePart(layer, shapes)
    if isinstance(layer, neutral.Conv2D):
        return ConvPart(layer, shapes)
    if isinstance(layer, neutral.ConvTranspose2D):
        return ConvTransposePart(layer, shapes)
    if isinstance(layer, neutral.Pool2D):
        return Plain(pool(layer))
    if isinstance(layer, neutral.BatchNorm):
        _refusals.check_running_variance(layer.running_variance, device)
        kind = nn.BatchNorm2d if rank == 4 else nn.BatchNorm1d
        return NormPart(kind(shapes["scale"][0], eps=layer.epsilon, momentum=layer.rate))
    if isinstance(layer, neutral.LayerNorm):
        return NormPart(nn.LayerNorm(shapes["scale"][0], eps=layer.epsilon))
    if isinstance(layer, neutral.LocalResponseNorm):
        return Plain(nn.LocalResponseNorm(layer.size, layer.alpha, layer.beta, layer.constant))
    if isinstance(layer, neutral.Dropout):
        return Plain(nn.Dropout(layer.rate))
    if isinstance(layer, neutral.Embedding):
        return EmbeddingPart(layer)
    if isinstance(layer, neutral.GRU) and layer.reset == "before":
        _refusals.reset_before(device)
    if isinstance(layer, (neutral.LSTM, neutral.GRU)):
        return RecurrentPart(layer, shapes)
    if isinstance(layer, neutral.SelfAttention):
        return AttentionPart(layer, shapes)
    if isinstance(layer, neutral.Activation) and layer.kind in ACTIVATIONS:
        return Plain(ACTIVATIONS[layer.kind]())
    if isinstance(layer, neutral.Flatten):
        return Plain(nn.Flatten())
    if isinstance(layer, (neutral.Shortcut, neutral.Route)):
        return JoinPart(layer, index)
    raise NotAdapted(f"the PyTorch adapter does not know {layer!r}")


def grouped(shapes: Mapping[str, Shape], layers: int) -> list[dict[str, Shape]]:
    """``{"0.kernel": shape}`` as one mapping by role for each layer."""
    found: list[dict[str, Shape]] = [{} for _ in range(layers)]
    for name, shape in shapes.items():
        index, role = name.split(".", 1)
        found[int(index)][role] = shape
    return found
