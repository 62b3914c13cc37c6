"""From duels to what a claim asks for."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.duels import Block, asked, measured_ratios, missing_works
from fwconformance.registry import load_registry
from fwconformance.works import WORKS as CATALOG
from fwconformance.works import find_work

REGISTRY = load_registry()
#: Of keras.slower.
WORKS = next(each.rule.works for each in asked(REGISTRY) if (each.of, each.over) == ("keras-cpu", "torch-cpu"))


@pytest.fixture
def keras(contestant):
    return contestant(
        "keras-cpu",
        framework="keras",
        backend="tensorflow",
        versions={"keras": "3.15.1", "tensorflow-cpu": "2.21.0"},
    )


def pairs(seconds):
    """A block of each of five pairs of processes."""
    return tuple(Block(order="ABBA", seconds=seconds, build=number, process=number) for number in range(1, 6))


@pytest.fixture
def session(duel, contestant, keras):
    """Keras against PyTorch on every work, 1.5 times as long."""
    blocks = pairs((1.5, 1.0, 1.0, 1.5))

    def make(works=WORKS, **changed):
        return [duel(**{"work": work, "a": keras, "b": contestant(), "blocks": blocks, **changed}) for work in works]

    return make


def keras_over_pytorch(duels):
    found = [each for each in measured_ratios(duels, REGISTRY) if (each.of, each.over) == ("keras", "pytorch")]
    return found[0] if found else None


def test_claims_ask_for_keras_beside_pytorch_and_mxnet():
    assert {(each.of, each.over) for each in asked(REGISTRY)} >= {
        ("keras-cpu", "torch-cpu"),
        ("keras-cpu", "mxnet-cpu"),
    }


def test_keras_is_compared_on_every_network_of_the_catalog():
    assert {find_work(work).network for work in WORKS} == {each.network for each in CATALOG.values()}


def test_a_whole_session_gives_the_ratio(session):
    found = keras_over_pytorch(session())
    assert found.figure.value == pytest.approx(1.5)
    assert found.figure.low <= 1.5 <= found.figure.high
    assert found.works == WORKS
    assert found.environments == ("keras-cpu", "torch-cpu")


def test_who_came_first_does_not_matter(session, contestant, keras):
    turned = pairs((1.0, 1.5, 1.5, 1.0))
    found = keras_over_pytorch(session(a=contestant(), b=keras, blocks=turned))
    assert found.figure.value == pytest.approx(1.5)


def test_a_work_that_is_missing_leaves_it_out(session):
    assert keras_over_pytorch(session(WORKS[1:])) is None
    missing = {
        (each.of, each.over, each.era.value): each.missing for each in missing_works(session(WORKS[1:]), REGISTRY)
    }
    assert missing == {("keras", "pytorch", "current"): WORKS[:1]}
    assert not missing_works(session(), REGISTRY)
    assert not missing_works([], REGISTRY)


@pytest.mark.parametrize("what", ["mode", "version", "planted"])
def test_other_contestants_than_the_declared_ones_do_not_count(session, contestant, what):
    other = {
        "mode": contestant(mode="compile"),
        "version": contestant(versions={"torch": "2.0.0"}),
        "planted": contestant(extra=0.05),
    }[what]
    assert keras_over_pytorch(session(b=other)) is None


def test_the_newest_duel_of_a_work_counts(session):
    slower = pairs((3.0, 1.0, 1.0, 3.0))
    newer = session(blocks=slower, started="2026-02-01T00:00:00Z")
    assert keras_over_pytorch([*newer, *session()]).figure.value == pytest.approx(3.0)


def test_a_duel_that_was_interrupted_does_not_count(session):
    """It is not shown either; one of before does in its place."""
    cut_short = session(started="2026-02-01T00:00:00Z", stopped="interrupted", blocks=pairs((3.0, 1.0, 1.0, 3.0)))
    assert keras_over_pytorch(cut_short) is None
    assert keras_over_pytorch([*session(), *cut_short]).figure.value == pytest.approx(1.5)


@pytest.mark.parametrize("process", [0, 1])
def test_a_duel_of_one_pair_of_processes_does_not_count(session, process):
    """Of the time when both sides were started once, or cut short."""
    once = tuple(attrs.evolve(block, process=process) for block in pairs((1.5, 1.0, 1.0, 1.5)))
    assert keras_over_pytorch(session(blocks=once)) is None
