"""When a fault counts as killed."""

from __future__ import annotations

import pytest

from fwconformance.supervisor._proofs import _judge, _Part

CASE = ("rnn.lstm", "forward")


def judged(twin: str | None, mutated: str | None, finding: str | None = None):
    part = _Part()
    part.plan = [("forgets", *CASE)]
    part.cases = [CASE, ("rnn.gru", "forward")]
    if twin is not None:
        part.done["", CASE[0], CASE[1]] = {"outcome": twin, "message": "", "finding": None}
    if mutated is not None:
        part.done["forgets", CASE[0], CASE[1]] = {"outcome": mutated, "message": "outputs differ", "finding": finding}
    return _judge([part], whole=True)


def test_a_fault_is_killed_where_its_twin_passes_and_it_fails():
    proofs = judged("passed", "failed")
    assert [(one.killed, one.message) for one in proofs.proofs] == [(True, "outputs differ")]
    assert proofs.unproven == (("rnn.gru", "forward"),)


@pytest.mark.parametrize("mutated", ["passed", "broken", "unsupported", "unavailable", "crashed", "timeout", None])
def test_nothing_but_a_failure_kills(mutated):
    (proof,) = judged("passed", mutated).proofs
    assert not proof.killed
    assert "must fail by an assertion" in proof.message


@pytest.mark.parametrize("twin", ["failed", "broken", "crashed", None])
def test_nothing_is_proven_where_the_twin_does_not_pass(twin):
    (proof,) = judged(twin, "failed").proofs
    assert not proof.killed
    assert not proof.idle
    assert "so nothing is proven" in proof.message


@pytest.mark.parametrize("twin", ["unsupported", "unavailable"])
@pytest.mark.parametrize("mutated", ["failed", "unsupported", "broken"])
def test_a_fault_is_idle_where_nothing_is_claimed_that_it_could_disprove(twin, mutated):
    """As of a release older than what the fault is planted in; it neither kills nor survives."""
    (proof,) = judged(twin, mutated).proofs
    assert proof.idle
    assert not proof.killed
    assert "there is nothing to disprove" in proof.message


def test_a_failure_that_a_known_finding_explains_does_not_kill():
    assert not judged("passed", "failed", finding="known").proofs[0].killed
