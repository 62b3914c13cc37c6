"""vision.data-layers: records go to files, and come from them by the framework's own reader."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

from fwconformance.frameworks import SGD, Dense, Flatten, Loss, Network, Training
from fwconformance.suitekit import compare_weights, largest_move, spread, weights_for

RECORDS, BATCH = 12, 4
NETWORK = Network(layers=(Flatten(), Dense(units=3)), input_shape=(3, 5, 4))


def records(case):
    """Images of which no two are alike, and labels that tell where each stood."""
    return spread(case.rng, RECORDS, 3, 5, 4), np.arange(RECORDS) % 3


def stored(case, framework, *, files=1):
    """(folder, images, labels), written by a piece that is gone afterwards."""
    images, labels = records(case)
    folder = case.tmp_path / "records"
    folder.mkdir()
    framework.piece("data-files").write(str(folder), images, labels, files)
    size = sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())
    assert size >= images.nbytes, f"the files hold {size} bytes: less than the images' {images.nbytes}"
    return str(folder), images, labels


def labels_of(batch):
    return np.asarray(batch[1]).reshape(-1)


def compare(case, found, images, labels):
    """Assert two passes, in order, in whole batches."""
    assert len(found) == 2 * RECORDS // BATCH, f"{len(found)} batches came"
    for number, batch in enumerate(found):
        first = number * BATCH % RECORDS
        case.assert_close(batch[0], images[first : first + BATCH].astype("float64"), what=f"images of batch {number}")
        case.assert_close(
            labels_of(batch), labels[first : first + BATCH].astype("float64"), what=f"labels of batch {number}"
        )


@pytest.mark.capability("vision.data-layers", "in-order")
def test_in_order(framework, case):
    """Two passes over one file: every record in its place, each time."""
    folder, images, labels = stored(case, framework)
    compare(case, framework.piece("data-files").read(folder, BATCH, 2 * RECORDS // BATCH), images, labels)


@pytest.mark.capability("vision.data-layers", "several-files")
def test_several_files(framework, case):
    """Two passes over three files, whose records follow each other."""
    folder, images, labels = stored(case, framework, files=3)
    compare(case, framework.piece("data-files").read(folder, BATCH, 2 * RECORDS // BATCH), images, labels)


@pytest.mark.capability("vision.data-layers", "shuffled")
def test_shuffled(framework, case):
    """One pass, shuffled: every record once, with its own label, not in the order of the file."""
    folder, images, labels = stored(case, framework)
    found = framework.piece("data-files").read(folder, BATCH, RECORDS // BATCH, shuffle=True, seed=3)
    seen = np.concatenate([batch[0] for batch in found])
    places = [int(np.abs(images - one).reshape(RECORDS, -1).max(axis=1).argmin()) for one in seen]
    assert sorted(places) == list(range(RECORDS)), f"the records that came are {places}"
    assert places != list(range(RECORDS)), "the records came in the order of the file"
    case.assert_close(seen, images[places].astype("float64"), what="images")
    case.assert_close(
        np.concatenate([labels_of(batch) for batch in found]), labels[places].astype("float64"), what="labels"
    )


@pytest.mark.capability("vision.data-layers", "trains")
def test_trains(framework, oracle, case):
    """Six steps on what the reader gives end where the oracle's end on the same records in memory."""
    folder, images, labels = stored(case, framework)
    weights, loss, optimizer = weights_for(NETWORK, case.rng), Loss(kind="cross-entropy"), SGD(rate=0.2, momentum=0.9)
    training = Training(network=NETWORK, weights=weights, loss=loss, optimizer=optimizer, batches=())
    after = framework.piece("data-files").train(folder, training, BATCH, 6)
    trainer = oracle.trainer(oracle.build(NETWORK, weights), loss, optimizer)
    for number in range(6):
        first = number * BATCH % RECORDS
        trainer.step(images[first : first + BATCH], labels[first : first + BATCH])
    compare_weights(case, after, trainer.model.weights(), what="weights after six steps")
    assert min(largest_move(weights, after).values()) > 1e-2, "training left weights as they were"
