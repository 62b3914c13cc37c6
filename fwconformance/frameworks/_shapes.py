"""What shapes follow from a network's description: of its weights, and of its outputs."""

from __future__ import annotations

from typing import Dict, Mapping, Optional, Sequence, Tuple

from fwconformance.frameworks import _network as net

Shape = Tuple[Optional[int], ...]
"""Without the batch axis; None where an axis (time) may have any length."""

Weights = Dict[str, Tuple[int, ...]]


def weight_shapes(network: net.Network) -> Weights:
    """Shape of every weight of `network` by neutral name, in layer order, then in each class's role order.

    Raises ValueError where a layer cannot follow the one before it.
    """
    return _walk(network, network.input_shape)[0]


def output_shape(network: net.Network, input_shape: Shape | None = None) -> Shape:
    """Shape of the outputs of `network` for one example of `input_shape` (its own where None), without the batch axis.

    Raises ValueError where a layer cannot follow the one before it.
    """
    return shapes_along(network, input_shape)[-1]


def shapes_along(network: net.Network, input_shape: Shape | None = None) -> tuple[Shape, ...]:
    """The inputs' shape and that of each layer's outputs, for one example; otherwise as `output_shape`."""
    return _walk(network, network.input_shape if input_shape is None else input_shape)[1]


def layer_shapes(layer: net.Layer, shape: Shape) -> tuple[Mapping[str, tuple[int, ...]], Shape]:
    """(weight shapes by role, output shape) of one layer on inputs of `shape`.

    Raises ValueError where it cannot be, and for a `Shortcut` or a `Route`, whose inputs are other layers'.
    """
    if isinstance(layer, net.Dense):
        return _dense(layer, shape)
    if isinstance(layer, net.Conv2D):
        return _conv2d(layer, shape)
    if isinstance(layer, net.ConvTranspose2D):
        return _conv_transpose2d(layer, shape)
    if isinstance(layer, net.Pool2D):
        return _pool2d(layer, shape)
    if isinstance(layer, net.BatchNorm):
        channels = _known(layer, shape, 0)
        return dict.fromkeys(("scale", "shift", "mean", "variance"), (channels,)), shape
    if isinstance(layer, net.LayerNorm):
        features = _known(layer, shape, -1)
        return {"scale": (features,), "shift": (features,)}, shape
    if isinstance(layer, net.LocalResponseNorm):
        _image(layer, shape)
        if layer.size < 1 or layer.size % 2 == 0:
            raise ValueError(f"{layer!r} has no channel in its middle: its size must be odd")
        return {}, shape
    if isinstance(layer, net.Embedding):
        return {"table": (layer.vocabulary, layer.features)}, (*shape, layer.features)
    if isinstance(layer, (net.LSTM, net.GRU)):
        return _recurrent(layer, shape)
    if isinstance(layer, net.SelfAttention):
        return _attention(layer, shape)
    if isinstance(layer, (net.Dropout, net.Activation)):
        return {}, shape
    if isinstance(layer, net.Flatten):
        return {}, (_product(shape),)
    raise ValueError(f"{layer!r} is not a layer of fwconformance.frameworks")


def _walk(network: net.Network, shape: Shape) -> tuple[Weights, tuple[Shape, ...]]:
    weights: Weights = {}
    shapes = [shape]
    wanted = net.recalled(network.layers)
    for index, layer in enumerate(network.layers):
        try:
            if isinstance(layer, (net.Shortcut, net.Route)):
                shapes.append(_joined(layer, index, shapes))
                if index > 0 and not {index - 1} & {*wanted, *net.sources(layer, index)}:
                    raise ValueError(f"{layer!r} leaves the outputs of the layer before it unused")
                continue
            roles, shape = layer_shapes(layer, shapes[-1])
        except ValueError as error:
            raise ValueError(f"layer {index}: {error}") from None
        weights.update({f"{index}.{role}": size for role, size in roles.items()})
        shapes.append(shape)
    return weights, tuple(shapes)


def _joined(layer: net.Shortcut | net.Route, index: int, shapes: Sequence[Shape]) -> Shape:
    sources = net.sources(layer, index)
    if not sources or not all(-1 <= source < index for source in sources):
        raise ValueError(f"{layer!r} takes what earlier layers give: of -1, the inputs, to {index - 1}")
    first, *others = given = [shapes[source + 1] for source in sources]
    if isinstance(layer, net.Shortcut):
        if others != [first]:
            raise ValueError(f"{layer!r} adds {others[0]} to {first}")
        return first
    if not others:
        return first
    if any(len(shape) not in (1, 3) or shape[1:] != first[1:] for shape in given):
        raise ValueError(f"{layer!r} cannot join {', '.join(map(str, given))}")
    return (sum(_known(layer, shape, 0) for shape in given), *first[1:])


def _dense(layer: net.Dense, shape: Shape) -> tuple[Mapping[str, tuple[int, ...]], Shape]:
    roles: Weights = {"kernel": (_known(layer, shape, -1), layer.units)}
    if layer.bias:
        roles["bias"] = (layer.units,)
    return roles, (*shape[:-1], layer.units)


