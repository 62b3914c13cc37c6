"""The neutral description of a network: what every framework is asked to build.

A description holds no framework's habits. Where frameworks differ by convention (when a GRU resets, which variance
batch normalisation keeps, what average pooling divides by), the convention is a field, and a framework that lacks one
is `unsupported` in that variant, not wrong.

Layouts, for every framework (adapters transpose):

- images are ``(batch, channels, height, width)``; sequences ``(batch, time, features)``; token ids ``(batch, time)``;
- a dense kernel is ``(in, out)``; a convolution kernel ``(out, in / groups, height, width)``;
- LSTM gates stand in the order input, forget, cell, output; GRU gates in the order reset, update, new.

Weights travel beside the description as a mapping from ``"<layer index>.<role>"`` to a NumPy array; each class names
its roles and shapes. Roles in ``state`` are kept but not trained (batch normalisation's running statistics).
"""

from __future__ import annotations

from typing import Sequence, Tuple, Union

import attrs

Pair = Tuple[int, int]
Padding = Tuple[Pair, Pair]  # ((top, bottom), (left, right))


@attrs.frozen(kw_only=True)
class Dense:
    """``y = x @ kernel + bias`` over the last axis. Roles: kernel (in, units), bias (units,) if `bias`."""

    units: int
    bias: bool = True


@attrs.frozen(kw_only=True)
class Conv2D:
    """Cross-correlation. Roles: kernel (channels, in / groups, kh, kw), bias (channels,) if `bias`.

    `padding` is in rows and columns of zeros on each side, so asymmetric "same" padding can be said.
    """

    channels: int
    kernel: Pair
    stride: Pair = (1, 1)
    padding: Padding = ((0, 0), (0, 0))
    dilation: Pair = (1, 1)
    groups: int = 1
    bias: bool = True


@attrs.frozen(kw_only=True)
class ConvTranspose2D:
    """Transposed convolution (deconvolution): what takes a convolution's outputs back to where its windows were.

    Each input cell adds its value times the kernel to a window of the output; windows start `stride` apart, and
    `padding` rows and columns are cut from either side: an axis of n cells becomes ``(n - 1) * stride + kernel - 2 *
    padding``. Roles: kernel (in, channels / groups, kh, kw), the kernel of the `Conv2D` whose gradient by its inputs
    this is; bias (channels,) if `bias`.
    """

    channels: int
    kernel: Pair
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    groups: int = 1
    bias: bool = True


@attrs.frozen(kw_only=True)
class Pool2D:
    """Pooling over windows; `kind` is "max" or "average". No roles.

    `padding` is symmetric per axis. `count_padding`: whether an average divides by the whole window (True) or by the
    cells of it that lie on the image (False); padding never wins a maximum.
    """

    kind: str
    size: Pair
    stride: Pair
    padding: Pair = (0, 0)
    count_padding: bool = False


@attrs.frozen(kw_only=True)
class BatchNorm:
    """Normalises over batch (and space) per channel, axis 1. Roles: scale, shift, and state: mean, variance; all
    (channels,).

    Training normalises by the batch's biased variance and moves each running value by
    ``running += rate * (batch - running)``. `running_variance` says which variance is kept: "biased", "unbiased",
    or "either" where that is the framework's own affair.
    """

    rate: float = 0.1
    epsilon: float = 1e-5
    running_variance: str = "biased"


@attrs.frozen(kw_only=True)
class LayerNorm:
    """Normalises over the last axis by its biased variance. Roles: scale, shift; both (features,)."""

    epsilon: float = 1e-5


@attrs.frozen(kw_only=True)
class LocalResponseNorm:
    """``y = x / (constant + alpha / size * s) ** beta``, `s` the sum of squares over `size` neighbouring channels.

    Local response normalisation across channels (Krizhevsky, Sutskever and Hinton, 2012, section 3.3), with alpha
    divided by the number of channels as in Caffe; channels beyond the edges count as zeros. `size` is odd. No roles.
    """

    size: int = 5
    alpha: float = 1e-4
    beta: float = 0.75
    constant: float = 1.0


