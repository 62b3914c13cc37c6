"""The reference as a framework: its parts put together behind the protocol of every adapter."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import attrs
import numpy as np

from fwconformance._version import __version__
from fwconformance.frameworks import _network as net
from fwconformance.frameworks._pieces_costs import COSTS_PIECES
from fwconformance.frameworks._pieces_speed import SPEED_PIECES
from fwconformance.frameworks._protocol import NotAdapted, Sabotage, TensorInfo, Weights
from fwconformance.frameworks._shapes import weight_shapes
from fwconformance.frameworks.reference import (
    _attention,
    _bindings,
    _caffemodel,
    _convolution,
    _costs,
    _extend,
    _joins,
    _layers_dense,
    _losses,
    _model,
    _normalisation,
    _operators,
    _optimizers,
    _parallel,
    _parallel_processes,
    _pieces,
    _recurrent,
    _speed,
    _tool,
    _trainer,
    _vision,
)
from fwconformance.frameworks.reference._layer import Array, Randomness
from fwconformance.frameworks.reference._tensor import Tensor


@attrs.frozen(kw_only=True)
class Parts:
    """What the reference is made of. A mutant is the same with one part replaced by a faulty one.

    Attributes:
        layers: class by class of its description.
        losses: function by kind.
        optimizers: class by class of its description.
        pieces: class by name.
        model: eager models. planned: compiled ones. trainer: trainers. randomness: the random generator.
        adam_placement: what the reference says of its own Adam.
    """

    layers: Mapping[type, Any] = {
        net.Dense: _layers_dense.Dense,
        net.Conv2D: _convolution.Conv2D,
        net.ConvTranspose2D: _convolution.ConvTranspose2D,
        net.Pool2D: _convolution.Pool2D,
        net.BatchNorm: _normalisation.BatchNorm,
        net.LayerNorm: _normalisation.LayerNorm,
        net.LocalResponseNorm: _normalisation.LocalResponseNorm,
        net.Dropout: _layers_dense.Dropout,
        net.Embedding: _layers_dense.Embedding,
        net.LSTM: _recurrent.LSTM,
        net.GRU: _recurrent.GRU,
        net.SelfAttention: _attention.SelfAttention,
        net.Activation: _layers_dense.Activation,
        net.Flatten: _layers_dense.Flatten,
        net.Shortcut: _joins.Shortcut,
        net.Route: _joins.Route,
    }
    losses: Mapping[str, _losses.LossFunction] = _losses.LOSSES
    optimizers: Mapping[type, Any] = {
        net.SGD: _optimizers.SGD,
        net.Adam: _optimizers.Adam,
        net.AdaGrad: _optimizers.AdaGrad,
        net.RMSProp: _optimizers.RMSProp,
        net.AdaDelta: _optimizers.AdaDelta,
    }
    pieces: Mapping[str, Any] = {
        **_pieces.PIECES,
        **_extend.PIECES,
        **_operators.PIECES,
        **_parallel.PIECES,
        **_parallel_processes.PIECES,
        **_speed.PIECES,
        **_costs.PIECES,
        **_bindings.PIECES,
        **_vision.PIECES,
        **_tool.PIECES,
        **_caffemodel.PIECES,
    }
    model: Any = _model.Model
    planned: Any = _model.PlannedModel
    trainer: Any = _trainer.Trainer
    randomness: Any = Randomness
    adam_placement: str = "corrected"


#: Pieces that build models of the framework that they are of.
_OF_FRAMEWORK = frozenset((*SPEED_PIECES, *COSTS_PIECES))


class Reference:
    """NumPy float64 on the CPU: the oracle, the embedded default and the body of the mutants."""

    name = "reference"
    backend = ""
    device = "cpu"
    float_dtype = "float64"

    def __init__(self, parts: Parts | None = None, *, mutant: str = "") -> None:
        self.parts = Parts() if parts is None else parts
        self.mutant = mutant  # so that a worker becomes the same one
        self._randomness = self.parts.randomness()

    def versions(self) -> dict[str, str]:
        """Of this package, which the reference is a part of, and of NumPy."""
        return {"fwconformance": __version__, "numpy": np.__version__}

    def devices(self) -> tuple[str, ...]:
        return ("cpu",)

    def describe(self, tensor: Any) -> TensorInfo:
        """Raises TypeError where `tensor` is no `Tensor` of the reference."""
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{type(tensor).__name__} is not a tensor of the reference")
        kind = f"{Tensor.__module__}.{Tensor.__qualname__}"
        return TensorInfo(device=tensor.device, dtype=tensor.dtype, shape=tensor.shape, native_type=kind)

    def to_numpy(self, tensor: Tensor) -> Array:
        return tensor.array

    def seed(self, seed: int) -> None:
        self._randomness.seed(seed)

    def build(self, network: net.Network, weights: Weights | None = None) -> _model.Model:
        """A model. Raises ValueError where names or shapes of `weights` are not those of the network."""
        shapes = weight_shapes(network)
        if weights is None:
            held = _model.initial_weights(shapes, self._randomness)
        else:
            held = {name: np.array(value, dtype=np.float64) for name, value in weights.items()}
        _check(shapes, held)
        layers = []
        for index, layer in enumerate(network.layers):
            roles = [name.partition(".")[2] for name in shapes if name.partition(".")[0] == str(index)]
            layers.append(self.parts.layers[type(layer)](layer, {role: held[f"{index}.{role}"] for role in roles}))
        parts = self.parts
        model: _model.Model = parts.model(layers, parts.losses, self._randomness, parts.planned, network.integer_input)
        return model

    def trainer(self, model: _model.Model, loss: net.Loss, optimizer: net.Optimizer) -> _trainer.Trainer:
        made = self.parts.optimizers[type(optimizer)](optimizer)
        trainer: _trainer.Trainer = self.parts.trainer(model, loss, made)
        return trainer

    def adam_placement(self) -> str:
        return self.parts.adam_placement

    def own_conventions(self, kind: str) -> dict[str, Any]:
        """As published."""
        return {"epsilon_placement": "outside", "initial": 0.0}

    def piece(self, name: str) -> Any:
        """Raises NotAdapted for a name that is not among `fwconformance.frameworks.PIECES`."""
        if name not in self.parts.pieces:
            raise NotAdapted(f"the reference has no piece {name!r}")
        made = self.parts.pieces[name]
        return made(self) if name in _OF_FRAMEWORK else made()

    def sabotages(self) -> Sequence[Sabotage]:
        """None: the reference's faults are its mutants."""
        return ()


def _check(shapes: Mapping[str, tuple[int, ...]], held: Mapping[str, Array]) -> None:
    if set(shapes) != set(held):
        lacking, foreign = sorted(set(shapes) - set(held)), sorted(set(held) - set(shapes))
        raise ValueError(f"weights do not fit the network: missing {lacking}, not of it {foreign}")
    for name, shape in shapes.items():
        if held[name].shape != shape:
            raise ValueError(f"weight {name} is {held[name].shape}; the network needs {shape}")
