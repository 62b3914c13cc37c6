"""Faults of layers without time: each class is the reference's own with one thing wrong."""

from __future__ import annotations

from typing import Any, Callable

import attrs
import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks.reference import _layers_dense as dense
from fwconformance.frameworks.reference._attention import SelfAttention
from fwconformance.frameworks.reference._convolution import Conv2D, ConvTranspose2D, Pool2D, windows
from fwconformance.frameworks.reference._layer import Array, Call, Gradients
from fwconformance.frameworks.reference._mutant import Change, fault, layer
from fwconformance.frameworks.reference._normalisation import BatchNorm, LayerNorm, LocalResponseNorm, normalise


@fault("layers.dense", "forward gradients shapes", layer(net.Dense))
class DenseWithoutBias(dense.Dense):
    """The bias is not added."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return inputs @ self.weights["kernel"], inputs


@fault("layers.dense", "gradients shapes", layer(net.Dense))
class DenseBiasGradientAveraged(dense.Dense):
    """The bias gradient is the mean over the batch, not the sum."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        inward, gradients = super().backward(upstream, cache)
        return inward, {role: g / len(upstream) if role == "bias" else g for role, g in gradients.items()}


@fault("layers.conv2d", "forward gradients geometry asymmetric-padding dilated grouped", layer(net.Conv2D))
class Conv2dKernelFlipped(Conv2D):
    """A convolution in the mathematicians' sense: the kernel is turned around."""

    def filters(self) -> Array:
        return super().filters()[..., ::-1, ::-1]


@fault("layers.conv2d", "asymmetric-padding", layer(net.Conv2D))
class Conv2dPaddingWrongWayRound(Conv2D):
    """What is to be padded at the bottom and right is padded at the top and left."""

    def __init__(self, description: Any, weights: dict[str, Array]) -> None:
        turned = tuple(side[::-1] for side in description.padding)
        super().__init__(attrs.evolve(description, padding=turned), weights)


@fault("layers.conv2d", "dilated", layer(net.Conv2D))
class Conv2dIgnoresDilation(Conv2D):
    """Windows read neighbouring cells whatever the dilation."""

    def patches(self, padded: Array) -> Array:
        rows, columns = super().patches(padded).shape[2:4]
        return windows(padded, self.description.kernel, self.description.stride)[:, :, :rows, :columns]


@fault("layers.conv2d", "grouped", layer(net.Conv2D))
class Conv2dGroupsCrossed(Conv2D):
    """Each group of outputs reads the next group of inputs with its kernels."""

    def filters(self) -> Array:
        return np.roll(super().filters(), 1, axis=0)


@fault("layers.conv2d", "gradients geometry", layer(net.Conv2D))
class Conv2dBiasGradientOfLastImage(Conv2D):
    """The bias gradient counts the last image of the batch alone."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        inward, gradients = super().backward(upstream, cache)
        return inward, {role: upstream[-1].sum(axis=(1, 2)) if role == "bias" else g for role, g in gradients.items()}


@fault("layers.conv2d-transpose", "forward gradients geometry grouped", layer(net.ConvTranspose2D))
class ConvTransposeKernelFlipped(ConvTranspose2D):
    """The kernel is turned around, as where a convolution stands for its transpose."""

    def filters(self) -> Array:
        return super().filters()[..., ::-1, ::-1]


@fault("layers.conv2d-transpose", "grouped", layer(net.ConvTranspose2D))
class ConvTransposeGroupsCrossed(ConvTranspose2D):
    """Each group of inputs goes by the next group's kernels."""

    def filters(self) -> Array:
        return np.roll(super().filters(), 1, axis=0)


