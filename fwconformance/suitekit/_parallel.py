"""Training on several devices, held against the oracle's on one: what came out, who had which rows, what else it could
have been.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.frameworks import (
    SGD,
    Activation,
    Adam,
    Conv2D,
    Dense,
    Flatten,
    Loss,
    Network,
    Optimizer,
)
from fwconformance.frameworks._training import Training
from fwconformance.suitekit._parity import compare_weights
from fwconformance.works._draws import ids, spread, weights_for

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case

Array = Any
Weights = Mapping[str, Array]
Replica = Mapping[str, Any]

#: A training that forgets something must end this many tolerances from the right one, or a case could not tell.
APART = 50.0
#: Replicas start alike and are given one gradient, so they differ by nothing, or by how a compiler orders one update:
#: a few roundings of float32 values below 4. A step that one replica misses moves weights by more than 1e-3.
ALIKE = 1e-6
#: Largest share of all weights that one of two devices may hold where they are split. Biases may be on both.
SPLIT = 0.75

#: Neither has batch normalisation: its statistics are of a device's share, so N devices are not to equal one.
DENSE = Network(layers=(Dense(units=8), Activation(kind="tanh"), Dense(units=4)), input_shape=(6,))
#: One channel: rows are the same numbers in the same order whether channels stand first or last.
CONVOLUTIONAL = Network(
    layers=(Conv2D(channels=4, kernel=(3, 3)), Activation(kind="tanh"), Flatten(), Dense(units=4)),
    input_shape=(1, 5, 5),
)
#: Two kernels of one size, so that devices hold alike much whether each layer is split or each has a layer.
EVEN = Network(layers=(Dense(units=8), Activation(kind="tanh"), Dense(units=8)), input_shape=(8,))

MOMENTUM = SGD(rate=0.1, momentum=0.9)
#: An epsilon this large makes Adam feel the size of a gradient: a sum instead of a mean shows.
LARGE_EPSILON = Adam(rate=0.02, beta1=0.8, beta2=0.99, epsilon=1e-2)


def training_for(
    network: Network, rng: Any, *, optimizer: Optimizer = MOMENTUM, rows: int = 16, steps: int = 3
) -> Training:
    """A classification with batches of `rows` rows, all different, drawn from `rng`."""
    classes = network.layers[-1].units  # type: ignore[union-attr]
    batches = tuple(
        (spread(rng, rows, *[size for size in network.input_shape if size]), ids(rng, classes, rows))
        for _ in range(steps)
    )
    return Training(
        network=network,
        weights=weights_for(network, rng),
        loss=Loss(kind="cross-entropy"),
        optimizer=optimizer,
        batches=batches,
    )


def check_data_parallel(
    case: Case, framework: Seam, oracle: Seam, training: Training, devices: int, *, piece: str, hosts: int = 0
) -> list[Replica]:
    """Assert that `piece` trained on `devices` devices as the oracle does on one, each of them on its share.

    The replicas. `hosts`: as of `Seam.start`. States no level.
    """
    answers = framework.elsewhere(piece, "train", training, devices, devices=devices, hosts=hosts)
    replicas = [replica for answer in answers for replica in answer]
    assert len(replicas) == devices, f"{devices} devices were asked for, replicas came of {len(replicas)}"
    # Where each process has a device of its own, all may call theirs by one name.
    if len(answers) == 1 or (piece == "data-parallel" and framework.device != "cpu"):
        check_observed(framework, devices)
    shares = check_shares(training, replicas)
    check_alike(case, replicas)
    _check_outputs(case, oracle, training, replicas)
    goal = trained(oracle, training)
    for number, replica in enumerate(replicas):
        compare_weights(case, replica["weights"], goal, what=f"weights of replica {number} after the last step")
    _check_told_apart(case, oracle, training, shares, goal)
    return replicas


def check_observed(framework: Seam, devices: int) -> None:
    """Assert that tensors were seen on as many devices."""
    seen = sorted(framework.observed)
    assert len(seen) >= devices, f"{devices} devices were asked for, tensors were seen on {', '.join(seen)} alone"


def check_shares(training: Training, replicas: Sequence[Replica]) -> list[list[list[int]]]:
    """Assert that in every step each device had equally many rows, and all together the batch's, each once.

    Which rows each device had at each step.
    """
    steps = len(training.batches)
    for number, replica in enumerate(replicas):
        had = len(replica["inputs"])
        assert had == steps, f"device {number} was given rows in {had} steps, there were {steps}"
    shares: list[list[list[int]]] = [[] for _ in replicas]
    for step, (inputs, _) in enumerate(training.batches):
        places = {_key(row): place for place, row in enumerate(inputs)}
        assert len(places) == len(inputs), "this test cannot tell rows apart: two of a batch are equal"
        times = dict.fromkeys(range(len(inputs)), 0)
        for number, replica in enumerate(replicas):
            given = replica["inputs"][step]
            assert len(given) == len(inputs) // len(replicas), (
                f"step {step}: device {number} was given {len(given)} of {len(inputs)} rows, its share is "
                f"{len(inputs) // len(replicas)}"
            )
            foreign = [place for place, row in enumerate(given) if _key(row) not in places]
            assert not foreign, f"step {step}: rows {foreign} that device {number} was given are not of the batch"
            shares[number].append([places[_key(row)] for row in given])
            for place in shares[number][-1]:
                times[place] += 1
        wrong = {place: count for place, count in times.items() if count != 1}
        assert not wrong, f"step {step}: how often rows were given that should be given once: {wrong}"
    return shares


def check_alike(case: Case, replicas: Sequence[Replica]) -> None:
    """Assert that all replicas hold the same weights."""
    first = replicas[0]["weights"]
    for number, replica in enumerate(replicas[1:], start=1):
        own = replica["weights"]
        assert set(own) == set(first), f"replica {number} holds {sorted(own)}, the first one {sorted(first)}"
        apart = max(float(np.abs(own[name] - first[name]).max()) for name in first)
        case.figure(f"replica-{number}-apart", apart, "1")
        assert apart <= ALIKE, f"replica {number} ends {apart:.3g} from the first one, {ALIKE:g} are allowed"


def check_split(weights: Weights, held: Sequence[Weights]) -> None:
    """Assert that each device held a part of `weights` only, and all together every value.

    `held` is in a layout of the framework's own: values are looked for, wherever they stand.
    """
    whole = np.concatenate([np.ravel(value) for value in weights.values()])
    every = set(whole.tolist())
    parts = [np.concatenate([np.ravel(value) for value in own.values()]) if own else whole[:0] for own in held]
    for number, part in enumerate(parts):
        assert part.size <= SPLIT * whole.size, (
            f"device {number} of {len(held)} holds {part.size} of {whole.size} values: its weights are not split"
        )
        assert part.size, f"device {number} of {len(held)} holds nothing"
        foreign = len(set(part.tolist()) - every)
        assert not foreign, f"device {number} holds {foreign} values that are not of the weights"
    missing = len(every - set(np.concatenate(parts).tolist()))
    assert not missing, f"{missing} of {whole.size} values of the weights are held by no device"


def check_model_parallel(case: Case, framework: Seam, oracle: Seam, training: Training, devices: int) -> None:
    """Assert that "model-parallel" gave the oracle's outputs and weights, and that no device held them all."""
    answers = framework.elsewhere("model-parallel", "train", training, devices, devices=devices)
    held = [own for answer in answers for own in answer["held"]]
    assert len(held) == devices, f"{devices} devices were asked for, {len(held)} say what they hold"
    if len(answers) == 1:
        check_observed(framework, devices)
    outputs = oracle.build(training.network, training.weights).forward(training.batches[0][0])
    goal = trained(oracle, training)
    for number, answer in enumerate(answers):
        case.assert_close(answer["outputs"], outputs, what=f"outputs before training, by worker {number}")
        compare_weights(case, answer["weights"], goal, what=f"weights after the last step, by worker {number}")
    check_split(answers[0]["weights"], held)
    still = distance(case, training.weights, goal)
    assert still >= APART, f"the weights to start from are {still:.1f} tolerances from the goal: this could not tell"


