"""Where images change their layout between a network's layers: known once it is built, not asked at each step."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence

import attrs

from fwconformance.frameworks._network import Network, sources
from fwconformance.frameworks._shapes import shapes_along
from fwconformance.frameworks.tensorflow._layers import IMAGE_RANK, Layer, to_first, to_last

#: How images are turned; None where they stay as they are.
Turn = Optional[Callable[[Any], Any]]


@attrs.frozen(kw_only=True)
class Layouts:
    """What is turned in a network.

    Attributes:
        before: of each layer, how what it is given is turned: one a source (`sources`).
        after: how the network's outputs are.
    """

    before: tuple[tuple[Turn, ...], ...]
    after: Turn


def layouts(network: Network, layers: Sequence[Layer]) -> Layouts:
    """For `layers` of `network`, whose inputs have their channels first and whose outputs shall.

    Raises ValueError as `shapes_along`.
    """
    images = [1 + len(shape) == IMAGE_RANK for shape in shapes_along(network)]
    # By index of a layer, -1 for the inputs: whether its outputs are images that have their channels last.
    last = {-1: False}
    before = []
    for index, layer in enumerate(layers):
        taken = sources(layer.spec, index)
        wanted = last[index - 1] if layer.layout == "any" else layer.layout == "last"
        before.append(tuple(_turn(last[source], wanted) if images[source + 1] else None for source in taken))
        last[index] = images[index + 1] and wanted
    return Layouts(before=tuple(before), after=to_first if last[len(layers) - 1] else None)


def _turn(is_last: bool, wanted: bool) -> Turn:
    if is_last == wanted:
        return None
    return to_last if wanted else to_first
