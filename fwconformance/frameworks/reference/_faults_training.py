"""Faults of training: optimizers, trainers, checkpoints, seeds, compiled mode and the optional pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks._protocol import Weights
from fwconformance.frameworks.reference import _pieces
from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Randomness
from fwconformance.frameworks.reference._layers_dense import Activation, Dense
from fwconformance.frameworks.reference._losses import LossFunction, cross_entropy
from fwconformance.frameworks.reference._model import Model, PlannedModel
from fwconformance.frameworks.reference._mutant import fault, layer, loss, optimizer, part, piece
from fwconformance.frameworks.reference._optimizers import SGD, AdaDelta, AdaGrad, Adam, RMSProp
from fwconformance.frameworks.reference._tensor import Tensor
from fwconformance.frameworks.reference._trainer import Trainer


@fault("train.sgd", "three-steps momentum nesterov", optimizer(net.SGD))
class SgdStaleGradients(SGD):
    """Each step uses the gradients of the step before."""

    def apply(self, weights: Mapping[str, Array], gradients: Mapping[str, Array]) -> None:
        held = getattr(self, "held", gradients)
        self.held = gradients
        super().apply(weights, held)


@fault("train.sgd", "momentum nesterov", optimizer(net.SGD))
class SgdForgetsMomentum(SGD):
    """The velocity starts from zero at every step."""

    def change(self, name: str, gradient: Array) -> Array:
        self.slots["velocity"][name][...] = 0.0
        return super().change(name, gradient)


@fault("train.sgd", "nesterov", optimizer(net.SGD))
class SgdNesterovIsPlain(SGD):
    """Nesterov's momentum is plain momentum."""

    def __init__(self, description: Any) -> None:
        super().__init__(attrs.evolve(description, nesterov=False))


@fault("train.adam", "three-steps other-placement repeated-ids", optimizer(net.Adam))
class AdamWithoutBiasCorrection(Adam):
    """The moments are used as if they had not started at zero."""

    def corrections(self) -> tuple[float, float]:
        return 1.0, 1.0


@fault("train.adam", "other-placement", optimizer(net.Adam))
class AdamOnePlacementOnly(Adam):
    """Epsilon is added as in algorithm 1 whatever was asked for."""

    def __init__(self, description: Any) -> None:
        super().__init__(attrs.evolve(description, epsilon_placement="corrected"))


@fault("train.adagrad", "three-steps other-placement", optimizer(net.AdaGrad))
class AdaGradForgetsEarlierSquares(AdaGrad):
    """The squares are those of the last gradient alone."""

    def gathered(self, squares: Array, gradient: Array) -> Array:
        return gradient**2


@fault("train.adagrad", "other-placement", optimizer(net.AdaGrad))
class AdaGradOnePlacementOnly(AdaGrad):
    """Epsilon is added outside the root whatever was asked for."""

    def __init__(self, description: Any) -> None:
        super().__init__(attrs.evolve(description, epsilon_placement="outside"))


@fault("train.rmsprop", "three-steps other-placement", optimizer(net.RMSProp), name="rmsprop-never-forgets")
class RMSPropNeverForgets(RMSProp):
    """The squares are summed, as AdaGrad's are."""

    def gathered(self, squares: Array, gradient: Array) -> Array:
        return squares + gradient**2


@fault("train.rmsprop", "other-placement", optimizer(net.RMSProp), name="rmsprop-one-placement-only")
class RMSPropOnePlacementOnly(RMSProp):
    """Epsilon is added outside the root whatever was asked for."""

    def __init__(self, description: Any) -> None:
        super().__init__(attrs.evolve(description, epsilon_placement="outside"))


@fault("train.adadelta", "three-steps", optimizer(net.AdaDelta))
class AdaDeltaForgetsMoves(AdaDelta):
    """The squares of the moves stay at zero."""

    def moved(self, moves: Array, move: Array) -> Array:
        return np.zeros_like(moves)