def trained(oracle: Seam, training: Training, *, after: int | None = None) -> dict[str, Array]:
    """The oracle's weights after all steps, or `after` so many."""
    trainer = oracle.trainer(oracle.build(training.network, training.weights), training.loss, training.optimizer)
    for inputs, targets in training.batches[:after]:
        trainer.step(inputs, targets)
    return trainer.model.weights()


def distance(case: Case, actual: Weights, goal: Weights) -> float:
    """How many of the capability's tolerances `actual` is from `goal`, where it is furthest."""
    assert case.tolerance is not None
    atol, rtol = case.tolerance.atol, case.tolerance.rtol
    return max(
        float((np.abs(actual[name] - value) / (atol + rtol * np.abs(value))).max()) for name, value in goal.items()
    )


def scaled(optimizer: Optimizer, factor: float) -> Optimizer:
    """What gives with the right gradients the steps that `optimizer` gives with gradients `factor` times as large."""
    if isinstance(optimizer, SGD):
        return attrs.evolve(optimizer, rate=optimizer.rate * factor)
    return attrs.evolve(optimizer, epsilon=optimizer.epsilon / factor)


def _check_outputs(case: Case, oracle: Seam, training: Training, replicas: Sequence[Replica]) -> None:
    """Assert that each device computed the oracle's outputs for its rows, with the weights of that step."""
    trainer = oracle.trainer(oracle.build(training.network, training.weights), training.loss, training.optimizer)
    for step, (inputs, targets) in enumerate(training.batches):
        for number, replica in enumerate(replicas):
            given = np.reshape(replica["inputs"][step], (-1, *inputs.shape[1:]))
            what = f"outputs of device {number} in step {step}"
            case.assert_close(replica["outputs"][step], trainer.model.forward(given), what=what)
        trainer.step(inputs, targets)


def _check_told_apart(
    case: Case, oracle: Seam, training: Training, shares: Sequence[Sequence[Sequence[int]]], goal: Weights
) -> None:
    """Assert that no exchange, one device's work alone, a share seen twice and a forgotten mean end elsewhere."""
    others = {"a sum in place of the mean": attrs.evolve(training, optimizer=scaled(training.optimizer, len(shares)))}
    for number, rows in enumerate(shares):
        batches = tuple((x[list(mine)], y[list(mine)]) for (x, y), mine in zip(training.batches, rows))
        others[f"the share of device {number} alone"] = attrs.evolve(training, batches=batches)
    for name, other in others.items():
        apart = distance(case, trained(oracle, other), goal)
        assert apart >= APART, f"training by {name} ends {apart:.1f} tolerances from the goal: this could not tell"


def _key(row: Array) -> bytes:
    # float32, in which the rows were drawn: exact in every wider type.
    return np.ascontiguousarray(row, dtype=np.float32).tobytes()