@attrs.frozen(kw_only=True)
class Dropout:
    """In training zeroes each value with probability `rate` and divides the rest by ``1 - rate``; else passes
    through.
    """

    rate: float


@attrs.frozen(kw_only=True)
class Embedding:
    """Rows of a table by integer id. Roles: table (vocabulary, features)."""

    vocabulary: int
    features: int


@attrs.frozen(kw_only=True)
class LSTM:
    """LSTM of Gers, Schmidhuber and Cummins (2000), no peepholes: c = f*c + i*tanh(g), h = o*tanh(c), state starts at
    0.

    Roles: kernel (in, 4 units), recurrent (units, 4 units), bias (4 units,); with `bidirectional` the same again as
    backward_kernel, backward_recurrent, backward_bias, and the output is forward and backward, concatenated on the
    last axis. Output is (batch, time, units) if `sequences`, else the last state (batch, units): for the backward
    direction the one after reading the first step. A framework with two bias vectors puts `bias` in the one added to
    the input product and zeros in the other.
    """

    units: int
    sequences: bool = True
    bidirectional: bool = False


@attrs.frozen(kw_only=True)
class GRU:
    """GRU of Cho and others (2014): h = z*h + (1-z)*n.

    `reset` "before": n = tanh(x Wn + (r*h) Un + bn), as in the paper. `reset` "after": n = tanh(x Wn + bn + r*(h Un +
    cn)), as in cuDNN. Roles: kernel (in, 3 units), recurrent (units, 3 units), bias (3 units,), and with "after" also
    recurrent_bias (3 units,), whose reset and update parts simply add to `bias`. `sequences`, `bidirectional` as in
    LSTM.
    """

    units: int
    reset: str = "after"
    sequences: bool = True
    bidirectional: bool = False


@attrs.frozen(kw_only=True)
class SelfAttention:
    """Multi-head scaled dot-product self-attention (Vaswani and others, 2017), with biases; features = input features.

    Roles: query_kernel, key_kernel, value_kernel, output_kernel, each (features, features) and applied as ``x @
    kernel``; query_bias, key_bias, value_bias, output_bias, each (features,). Heads split the last axis in contiguous
    blocks. `causal`: a step sees itself and the steps before it.
    """

    heads: int
    causal: bool = False


@attrs.frozen(kw_only=True)
class Activation:
    """An element-wise function, or softmax over the last axis: "relu", "tanh", "sigmoid", "gelu" (exact, by erf),
    "softmax".
    """

    kind: str


@attrs.frozen(kw_only=True)
class Flatten:
    """All axes but the first become one, in row-major order of the neutral layout (channels, height, width)."""


@attrs.frozen(kw_only=True)
class Shortcut:
    """Adds the outputs of an earlier layer to its inputs, of the same shape: the shortcut of He and others (2016).

    `layer`: the earlier one's index; -1 for the network's inputs. No roles. Named, like `Route`, after what Darknet's
    descriptions of networks call it.
    """

    layer: int


@attrs.frozen(kw_only=True)
class Route:
    """The outputs of earlier layers instead of those of the layer before: where a branch starts, or branches meet.

    `layers`: the earlier ones' indices; -1 for the network's inputs. Several are joined in that order on the axis after
    the batch: channels of images, features of vectors; sequences are not joined. No roles.
    """

    layers: tuple[int, ...]


Layer = Union[
    Dense,
    Conv2D,
    ConvTranspose2D,
    Pool2D,
    BatchNorm,
    LayerNorm,
    LocalResponseNorm,
    Dropout,
    Embedding,
    LSTM,
    GRU,
    SelfAttention,
    Activation,
    Flatten,
    Shortcut,
    Route,
]


@attrs.frozen(kw_only=True)
class Network:
    """Layers applied one after another, but where a `Shortcut` or a `Route` says otherwise.

    `input_shape` leaves out the batch axis; a time axis may be None (any length).

    `integer_input` is True where the input is token ids (int64), False where it is real (float32).
    """

    layers: tuple[Layer, ...]
    input_shape: tuple[int | None, ...]
    integer_input: bool = False