@fault("layers.conv2d-transpose", "gradients geometry", layer(net.ConvTranspose2D))
class ConvTransposeKernelGradientHalved(ConvTranspose2D):
    """The kernel's gradient is half of what it is."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        inward, gradients = super().backward(upstream, cache)
        return inward, {**gradients, "kernel": gradients["kernel"] / 2}


@fault("layers.pooling", "max gradients", layer(net.Pool2D))
class MaxPoolOfAbsoluteValues(Pool2D):
    """The value furthest from zero wins, not the largest."""

    def choose(self, flat: Array) -> Array:
        return np.abs(flat).argmax(axis=-1)


@fault("layers.pooling", "padded-uncounted", layer(net.Pool2D))
class MaxPoolPaddingWins(Pool2D):
    """Padding counts as zero and wins over negative values."""

    def edge(self) -> float:
        return 0.0


@fault("layers.pooling", "average gradients padded-counted padded-uncounted", layer(net.Pool2D))
class AveragePoolNotDivided(Pool2D):
    """An average is a sum."""

    def counts(self, inputs: Array, padding: Any) -> Array:
        return np.ones_like(super().counts(inputs, padding))


@fault("layers.pooling", "padded-counted padded-uncounted", layer(net.Pool2D))
class AveragePoolCountsTheOtherWay(Pool2D):
    """Padding counts where it should not, and does not where it should."""

    def __init__(self, description: Any, weights: dict[str, Array]) -> None:
        super().__init__(attrs.evolve(description, count_padding=not description.count_padding), weights)


@fault("layers.pooling", "gradients inference-gradients", layer(net.Pool2D))
class PoolOverlapsOverwritten(Pool2D):
    """Where windows overlap the last one's gradient replaces the others'."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        weights, shape, _ = cache
        inward = np.zeros(shape)
        for row in range(upstream.shape[2]):
            for column in range(upstream.shape[3]):
                (top, left), size = np.multiply(self.description.stride, (row, column)), self.description.size
                cell = weights[:, :, row, column] * upstream[:, :, row, column, None, None]
                inward[:, :, top : top + size[0], left : left + size[1]] = cell
        return inward, {}


@fault("layers.pooling", "tied-maxima", layer(net.Pool2D))
class MaxPoolEveryTieTakesAll(Pool2D):
    """Each of several equal maxima takes the window's whole gradient."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        outputs, (_, *rest) = super().forward(inputs, call)
        seen = windows(inputs, self.description.size, self.description.stride)
        return outputs, ((seen == outputs[..., None, None]) * 1.0, *rest)


@fault("layers.batch-norm", "inference gradients", layer(net.BatchNorm))
class BatchNormUsesBatchAtInference(BatchNorm):
    """The batch's statistics are used at inference too."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return super().forward(inputs, attrs.evolve(call, training=True))

    def keep(self, mean: Array, variance: Array, count: int) -> None:
        """Keeps nothing, so that only the outputs tell."""


@fault("layers.batch-norm", "training gradients running-biased running-unbiased", layer(net.BatchNorm))
class BatchNormIgnoresTraining(BatchNorm):
    """The running statistics are used, and not moved, in training."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return super().forward(inputs, attrs.evolve(call, training=False))


@fault("layers.batch-norm", "gradients", layer(net.BatchNorm))
class BatchNormStatisticsHeldConstant(BatchNorm):
    """The gradient takes the batch's statistics for constants."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        normal, inverse, axes, _ = cache
        return super().backward(upstream, (normal, inverse, axes, False))


@fault("layers.batch-norm", "running-biased running-unbiased", layer(net.BatchNorm))
class BatchNormVariancesSwapped(BatchNorm):
    """The unbiased variance is kept for the biased one, and the other way round."""

    def __init__(self, description: Any, weights: dict[str, Array]) -> None:
        other = "biased" if description.running_variance == "unbiased" else "unbiased"
        super().__init__(attrs.evolve(description, running_variance=other), weights)


@fault("layers.local-response-norm", "forward gradients before-pooling", layer(net.LocalResponseNorm))
class ResponseNormWithoutTheFirstNeighbour(LocalResponseNorm):
    """The window begins one channel late."""

    def neighbours(self, values: Array) -> Array:
        lost = np.zeros_like(values)
        half = self.description.size // 2
        lost[:, half:] = values[:, :-half]
        return super().neighbours(values) - lost


@fault("layers.local-response-norm", "gradients before-pooling", layer(net.LocalResponseNorm))
class ResponseNormHeldConstant(LocalResponseNorm):
    """Gradients pass by the window as if it were a constant."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        _, _, base = cache
        return upstream * base**-self.description.beta, {}


@fault("layers.layer-norm", "forward gradients", layer(net.LayerNorm))
class LayerNormUnbiased(LayerNorm):
    """The variance is divided by the features less one."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        count = inputs.shape[-1]
        _, mean, variance, _ = normalise(inputs, (-1,), 0.0)
        inverse = 1.0 / np.sqrt(variance * count / (count - 1) + self.description.epsilon)
        normal = (inputs - mean) * inverse
        return normal * self.weights["scale"] + self.weights["shift"], (normal, inverse)


@fault("layers.layer-norm", "gradients", layer(net.LayerNorm))
class LayerNormStatisticsHeldConstant(LayerNorm):
    """The gradient takes mean and variance for constants."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        _, gradients = super().backward(upstream, cache)
        return upstream * self.weights["scale"] * cache[1], gradients


@fault("layers.dropout", "inference", layer(net.Dropout))
class DropoutAtInference(dense.Dropout):
    """Values are dropped at inference too."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return super().forward(inputs, attrs.evolve(call, training=True))