def _conv2d(layer: net.Conv2D, shape: Shape) -> tuple[Mapping[str, tuple[int, ...]], Shape]:
    channels, height, width = _image(layer, shape)
    if channels % layer.groups or layer.channels % layer.groups:
        raise ValueError(f"{layer!r} cannot split {channels} into {layer.channels} channels in {layer.groups} groups")
    roles: Weights = {"kernel": (layer.channels, channels // layer.groups, *layer.kernel)}
    if layer.bias:
        roles["bias"] = (layer.channels,)
    sides = tuple(
        _positions(layer, size + sum(pad), (kernel - 1) * dilation + 1, stride)
        for size, pad, kernel, dilation, stride in zip(
            (height, width), layer.padding, layer.kernel, layer.dilation, layer.stride
        )
    )
    return roles, (layer.channels, *sides)


def _conv_transpose2d(layer: net.ConvTranspose2D, shape: Shape) -> tuple[Mapping[str, tuple[int, ...]], Shape]:
    channels, height, width = _image(layer, shape)
    if channels % layer.groups or layer.channels % layer.groups:
        raise ValueError(f"{layer!r} cannot split {channels} into {layer.channels} channels in {layer.groups} groups")
    roles: Weights = {"kernel": (channels, layer.channels // layer.groups, *layer.kernel)}
    if layer.bias:
        roles["bias"] = (layer.channels,)
    sides = tuple(
        (size - 1) * stride + kernel - 2 * cut
        for size, cut, kernel, stride in zip((height, width), layer.padding, layer.kernel, layer.stride)
    )
    if min(sides) < 1:
        raise ValueError(f"{layer!r} cuts all of what it makes of {height} x {width} cells")
    return roles, (layer.channels, *sides)


def _pool2d(layer: net.Pool2D, shape: Shape) -> tuple[Mapping[str, tuple[int, ...]], Shape]:
    channels, height, width = _image(layer, shape)
    if layer.kind not in ("max", "average"):
        raise ValueError(f'{layer!r} has an unknown kind; it is "max" or "average"')
    if any(pad >= size for pad, size in zip(layer.padding, layer.size)):
        raise ValueError(f"{layer!r} has windows that hold padding alone")
    sides = tuple(
        _positions(layer, size + 2 * pad, window, stride)
        for size, pad, window, stride in zip((height, width), layer.padding, layer.size, layer.stride)
    )
    return {}, (channels, *sides)


def _recurrent(layer: net.LSTM | net.GRU, shape: Shape) -> tuple[Mapping[str, tuple[int, ...]], Shape]:
    if len(shape) != 2:
        raise ValueError(f"{layer!r} takes (time, features), not {shape}")
    features, units = _known(layer, shape, -1), layer.units
    gates = 4 if isinstance(layer, net.LSTM) else 3
    roles: Weights = {}
    for prefix in ("", "backward_") if layer.bidirectional else ("",):
        roles[prefix + "kernel"] = (features, gates * units)
        roles[prefix + "recurrent"] = (units, gates * units)
        roles[prefix + "bias"] = (gates * units,)
        if isinstance(layer, net.GRU) and layer.reset == "after":
            roles[prefix + "recurrent_bias"] = (gates * units,)
    if isinstance(layer, net.GRU) and layer.reset not in ("before", "after"):
        raise ValueError(f'{layer!r} resets neither "before" nor "after"')
    width = 2 * units if layer.bidirectional else units
    return roles, (shape[0], width) if layer.sequences else (width,)


def _attention(layer: net.SelfAttention, shape: Shape) -> tuple[Mapping[str, tuple[int, ...]], Shape]:
    if len(shape) != 2:
        raise ValueError(f"{layer!r} takes (time, features), not {shape}")
    features = _known(layer, shape, -1)
    if features % layer.heads:
        raise ValueError(f"{layer!r} cannot split {features} features into {layer.heads} heads")
    parts = ("query", "key", "value", "output")
    roles: Weights = {f"{part}_kernel": (features, features) for part in parts}
    roles.update({f"{part}_bias": (features,) for part in parts})
    return roles, shape


def _image(layer: net.Layer, shape: Shape) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise ValueError(f"{layer!r} takes images (channels, height, width), not {shape}")
    return _known(layer, shape, 0), _known(layer, shape, 1), _known(layer, shape, 2)


def _known(layer: net.Layer, shape: Shape, axis: int) -> int:
    size = shape[axis] if shape else None
    if size is None:
        raise ValueError(f"{layer!r} needs to know axis {axis} of its inputs, which are {shape}")
    return size


def _positions(layer: net.Layer, size: int, window: int, stride: int) -> int:
    if size < window:
        raise ValueError(f"{layer!r} has a window of {window} on a side of {size}")
    return (size - window) // stride + 1


def _product(shape: Shape) -> int | None:
    total = 1
    for size in shape:
        if size is None:
            return None
        total *= size
    return total
