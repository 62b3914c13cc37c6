"""The fault that every framework's bindings have: a program that gives back what it was given."""

from __future__ import annotations

from fwconformance.frameworks import RUNGS, Project
from fwconformance.frameworks._binding_faults import parrot, parrots

REAL = Project(
    language="cpp",
    framework="toy",
    artifact="libtoy",
    lineage="official",
    because="It is a toy.",
    folder="cpp/toy",
    shared="cpp/shared",
    tool="cmake",
    rungs=RUNGS[1:],
    version="1.2.3",
    settings={"TOY_ROOT": "/opt/toy"},
)


class Piece:
    def projects(self, language):
        return [REAL.to_json()]


def test_a_project_crosses_as_json_and_comes_back():
    assert Project.from_json(REAL.to_json()) == REAL


def test_a_parrot_keeps_what_is_expected_and_changes_the_program():
    changed = parrot(REAL)
    assert changed.folder == "cpp/reference-parrot"
    assert (changed.version, changed.rungs, changed.lineage) == (REAL.version, REAL.rungs, REAL.lineage)
    assert not changed.settings


def test_there_is_one_a_rung_and_each_is_taken_away_again():
    planted = parrots(Piece, "cpp")
    assert [one.kills for one in planted] == [f"binding.cpp.{rung}" for rung in RUNGS]
    assert len({one.name for one in planted}) == len(RUNGS)
    for one in planted:
        with one.apply():
            assert Piece().projects("cpp") == [parrot(REAL).to_json()]
        assert Piece().projects("cpp") == [REAL.to_json()]


def test_those_of_another_case_have_names_of_their_own():
    official, community = parrots(Piece, "go"), parrots(Piece, "go", case="community")
    assert not {one.name for one in official} & {one.name for one in community}
    assert {one.case for one in community} == {"community"}
