"""build.*: what a framework's build is made of, and what it carries."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest

from fwconformance.evidence import Level
from fwconformance.frameworks import SGD, Activation, Dense, Loss, Network
from fwconformance.suitekit import compare_weights, largest_move, scalar, spread, weights_for

NETWORK = Network(layers=(Dense(units=5), Activation(kind="tanh"), Dense(units=3)), input_shape=(4,))


@pytest.mark.capability("build.carries-caffe2", "trains")
def test_trains_by_caffe2(framework, oracle, case):
    """What the framework carries of Caffe2 trains two dense layers as the oracle does."""
    weights, held_out = weights_for(NETWORK, case.rng), spread(case.rng, 6, 4)
    batches = [(spread(case.rng, 6, 4), spread(case.rng, 6, 3)) for _ in range(3)]
    found = framework.piece("caffe2").train(weights, batches, 0.5, held_out)
    trainer = oracle.trainer(oracle.build(NETWORK, weights), Loss(kind="mse"), SGD(rate=0.5))
    assert len(found["losses"]) == len(batches), f"{len(found['losses'])} losses of {len(batches)} steps"
    for number, (loss, batch) in enumerate(zip(found["losses"], batches), start=1):
        case.assert_close(scalar(loss), trainer.step(*batch), what=f"loss before step {number}")
    compare_weights(case, found["weights"], trainer.model.weights(), what="weights after three steps")
    case.assert_close(found["outputs"], trainer.model.forward(held_out), what="outputs after training")
    moved = largest_move(weights, found["weights"])
    assert min(moved.values()) > 1e-3, f"a weight was not trained: {moved}"


@pytest.mark.capability("build.unchanged-today", "compiles")
def test_compiles_unchanged(framework, case):
    """What has to be changed to be built is compiled as it was released."""
    piece = framework.adapter.piece("unchanged-build")
    age = datetime.now(timezone.utc).date() - date(*map(int, piece.released.split("-")))
    case.figure("time since the release", age.days / 365.25, "years")
    compiled = piece.attempt(str(case.tmp_path))
    assert compiled, "nothing was compiled"
    case.level(Level.HARDWARE)
