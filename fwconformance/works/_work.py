"""One piece of work, and what is drawn for it from a seed."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from fwconformance.frameworks import (
    GRU,
    LSTM,
    SGD,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Embedding,
    Loss,
    Network,
    Route,
    SelfAttention,
    Shortcut,
    Training,
    output_shape,
    shapes_along,
    weight_shapes,
)
from fwconformance.works._draws import ids, initial_weights, spread
from fwconformance.works._tolerance import FRESH, IN_HALF, Half

Array = Any  # numpy.ndarray

#: So small that thousands of steps on one batch leave the weights near where they began: no value becomes denormal,
#: which would slow a processor down in one framework and not in another.
_RATE = 1e-4


@attrs.frozen(kw_only=True)
class Work:
    """What is timed.

    Attributes:
        id: of the catalog, kebab-case.
        title: for people.
        network: what computes.
        batch: examples a call.
        trains: a step of stochastic gradient descent with momentum on cross-entropy, else a forward pass.
        rtol, atol: how near outputs, losses, gradients and updated weights must be to the oracle's.
        gradients: how far a gradient may be from the oracle's, as a share of its Euclidean norm.
        half: how far results may be in a mode that computes in 16 bits.
        because: why so near.
        source: where the network is from.
    """

    id: str
    title: str
    network: Network
    batch: int
    trains: bool
    rtol: float
    atol: float
    because: str
    source: str
    gradients: float = FRESH
    half: Half = IN_HALF

    def draw(self, seed: int) -> Drawn:
        """Weights and a batch; the same for equal seeds, everywhere."""
        rng = np.random.default_rng(seed)
        network = self.network
        shape = (self.batch, *(size for size in network.input_shape if size is not None))
        first = network.layers[0]
        inputs = ids(rng, first.vocabulary, *shape) if isinstance(first, Embedding) else spread(rng, *shape)
        *axes, classes = output_shape(network)
        targets = ids(rng, int(classes or 0), self.batch, *(size for size in axes if size is not None))
        return Drawn(
            inputs=inputs,
            targets=targets,
            training=Training(
                network=network,
                weights=initial_weights(network, rng),
                loss=Loss(kind="cross-entropy"),
                optimizer=SGD(rate=_RATE, momentum=0.9),
                batches=((inputs, targets),),
            ),
        )


@attrs.frozen(kw_only=True)
class Drawn:
    """What a work is done with: inputs and targets of one batch, and the training that starts from drawn weights."""

    inputs: Array
    targets: Array
    training: Training


def operations(work: Work) -> float:
    """Floating-point operations of one call in matrix products and convolutions; additions count too.

    A training step is counted as three forward passes: outputs, gradients by weights, gradients by inputs.
    """
    total = 0.0
    along = shapes_along(work.network)
    for layer, shape, after in zip(work.network.layers, along, along[1:]):
        if isinstance(layer, (Shortcut, Route)):
            continue
        sizes = weight_shapes(Network(layers=(layer,), input_shape=shape))
        steps = float(np.prod([size for size in shape[:-1] if size])) if len(shape) == 2 else 1.0
        if isinstance(layer, Dense):
            total += 2.0 * steps * float(np.prod(sizes["0.kernel"]))
        elif isinstance(layer, Conv2D):
            total += 2.0 * float(np.prod(sizes["0.kernel"])) * float(np.prod([size for size in after[1:] if size]))
        elif isinstance(layer, ConvTranspose2D):
            total += 2.0 * float(np.prod(sizes["0.kernel"])) * float(np.prod([size for size in shape[1:] if size]))
        elif isinstance(layer, (LSTM, GRU)):
            products = [size for name, size in sizes.items() if name.endswith(("kernel", "recurrent"))]
            total += 2.0 * steps * sum(float(np.prod(size)) for size in products)
        elif isinstance(layer, SelfAttention):
            products = [size for name, size in sizes.items() if name.endswith("kernel")]
            features = float(shape[-1] or 0)
            total += 2.0 * steps * sum(float(np.prod(size)) for size in products) + 4.0 * steps**2 * features
    return total * work.batch * (3.0 if work.trains else 1.0)
