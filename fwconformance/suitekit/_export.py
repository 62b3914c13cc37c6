"""The one check that every exported format goes through: what another program computes from the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Sequence

import numpy as np

from fwconformance.frameworks import (
    LSTM,
    Activation,
    Adam,
    Artifact,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Loss,
    Network,
    NotAdapted,
    Pool2D,
)
from fwconformance.runtimes import BatchRefused, run
from fwconformance.suitekit._data import digits
from fwconformance.suitekit._parity import own_running_variance
from fwconformance.suitekit._training import accuracy, batches, train
from fwconformance.works._draws import initial_weights, spread, weights_for

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam, SeamModel
    from fwconformance.suitekit._cases import Case

Array = Any

_EXAMPLE = 3  # rows of the batch that an exporter is shown

RECURRENT = Network(
    layers=(LSTM(units=6), LSTM(units=5, sequences=False), Dense(units=3)),
    input_shape=(4, 3),
)

#: Reads handwritten digits; small enough to train in a second.
READER = Network(
    layers=(
        Conv2D(channels=8, kernel=(3, 3), padding=((1, 1), (1, 1))),
        Activation(kind="relu"),
        Pool2D(kind="max", size=(2, 2), stride=(2, 2)),
        Flatten(),
        Dense(units=10),
    ),
    input_shape=(1, 8, 8),
)
#: How much of the held-out accuracy 8-bit integers may cost: 8 of 397 digits.
MAY_COST = 0.02


def convolutional(running_variance: str) -> Network:
    """A convolutional network in which an export in training mode, or one that lost a bias, shows at once.

    Batch normalisation has running statistics of its own (far from 0 and 1), dropout drops half in training, and the
    image is not square, so that axes which trade places show.
    """
    return Network(
        layers=(
            Conv2D(channels=4, kernel=(3, 3), padding=((1, 1), (1, 1))),
            BatchNorm(running_variance=running_variance),
            Activation(kind="relu"),
            Pool2D(kind="max", size=(2, 2), stride=(2, 2)),
            Dropout(rate=0.5),
            Conv2D(channels=5, kernel=(3, 2), stride=(1, 2)),
            Activation(kind="tanh"),
            Pool2D(kind="average", size=(2, 1), stride=(2, 1)),
            Flatten(),
            Dense(units=6),
            Dropout(rate=0.5),
            Activation(kind="sigmoid"),
            Dense(units=4),
        ),
        input_shape=(3, 12, 10),
    )


def check_convolutional(case: Case, framework: Seam, oracle: Seam, piece: str) -> None:
    """Assert that another program's outputs for images that the exporter did not see are the framework's."""
    _check(case, framework, oracle, piece, convolutional(own_running_variance(framework)), batches=(_EXAMPLE,))


def check_dynamic_batch(case: Case, framework: Seam, oracle: Seam, piece: str) -> None:
    """Assert the same for batches of other sizes than the exporter was shown: 1 and 5."""
    network = convolutional(own_running_variance(framework))
    method = "export_any_batch" if _fixed(framework.piece(piece)) else "export"
    _check(case, framework, oracle, piece, network, batches=(1, 5), method=method)


def check_recurrent(case: Case, framework: Seam, oracle: Seam, piece: str) -> None:
    """Assert the same for sequences through two stacked LSTM layers."""
    _check(case, framework, oracle, piece, RECURRENT, batches=(_EXAMPLE,))


def check_quantized(case: Case, framework: Seam, piece: str) -> None:
    """Assert that a trained network, quantised after training, reads held-out digits about as well as before.

    Its outputs must differ from the float ones, by a little: else nothing was quantised.
    """
    exporter = framework.piece(piece)
    if not hasattr(exporter.native, "export_quantized"):
        raise NotAdapted(f"the {framework.name} adapter does not quantise for {piece} yet")
    data = digits()
    model = framework.build(READER, initial_weights(READER, case.rng))
    adam = Adam(rate=0.01, epsilon_placement=framework.adam_placement())
    trainer = framework.trainer(model, Loss(kind="cross-entropy"), adam)
    train(trainer, batches(data.inputs, data.targets, 25, passes=4))
    own = trainer.model.forward(data.held_out_inputs)
    before = accuracy(own, data.held_out_targets)
    # Calibrated on what it was trained on, judged by what it never saw.
    shown = len(data.held_out_inputs) if _fixed(exporter) else 100
    given = export(case, exporter, trainer.model, data.inputs[:shown], method="export_quantized")
    (outputs,) = elsewhere(case, framework, piece, given, [data.held_out_inputs], quantized=True)
    after = accuracy(outputs, data.held_out_targets)
    case.figure("held-out accuracy in float32", before, "1")
    case.figure("held-out accuracy in 8-bit integers", after, "1")
    assert before >= 0.9, f"the float network reads {before:.3f} of the held-out digits: too few to judge by"
    assert after >= before - MAY_COST, f"quantised it reads {after:.3f} of the held-out digits, in float32 {before:.3f}"
    largest, scale = float(np.abs(outputs - own).max()), float(np.abs(own).max())
    case.figure("largest difference to float32", largest, "1")
    assert largest > 1e-4 * scale, f"the outputs are the float ones (largest difference {largest:.3g}): not quantised"
    case.level("hardware")


def _fixed(exporter: Any) -> bool:
    """Whether it writes for the example's batch size alone: see `FixedExporter`."""
    return hasattr(exporter.native, "export_any_batch")


