"""The fault that every framework's bindings have: a program that gives back what it was given."""

from __future__ import annotations

import attrs

from fwconformance.frameworks import RUNGS, Project
from fwconformance.frameworks._binding_faults import OFF, Wrong, ladder, parrot, parrots, too_large, without_a_step

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


class Library:
    """What a framework's Python side computes."""

    @staticmethod
    def loss():
        return 2.0

    def step(self):
        return "moved"


WRONG = Wrong(
    name="expected-gradients-wrong",
    rung="gradients",
    place=(Library, "loss"),
    make=lambda original: staticmethod(too_large(original)),
    description="The loss is too large.",
)


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


def test_a_ladder_has_a_parrot_a_rung_and_what_a_framework_adds():
    planted = ladder(Piece, "cpp", [WRONG])
    assert [one.kills for one in planted] == [*(f"binding.cpp.{rung}" for rung in RUNGS), "binding.cpp.gradients"]
    assert (planted[-1].name, planted[-1].case) == ("cpp-expected-gradients-wrong", "official")


def test_a_rung_that_is_red_without_a_fault_may_have_none():
    kills = {one.kills for one in ladder(Piece, "cpp", [WRONG], rungs=RUNGS[:-1])}
    assert "binding.cpp.errors" not in kills
    assert "binding.cpp.custom-layer" in kills


def test_ladders_of_two_cases_have_no_name_in_common():
    planted = [*ladder(Piece, "java", [WRONG]), *ladder(Piece, "java", [WRONG], case="community")]
    assert len({one.name for one in planted}) == len(planted)
    assert planted[-1].name == "java-community-expected-gradients-wrong"


def test_what_is_wrong_is_so_only_while_it_is_planted():
    fault = ladder(Piece, "cpp", [WRONG])[-1]
    with fault.apply():
        assert Library.loss() == 2.0 * OFF
    assert Library.loss() == 2.0


def test_a_step_that_is_left_out_moves_nothing():
    assert without_a_step(Library.step)(Library(), 1, ignored=2) is None


def test_a_parrot_is_tried_where_the_real_program_cannot_be():
    """It has no binding that could be missing or not fit."""
    changed = parrot(attrs.evolve(REAL, refusal="x", unmet="y", unavailable="z", needs={"no-such-program": "it"}))
    assert (changed.refusal, changed.unmet, changed.unavailable, changed.needs) == ("", "", "", {})
