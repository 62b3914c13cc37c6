"""Training on an accelerator that is here."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from fwconformance.frameworks import (
    SGD,
    Activation,
    Conv2D,
    Dense,
    Flatten,
    Loss,
    Network,
    Pool2D,
    Seam,
    Training,
    Unavailable,
    create,
)
from fwconformance.suitekit._compile import NETWORK, step_training
from fwconformance.suitekit._data import digits
from fwconformance.suitekit._parity import compare_gradients, compare_weights, scalar
from fwconformance.suitekit._training import accuracy, batches
from fwconformance.works._draws import ids, initial_weights, spread

if TYPE_CHECKING:
    from fwconformance.suitekit._cases import Case

_GIBIBYTE = 2**30

#: What is timed: large enough that a GPU has something to do, small enough for a CPU to do 5 steps of in seconds.
_TIMED = Network(
    layers=(
        Conv2D(channels=32, kernel=(3, 3), padding=((1, 1), (1, 1))),
        Activation(kind="relu"),
        Conv2D(channels=64, kernel=(3, 3), padding=((1, 1), (1, 1))),
        Activation(kind="relu"),
        Pool2D(kind="max", size=(2, 2), stride=(2, 2)),
        Flatten(),
        Dense(units=256),
        Activation(kind="relu"),
        Dense(units=10),
    ),
    input_shape=(3, 32, 32),
)
_TIMED_BATCH = 128


def on_gpu(framework: Seam) -> bool:
    """Whether the framework works on a graphics card, of whatever make: an accelerator that is no TPU."""
    return framework.device.split(":", maxsplit=1)[0] not in {"cpu", "tpu", "xla"}


def check_on_device(case: Case, framework: Seam, oracle: Seam) -> None:
    """Assert that three steps on the device give the oracle's weights, everything seen to lie on that very device."""
    training = step_training(case.rng, steps=3)
    model = framework.build(NETWORK, training.weights)
    trainer = framework.trainer(model, training.loss, training.optimizer)
    piece = framework.piece("accelerator")
    reference = oracle.build(NETWORK, training.weights)
    stepped = oracle.trainer(reference, training.loss, training.optimizer)
    for number, (inputs, targets) in enumerate(training.batches, start=1):
        what = f"step {number}"
        case.assert_close(trainer.model.forward(inputs), reference.forward(inputs), what=f"{what}: outputs")
        actual, expected = (one.gradients(training.loss, inputs, targets) for one in (trainer.model, reference))
        compare_gradients(case, NETWORK, actual, expected, what=what)
        loss = stepped.step(inputs, targets)
        case.assert_close(scalar(trainer.step(inputs, targets)), loss, what=f"{what}: loss")
        compare_weights(case, trainer.model.weights(), reference.weights(), what=f"{what}: weights")
    state = piece.state(trainer)
    assert len(state) >= len(training.weights), (
        f"the optimizer holds {len(state)} tensors for {len(training.weights)} weights: where is its momentum?"
    )
    assert max(float(np.abs(each).max()) for each in state) > 0, "the optimizer's state is zero after three steps"
    assert framework.observed == {framework.device}, (
        f"tensors were seen on {', '.join(sorted(framework.observed))}; {framework.device} was asked for"
    )


def time_steps(case: Case, framework: Seam) -> None:
    """Keep the seconds of a step on the GPU and on the CPU, and their ratio. Nothing is asserted of them.

    A step's loss is read back each time, which waits for the device.
    """
    weights = initial_weights(_TIMED, case.rng)
    batch = spread(case.rng, _TIMED_BATCH, 3, 32, 32), ids(case.rng, 10, _TIMED_BATCH)
    here = Seam(create(framework.name, framework.backend, "cpu"))
    found = {}
    for seam in (framework, here):
        trainer = seam.trainer(seam.build(_TIMED, weights), Loss(kind="cross-entropy"), SGD(rate=0.01))
        for _ in range(3):  # compiling, choosing of kernels
            trainer.step(*batch)
        found[seam.device] = statistics.median(_seconds(trainer, batch) for _ in range(5))
    for device, seconds in found.items():
        case.figure(f"step of {_TIMED_BATCH} images on {device}", seconds, "s")
    case.figure("CPU's time over the GPU's", found["cpu"] / found[framework.device], "1")


def check_mixed_precision(case: Case, framework: Seam) -> None:
    """Assert that digits are learned in mixed precision as well as in float32, and that it was mixed."""
    _need_gpu(framework)
    data = digits()
    network = Network(
        layers=(Dense(units=64), Activation(kind="relu"), Dense(units=10)),
        input_shape=(int(np.prod(data.inputs.shape[1:])),),
    )
    flat, held_out = (values.reshape(len(values), -1) for values in (data.inputs, data.held_out_inputs))
    training = Training(
        network=network,
        weights=initial_weights(network, case.rng),
        loss=Loss(kind="cross-entropy"),
        optimizer=SGD(rate=0.2, momentum=0.9),
        batches=tuple(batches(flat, data.targets, 25, passes=4)),
    )
    (found,) = framework.elsewhere("accelerator", "train_mixed", training, held_out)
    assert "16" in found["computed"], f"products were computed in {found['computed']}, in no 16-bit type"
    reached = accuracy(found["outputs"], data.held_out_targets)
    case.figure("accuracy", reached, "1")
    case.detail("dtype", "products", found["computed"])
    assert reached >= 0.9, f"{reached:.3f} of the held-out digits are recognised, 0.9 was expected"
    # 16-bit copies would sit on a coarser grid, which rounding to 16 bits leaves as it is.
    coarse = {name: np.array_equal(value, value.astype(np.float16)) for name, value in found["weights"].items()}
    assert not any(coarse.values()), (
        f"weights were kept in 16 bits: {', '.join(name for name in coarse if coarse[name])}"
    )
    case.level("hardware")


def check_memory_limit(case: Case, framework: Seam) -> None:
    """Assert that 2 GiB are refused under a limit of 1 GiB, and that the process computes on."""
    _need_gpu(framework)
    left, right = spread(case.rng, 16, 64), spread(case.rng, 64, 8)
    (found,) = framework.elsewhere("accelerator", "exceed", _GIBIBYTE, 2 * _GIBIBYTE, left, right)
    assert found["refused"], "2 GiB were given under a limit of 1 GiB"
    assert any(word in found["refused"].lower() for word in ("out of memory", "oom", "exhausted")), (
        f"the error does not say that memory ran out: {found['refused'][:300]}"
    )
    expected = left.astype(np.float64) @ right.astype(np.float64)
    case.assert_close(found["product"], expected, what="product after the refusal")


def _seconds(trainer: Any, batch: Any) -> float:
    start = time.perf_counter()
    trainer.step(*batch)
    return time.perf_counter() - start


def _need_gpu(framework: Seam) -> None:
    if not on_gpu(framework):
        raise Unavailable("no GPU: the run is on the CPU" if framework.device == "cpu" else "no GPU in this run")