class FrozenLearner(Trainer):
    """Losses are computed and no weight ever moves."""

    def step(self, inputs: Array, targets: Array) -> Tensor:
        value, _, _ = self.model.differentiate(self.loss, inputs, targets, training=True)
        return Tensor(value)


for _capability, _case in (
    ("rnn.memory", "learns-recall"),
    ("train.dataset", "digits"),
    ("tasks.vision", "trains"),
    ("tasks.text", "trains"),
    ("tasks.tabular", "trains"),
    ("tasks.sequence", "trains"),
    ("tasks.generative", "trains"),
    ("speed.smoke", "train-step"),
    ("speed.mlp", "train"),
    ("speed.lenet5", "train"),
    ("speed.lstm-lm", "train"),
):
    _name = f"frozen-learner-{_capability.replace('.', '-')}"
    fault(_capability, _case, part("trainer"), name=_name)(FrozenLearner)


@fault("train.dataset", "digits", loss("cross-entropy"))
def labels_shifted(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """The learner is told the next class instead of the right one."""
    return cross_entropy(outputs, (targets + 1) % outputs.shape[-1])


@fault("speed.smoke", "forward train-step", layer(net.Activation))
class FastButLinear(Activation):
    """The timed network leaves its activation out."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return inputs, super().forward(inputs, call)[1]


class FastButHalf(Dense):
    """The timed network gives half of its outputs."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        outputs, kept = super().forward(inputs, call)
        return outputs / 2, kept


class FastButShallow(Dense):
    """The timed steps take half of a kernel's gradient."""

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        inward, gradients = super().backward(upstream, cache)
        return inward, {**gradients, "kernel": gradients["kernel"] / 2}


for _capability in ("speed.mlp", "speed.lenet5", "speed.lstm-lm"):
    for _case, _faulty, _how in (("inference", FastButHalf, "half"), ("train", FastButShallow, "shallow")):
        _name = f"fast-but-{_how}-{_capability.replace('.', '-')}"
        fault(_capability, _case, layer(net.Dense), name=_name)(_faulty)


@fault("train.checkpoint", "weights-round-trip resume-equals-uninterrupted", part("trainer"))
class LoaderKeepsFreshWeights(Trainer):
    """The loader reads the weights and leaves the model as it was built."""

    def load_weights(self, path: Path) -> None:
        with np.load(path) as stored:
            _ = {name: stored[name] for name in stored.files}


@fault("train.checkpoint", "weights-round-trip resume-equals-uninterrupted", part("trainer"))
class LoaderRoundsWeights(Trainer):
    """Weights come back through half precision."""

    def load_weights(self, path: Path) -> None:
        super().load_weights(path)
        for value in self.model.arrays().values():
            value[...] = value.astype(np.float16)


@fault("train.checkpoint", "weights-round-trip", part("trainer"))
class LoaderForgetsRunningStatistics(Trainer):
    """Only trained weights are restored."""

    def load_weights(self, path: Path) -> None:
        state = {
            name: value.copy() for name, value in self.model.arrays().items() if name.split(".")[1] in net.STATE_ROLES
        }
        super().load_weights(path)
        for name, value in state.items():
            self.model.arrays()[name][...] = value


@fault("train.checkpoint", "resume-equals-uninterrupted", part("trainer"))
class LoaderDropsOptimizerState(Trainer):
    """The optimizer's moments start from zero after loading."""

    def load_slots(self, path: Path) -> None:
        for held in self.optimizer.slots.values():
            held.clear()


@fault("train.checkpoint", "resume-equals-uninterrupted", part("trainer"))
class LoaderForgetsStepCount(Trainer):
    """The optimizer counts its steps from zero after loading."""

    def load(self, path: str) -> None:
        super().load(path)
        self.optimizer.count = 0


@fault("train.reproducible", "same-seed", part("randomness"))
class SeedIgnored(Randomness):
    """Seeding does nothing."""

    def seed(self, seed: int) -> None:
        return


@fault("train.reproducible", "other-seed-differs", part("randomness"))
class SeedConstant(Randomness):
    """Every seed is taken for zero."""

    def seed(self, seed: int) -> None:
        super().seed(0)


@fault("modes.compiled", "forward-agrees gradients-agree", part("planned"))
class CompiledDropsTrainingFlag(PlannedModel):
    """The compiled program always runs as at inference."""

    def call(self, training: bool, lengths: Array | None) -> Call:
        return super().call(False, lengths)


@fault("modes.compiled", "training-agrees", part("planned"))
class CompiledFoldsGradients(PlannedModel):
    """The compiled backward pass takes the first call's gradients for constants."""

    def run_gradients(
        self, function: LossFunction, inputs: Array, targets: Array, call: Call
    ) -> tuple[Array, Gradients, Array]:
        value, gradients, inward = super().run_gradients(function, inputs, targets, call)
        self.folded: Gradients = getattr(self, "folded", gradients)
        return value, self.folded, inward


@fault("modes.compiled", "forward-agrees", part("planned"))
class CompiledFreezesWeights(PlannedModel):
    """The weights are copied into the program when it is compiled."""

    def __init__(self, layers: Sequence[Any], *others: Any) -> None:
        copies = [
            type(one)(one.description, {role: value.copy() for role, value in one.weights.items()}) for one in layers
        ]
        super().__init__(copies, *others)


class _UnregisteredShift(_pieces.ScaleShift):
    @property
    def trained(self) -> tuple[str, ...]:
        return ("scale",)


@fault("extend.custom-layer", "trains", piece("custom-layer"))
class CustomLayerParameterUnregistered(_pieces.CustomLayer):
    """The optimizer does not find one of the layer's two parameters."""

    layer = _UnregisteredShift


class _WithoutTanh(_pieces.ScaleShift):
    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return inputs * self.weights["scale"] + self.weights["shift"], inputs


@fault("extend.custom-layer", "forward trains", piece("custom-layer"))
class CustomLayerWithoutTanh(_pieces.CustomLayer):
    """The shift is added as it is."""

    layer = _WithoutTanh


class _TrueSquare(_pieces.SquareOfMyOwn):
    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        return upstream * 2.0 * cache, {}


@fault("extend.custom-gradient", "wrong-on-purpose", piece("custom-gradient"))
class CustomGradientIgnored(_pieces.CustomGradient):
    """The true gradient is used instead of the user's rule."""

    layer = _TrueSquare


@fault("extend.low-level", "value-and-gradients", piece("low-level"))
class LowLevelForgetsSlope(_pieces.LowLevel):
    """The gradient passes tanh unchanged."""

    def slope(self, hidden: Array) -> Array:
        return np.ones_like(hidden)


@fault("train.custom-loop", "sign-descent", piece("custom-loop"))
class CustomLoopFollowsGradient(_pieces.CustomLoop):
    """The update is by the gradient, not by its sign."""

    def direction(self, gradient: Array) -> Array:
        return gradient


@fault("train.custom-loop", "sign-descent", piece("custom-loop"))
class CustomLoopWorksOnCopies(_pieces.CustomLoop):
    """The loop trains copies of the model's weights."""

    def train(self, model: Model, batches: Sequence[tuple[Array, Array]], rate: float) -> list[Tensor]:
        copies = [
            type(one)(one.description, {role: value.copy() for role, value in one.weights.items()})
            for one in model.layers
        ]
        return super().train(
            Model(copies, model.losses, model.randomness, model.planned, model.integer_input), batches, rate
        )


@fault("modes.symbolic", "agrees", piece("symbolic"))
class SymbolicDropsBias(_pieces.Symbolic):
    """The bias's placeholder is never added."""

    def two_layer(self, weights: Weights, inputs: Array) -> Tensor:
        return super().two_layer({**weights, "b1": np.zeros_like(weights["b1"])}, inputs)
