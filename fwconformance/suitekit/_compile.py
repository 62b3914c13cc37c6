"""A train step as a program for an accelerator that is not here: run on the CPU, compiled for the accelerator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Sequence

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
    Training,
)
from fwconformance.runtimes import Argument, Compiled, compile_program
from fwconformance.suitekit._parity import compare_weights, largest_move, scalar
from fwconformance.works._draws import ids, spread, weights_for

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case

Array = Any

BATCH = 16  # shared out over up to four devices

#: Every row differs from every other, so that half a batch is another step; the kernel is not square, nor the image.
NETWORK = Network(
    layers=(
        Conv2D(channels=6, kernel=(3, 2), padding=((1, 1), (0, 1))),
        Activation(kind="tanh"),
        Pool2D(kind="max", size=(2, 2), stride=(2, 2)),
        Flatten(),
        Dense(units=12),
        Activation(kind="relu"),
        Dense(units=5),
    ),
    input_shape=(3, 10, 8),
)


def step_training(rng: Any, *, steps: int = 1) -> Training:
    """The training that is compiled: `steps` batches of images, cross-entropy, SGD with momentum."""
    batches = tuple((spread(rng, BATCH, 3, 10, 8), ids(rng, 5, BATCH)) for _ in range(steps))
    return Training(
        network=NETWORK,
        weights={name: 0.5 * value for name, value in weights_for(NETWORK, rng).items()},
        loss=Loss(kind="cross-entropy"),
        optimizer=SGD(rate=0.1, momentum=0.9),
        batches=batches,
    )


def check_compiled(
    case: Case, framework: Seam, oracle: Seam, piece: str, topology: str, *, devices: int = 1
) -> Compiled:
    """Assert that the framework's program does the oracle's step on the CPU, and compile it for `topology`.

    The framework's own step, done beside the program in its ordinary way, must be the oracle's too. What the compiler
    said becomes figures.
    """
    training = step_training(case.rng)
    (written,) = framework.elsewhere(piece, "write", training, devices, str(case.tmp_path))
    trainer = oracle.trainer(oracle.build(NETWORK, training.weights), training.loss, training.optimizer)
    ((inputs, targets),) = training.batches
    loss, after = trainer.step(inputs, targets), trainer.model.weights()
    moved = largest_move(training.weights, after)
    assert min(moved.values()) > 1e-3, f"the oracle's step leaves weights nearly as they were: {moved}"
    compare_weights(case, written["weights"], after, what="weights after the framework's own step")
    compiled = compile_program(
        case.tmp_path / written["file"],
        _arguments(case, written, training, devices),
        platform="tpu" if piece == "compile-tpu" else "cuda",
        topology=topology,
        devices=devices,
        kind=written["kind"],
    )
    _keep(case, compiled)
    for device in range(devices):
        results = dict(zip(written["results"], (copies[device] for copies in compiled.results)))
        where = f" on device {device}" if devices > 1 else ""
        case.assert_close(scalar(results["loss"]), loss, what=f"loss of the program{where}")
        given = {
            name[len("weight ") :]: _neutral(value, written["layout"][name[len("weight ") :]])
            for name, value in results.items()
            if name.startswith("weight ")
        }
        compare_weights(case, given, after, what=f"weights after the program's step{where}")
    return compiled


def _arguments(case: Case, written: Mapping[str, Any], training: Training, devices: int) -> Sequence[Argument]:
    ((inputs, targets),) = training.batches
    found = []
    for argument in written["arguments"]:
        kind, _, name = argument.partition(" ")
        if kind == "inputs":
            found.append(Argument(values=_narrow(inputs), split=devices > 1))
        elif kind == "targets":
            found.append(Argument(values=_narrow(targets), split=devices > 1))
        elif kind == "weight":
            values = np.asarray(training.weights[name], dtype=np.float32)
            found.append(Argument(values=np.transpose(values, _axes(written["layout"][name]))))
        else:
            found.append(Argument(values=np.load(str(case.tmp_path / name))))
    return found


def _narrow(values: Array) -> Array:
    return np.asarray(values, dtype=np.int32 if values.dtype.kind in "iu" else np.float32)


def _axes(text: str) -> tuple[int, ...]:
    return tuple(int(axis) for axis in text.split(","))


def _neutral(values: Array, axes: str) -> Array:
    return np.transpose(values, np.argsort(_axes(axes)))


def _keep(case: Case, compiled: Compiled) -> None:
    case.figure(f"compiled by {compiled.compiler} for {compiled.target}", compiled.compile_seconds, "s")
    case.figure("floating-point operations", compiled.flops, "1")
    case.figure("bytes accessed", compiled.bytes, "B")
    for use, size in compiled.memory.items():
        case.figure(f"memory: {use}", size, "B")
    for kind, count in compiled.collectives.items():
        case.figure(f"collectives: {kind}", count, "1")
    if compiled.kernels:
        case.figure("kernels", compiled.kernels, "1")
        case.figure(f"PTX for {', '.join(compiled.architectures)}", compiled.ptx_bytes, "B")
        case.figure("assembled", int(compiled.assembled), "1")
