"""Runs with a sabotage of a framework's own, of another package than this."""

from __future__ import annotations

import pytest

EMBEDDING = "--fw-only=layers.embedding"


@pytest.fixture
def journal(third):
    return f"--fw-shard={third.folder / 'journal.jsonl'}"


def test_sabotage_fells_its_case_and_no_other(third, journal):
    """The fault is planted around the case that it names; the others see the framework as it is."""
    done = third.pytest("--framework=third", EMBEDDING, journal, "--fw-sabotage=shifted", bring=False)
    assert done.outcomes == {"layers.embedding:forward": "failed", "layers.embedding:gradients": "passed"}, done.output
    assert "outputs" in done.observation("layers.embedding:forward").message
    assert done.code == 1


def test_sabotaged_run_cannot_be_mistaken(third, journal):
    """Journal and terminal name the fault."""
    done = third.pytest("--framework=third", EMBEDDING, journal, "--fw-sabotage=shifted", bring=False)
    assert done.shard.header.mutant == "shifted"
    assert "with the fault shifted" in done.output


def test_without_its_sabotage_the_framework_passes(third, journal):
    done = third.pytest("--framework=third", EMBEDDING, journal, bring=False)
    assert set(done.outcomes.values()) == {"passed"}, done.output
    assert (done.code, done.shard.header.mutant) == (0, "")


def test_unknown_sabotage_is_told_which_command_names_them(third):
    done = third.pytest("--framework=third", EMBEDDING, "--fw-sabotage=bent", bring=False)
    assert done.code == 4
    known = "third has no sabotage 'bent' among its 1; `fwconformance proofs --framework third` names them"
    assert f"--fw-sabotage: {known}" in done.output


def test_mutants_are_the_references(third):
    """Another framework has sabotages, and is told so."""
    done = third.pytest("--framework=third", EMBEDDING, "--fw-mutant=shifted", bring=False)
    assert done.code == 4
    assert "only the reference has mutants; for third use --fw-sabotage" in done.output