@attrs.frozen(kw_only=True)
class Loss:
    """A scalar loss, the mean over the batch (and over every other axis of the output but the class axis).

    `kind`: "mse", "mae", "huber" (delta 1: 0.5 d^2 if |d| <= 1, else |d| - 0.5), "binary-cross-entropy" (from logits,
    targets in [0, 1]), "cross-entropy" (from logits over the last axis, integer targets with that axis dropped).
    """

    kind: str


@attrs.frozen(kw_only=True)
class SGD:
    """``v = momentum * v + g; w -= rate * v`` (with `nesterov`: ``w -= rate * (g + momentum * v)``)."""

    rate: float
    momentum: float = 0.0
    nesterov: bool = False


@attrs.frozen(kw_only=True)
class Adam:
    """Adam of Kingma and Ba (2015). `epsilon_placement` says where epsilon is added.

    "corrected": ``w -= rate * (m / c1) / (sqrt(v / c2) + epsilon)``, as in the paper's algorithm 1;
    "uncorrected": ``w -= rate * sqrt(c2) / c1 * m / (sqrt(v) + epsilon)``, as in the paper's section 2;
    with ``c1 = 1 - beta1**t`` and ``c2 = 1 - beta2**t``.
    """

    rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-7
    epsilon_placement: str = "corrected"


@attrs.frozen(kw_only=True)
class AdaGrad:
    """AdaGrad of Duchi, Hazan and Singer (2011), diagonal: ``a += g ** 2``, from `initial`.

    `epsilon_placement`: "outside": ``w -= rate * g / (sqrt(a) + epsilon)``, as in the paper; "inside":
    ``w -= rate * g / sqrt(a + epsilon)``.
    """

    rate: float
    epsilon: float = 1e-7
    epsilon_placement: str = "outside"
    initial: float = 0.0


@attrs.frozen(kw_only=True)
class RMSProp:
    """RMSProp of Tieleman and Hinton (2012): AdaGrad with ``a = decay * a + (1 - decay) * g ** 2``."""

    rate: float
    decay: float = 0.9
    epsilon: float = 1e-7
    epsilon_placement: str = "outside"
    initial: float = 0.0


@attrs.frozen(kw_only=True)
class AdaDelta:
    """AdaDelta of Zeiler (2012): ``a = decay * a + (1 - decay) * g ** 2``,
    ``d = sqrt(b + epsilon) / sqrt(a + epsilon) * g``, ``b = decay * b + (1 - decay) * d ** 2``, ``w -= rate * d``; the
    paper's rate is 1.
    """

    rate: float = 1.0
    decay: float = 0.95
    epsilon: float = 1e-6


Optimizer = Union[SGD, Adam, AdaGrad, RMSProp, AdaDelta]

#: Roles that a framework keeps but does not train.
STATE_ROLES = frozenset({"mean", "variance"})


def sources(layer: Layer, index: int) -> tuple[int, ...]:
    """Indices of the layers whose outputs `layer`, at `index` of its network, takes; -1 stands for the inputs."""
    if isinstance(layer, Route):
        return layer.layers
    return (index - 1, layer.layer) if isinstance(layer, Shortcut) else (index - 1,)


def recalled(layers: Sequence[Layer]) -> frozenset[int]:
    """Indices of those of `layers` (-1: the inputs) whose outputs are asked for again later than by the next layer."""
    return frozenset(
        source
        for index, layer in enumerate(layers)
        if isinstance(layer, (Shortcut, Route))
        for source in sources(layer, index)
        if source != index - 1
    )


def weight_shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """The weights that `network` takes, name to shape, in layer order and then in each class's role order.

    Raises ValueError where a layer cannot follow the one before it (a convolution on a vector, say).
    """
    from fwconformance.frameworks._shapes import weight_shapes as infer

    return infer(network)
