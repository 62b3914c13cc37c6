"""A training as one value: what several devices, processes and programs are all given alike."""

from __future__ import annotations

from typing import Any, Mapping

import attrs

from fwconformance.frameworks._network import Loss, Network, Optimizer

Array = Any  # numpy.ndarray


@attrs.frozen(kw_only=True, eq=False)
class Training:
    """A network from given weights, trained by one optimizer step a batch.

    Attributes:
        network: what is trained.
        weights: to start from, by neutral name.
        loss: minimised.
        optimizer: by which.
        batches: (inputs, targets) of each step, whole: sharing a batch out is the framework's work.
    """

    network: Network
    weights: Mapping[str, Array]
    loss: Loss
    optimizer: Optimizer
    batches: tuple[tuple[Array, Array], ...]