def _check(
    case: Case,
    framework: Seam,
    oracle: Seam,
    piece: str,
    network: Network,
    *,
    batches: Sequence[int],
    method: str = "export",
) -> None:
    exporter = framework.piece(piece)
    weights = weights_for(network, case.rng)
    shape = [size for size in network.input_shape if size is not None]
    example = spread(case.rng, _EXAMPLE, *shape)
    held_out = [spread(case.rng, rows, *shape) for rows in batches]
    model = framework.build(network, weights)
    own = [model.forward(inputs) for inputs in held_out]
    given = export(case, exporter, model, example, method=method)
    outputs = elsewhere(case, framework, piece, given, held_out)
    reference = oracle.build(network, weights)
    for inputs, mine, theirs in zip(held_out, own, outputs):
        what = f"outputs for a batch of {len(inputs)}"
        case.assert_close(theirs, mine, what=f"{what}, against the framework's own")
        case.assert_close(theirs, reference.forward(inputs), what=f"{what}, against the oracle's")
    # A model that exporting has changed would agree with the file and be wrong.
    case.assert_close(model.forward(held_out[0]), own[0], what="the framework's own outputs after the export")


def export(case: Case, exporter: Any, model: SeamModel, example: Array, *, method: str = "export") -> Artifact:
    """What `exporter` wrote of `model` into this case's folder."""
    return Artifact.from_json(getattr(exporter, method)(model, example, str(case.tmp_path)))


def elsewhere(
    case: Case, framework: Seam, piece: str, artifact: Artifact, batches: Sequence[Array], *, quantized: bool = False
) -> Sequence[Array]:
    """Outputs of the format's runtime for `batches` (neutral layout); its name and version become a figure.

    Where an interpreter of ours read the program, since the runtime is not here, the level is "compiled".

    Raises AssertionError where it takes the file but refuses a batch.
    """
    given = [turned(batch, artifact.images) for batch in batches]
    name = piece.replace("export-", "", 1)
    try:
        ran = run(name, artifact, case.tmp_path, given, backend=framework.backend, quantized=quantized)
    except BatchRefused as refusal:
        if refusal.interpreted:
            case.level("compiled")
        rows = len(batches[refusal.batch])
        raise AssertionError(
            f"the file, exported with a batch of {_EXAMPLE}, takes none of {rows}; {refusal.runtime}: {refusal}"
        ) from refusal
    if ran.interpreted:
        case.level("compiled")
    case.figure(f"loaded and run by {ran.runtime}", ran.seconds, "s")
    return ran.outputs


def turned(batch: Array, images: str) -> Array:
    """`batch` (neutral layout) as an exported network takes it, by the artifact's `images`."""
    if images == "channels-last" and batch.ndim == 4:
        return np.ascontiguousarray(batch.transpose(0, 2, 3, 1))
    return batch
