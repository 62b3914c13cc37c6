"""The mutants: every case of an active capability has one, and the cases that it names kill it by an assertion."""

from __future__ import annotations

import io

import pytest

from fwconformance.frameworks.reference import Parts
from fwconformance.frameworks.reference._mutants import MUTANTS
from fwconformance.registry import load_registry
from fwconformance.supervisor import Limits, Progress, Target, prove

CASES = {
    (capability.id, case.id)
    for capability in load_registry().capabilities.values()
    if capability.inapplicable_to("reference") is None
    for case in capability.cases_for("reference")
}


def test_every_case_has_a_mutant():
    """All that the reference can run, but those that ask on which backend a front end runs: it has none to run on."""
    named = {(mutant.capability, case) for mutant in MUTANTS.values() for case in mutant.cases}
    assert {(capability, case) for capability, case in CASES if not capability.startswith("backend.")} == named


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_mutant_describes_itself(name):
    """A name in kebab-case, cases, and one sentence."""
    mutant = MUTANTS[name]
    assert mutant.name == name == name.lower().replace("_", "-")
    assert mutant.cases
    assert mutant.description.endswith(".")


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_mutant_differs_in_one_part(name):
    """Each replaces one kind of part and leaves the others sound."""
    sound, faulty = Parts(), MUTANTS[name].create().parts
    changed = [
        field
        for field in Parts.__slots__
        if not field.startswith("_") and getattr(sound, field) != getattr(faulty, field)
    ]
    assert len(changed) == 1, changed


def test_every_mutant_is_killed():
    """Its cases pass on the reference as it is, and fail by an assertion on the mutant, in the same process."""
    proofs = prove(
        Target(framework="reference", backend="", device="cpu"),
        only=(),
        profile="full",
        limits=Limits(),
        workers=2,
        progress=Progress(io.StringIO(), 0, "reference"),
    )
    tried = {(proof.fault, proof.capability, proof.case) for proof in proofs.proofs}
    assert tried == {(name, mutant.capability, case) for name, mutant in MUTANTS.items() for case in mutant.cases}
    survivors = [f"{p.fault} survives {p.capability}:{p.case}: {p.message}" for p in proofs.proofs if not p.killed]
    assert not survivors, "\n".join(survivors)