@fault("layers.dropout", "rate", layer(net.Dropout))
class DropoutKeepsByRate(dense.Dropout):
    """The rate is taken for the probability to keep."""

    def __init__(self, description: Any, weights: dict[str, Array]) -> None:
        super().__init__(attrs.evolve(description, rate=1.0 - description.rate), weights)


@fault("layers.dropout", "expectation gradient-mask", layer(net.Dropout))
class DropoutNotRescaled(dense.Dropout):
    """What is kept is not divided by the probability to keep."""

    def factors(self, shape: tuple[int, ...], call: Call) -> Array:
        return super().factors(shape, call) * (1.0 - self.description.rate)


@fault("layers.dropout", "gradient-mask", layer(net.Dropout))
class DropoutOtherMaskBackward(dense.Dropout):
    """The backward pass draws a mask of its own."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        outputs, factors = super().forward(inputs, call)
        return outputs, None if factors is None else self.factors(inputs.shape, call)


@fault("layers.embedding", "forward gradients", layer(net.Embedding))
class EmbeddingNextRow(dense.Embedding):
    """Rows are counted from one."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return super().forward((inputs + 1) % len(self.weights["table"]), call)


@fault("train.adam", "repeated-ids", layer(net.Embedding), name="adam-misses-repeated-ids")
@fault("layers.embedding", "gradients", layer(net.Embedding))
class EmbeddingRepeatsDropped(dense.Embedding):
    """Of an id that repeats only the last gradient counts."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        gradient = np.zeros_like(self.weights["table"])
        gradient[cache] = upstream
        return np.zeros(cache.shape), {"table": gradient}


@fault("layers.attention", "forward gradients causal", layer(net.SelfAttention))
class AttentionUnscaled(SelfAttention):
    """Scores are not divided by the root of the head's features."""

    def scale(self, features: int) -> float:
        return 1.0


@fault("layers.attention", "forward gradients causal", layer(net.SelfAttention))
class AttentionScaledByAllFeatures(SelfAttention):
    """Scores are divided by the root of all features, not of one head's."""

    def scale(self, features: int) -> float:
        return super().scale(features * self.description.heads)


@fault("layers.attention", "causal", layer(net.SelfAttention))
class AttentionSeesOneAhead(SelfAttention):
    """The causal mask is off by one: a step sees the next."""

    def causal_mask(self, steps: int) -> Array:
        return np.tril(np.ones((steps, steps), dtype=bool), 1)


@fault("layers.attention", "gradients", layer(net.SelfAttention))
class AttentionKeyGradientTransposed(SelfAttention):
    """The gradient of the key kernel comes transposed."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        inward, gradients = super().backward(upstream, cache)
        return inward, {role: g.T if role == "key_kernel" else g for role, g in gradients.items()}


def activation(kind: str) -> Callable[[Any], Change]:
    """In the place of an activation's forward; its backward stays."""

    def change(forward: Any) -> Change:
        functions = {**dense.FUNCTIONS, kind: (forward, dense.FUNCTIONS[kind][1])}
        return layer(net.Activation)(type("FaultyActivation", (dense.Activation,), {"functions": functions}))

    return change


@fault("layers.activation", "relu", activation("relu"))
def relu_leaks(x: Array) -> tuple[Array, Any]:
    """Negative values are let through, a hundredth of them."""
    return np.where(x > 0.0, x, 0.01 * x), x > 0.0


@fault("layers.activation", "tanh", activation("tanh"))
def tanh_in_straight_lines(x: Array) -> tuple[Array, Any]:
    """The values are cut at -1 and 1 instead of bent."""
    return np.clip(x, -1.0, 1.0), np.clip(x, -1.0, 1.0)


@fault("layers.activation", "sigmoid", activation("sigmoid"))
def sigmoid_in_straight_lines(x: Array) -> tuple[Array, Any]:
    """The hard sigmoid of early recurrent layers is used."""
    outputs = np.clip(0.2 * x + 0.5, 0.0, 1.0)
    return outputs, outputs


@fault("layers.activation", "softmax", activation("softmax"))
def softmax_over_another_axis(x: Array) -> tuple[Array, Any]:
    """The last axis but one sums to one."""
    outputs = dense.softmax(x.swapaxes(-1, -2)).swapaxes(-1, -2)
    return outputs, outputs


@fault("layers.activation", "gelu", activation("gelu"))
def gelu_by_tanh(x: Array) -> tuple[Array, Any]:
    """The approximation by tanh is used for the exact function."""
    normal = 0.5 * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (x + 0.044715 * x**3)))
    return x * normal, (x, normal)
