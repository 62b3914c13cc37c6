"""A program with two releases of its binding: what counts as a break, and what as our own fault."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.bindings import BuildFailed, Built, ProgramFailed, ProgramLate
from fwconformance.frameworks import NotAdapted, Project, Releases, Unavailable, Unsupported
from fwconformance.suitekit import _releases, check_breaks
from fwconformance.suitekit._releases import first_complaint

OLDER = Project(
    language="java",
    framework="toy",
    artifact="toy 1.0",
    lineage="official",
    because="It is a toy.",
    folder="java/toy",
    tool="maven",
    rungs=("arithmetic",),
    version="1",
    settings={"toy": "1.0"},
)
NEWER = attrs.evolve(OLDER, artifact="toy 1.1", version="1.1", settings={}, refusal=r"\.java:\[")


class Case:
    """As far as the check needs it."""

    id = "java"

    def __init__(self):
        self.figures, self.details, self.stated = {}, [], None

    def figure(self, name, value, unit):
        self.figures[name] = (value, unit)

    def detail(self, *words):
        self.details.append(words)

    def level(self, level):
        self.stated = level


class Toy:
    """A framework with a pair of releases."""

    name, device = "toy", "cpu"

    def __init__(self, pair):
        self.pair = pair

    def piece(self, name):
        return self

    def releases(self):
        return [self.pair.to_json()]


@pytest.fixture
def compare(monkeypatch):
    """Check a pair: `builds` and `works` hold what a release raises where it is built, and where it is run."""

    def compare(older=OLDER, newer=NEWER, *, case="java", builds=None, works=None, says=None):
        def build(project, fixtures):
            if project.artifact in (builds or {}):
                raise builds[project.artifact]
            return Built(project=project, command=("program",), seconds=0.0, log=fixtures / "log")

        def climb(case, rung, built, **_):
            case.figures[f"{rung} {built.project.artifact}"] = (0.0, "1")
            if built.project.artifact in (works or {}):
                raise works[built.project.artifact]

        def version(built):
            said = (says or {}).get(built.project.artifact, built.project.version)
            if isinstance(said, Exception):
                raise said
            return said

        for name, stand_in in (("build", build), ("climb", climb), ("version", version)):
            monkeypatch.setattr(_releases, name, stand_in)
        seen = Case()
        seen.id = case
        check_breaks(seen, Toy(Releases(case="java", older=older, newer=newer)), None)
        return seen

    return compare


def failed(words):
    return BuildFailed(f"java/toy: mvn failed (exit code 1): {words}; its log is /home/me/x.failed.log")


def test_what_no_longer_compiles_breaks_in_the_compilers_words(compare):
    words = "[ERROR] /home/me/cache/java/toy/src/Main.java:[4,2] cannot find symbol [ERROR] /home/me/Main.java:[5,2] no"
    seen = compare(builds={"toy 1.1": failed(words)})
    assert seen.details == [("broken", "toy 1.0 to toy 1.1", "Main.java:[4,2] cannot find symbol")]
    assert seen.stated == "hardware"


def test_what_computes_something_else_breaks_and_leaves_no_figure_of_that(compare):
    seen = compare(works={"toy 1.1": AssertionError("the sum is off")})
    assert seen.figures == {"arithmetic toy 1.0": (0.0, "1")}
    assert seen.details == [("broken", "toy 1.0 to toy 1.1", "the sum is off")]


def test_what_no_longer_starts_breaks(compare):
    seen = compare(says={"toy 1.1": ProgramFailed("it died")})
    assert seen.details == [("broken", "toy 1.0 to toy 1.1", "it died")]


def test_what_does_not_end_is_unknown_and_no_break(compare):
    with pytest.raises(Unavailable, match="no end after 60 s"):
        compare(says={"toy 1.1": ProgramLate("java/toy version: no end after 60 s")})


def test_what_works_with_both_was_shown_not_to_break(compare):
    with pytest.raises(
        Unsupported, match=r"that works with toy 1\.0 builds unchanged with toy 1\.1, and computes the same"
    ):
        compare()


def test_a_later_build_that_fails_for_another_reason_is_no_break(compare):
    with pytest.raises(BuildFailed, match="Could not find artifact"):
        compare(builds={"toy 1.1": failed("[ERROR] Could not find artifact toy")})


def test_a_program_that_does_not_build_with_its_own_release_compares_nothing(compare):
    with pytest.raises(AssertionError, match=r"does not build with toy 1\.0, the earlier of the two"):
        compare(builds={"toy 1.0": failed("[ERROR] Main.java:[4,2] cannot find symbol")})


def test_a_program_that_does_not_work_with_its_own_release_compares_nothing(compare):
    with pytest.raises(AssertionError, match="the sum is off"):
        compare(works={"toy 1.0": AssertionError("the sum is off")})


@pytest.mark.parametrize("artifact", ["toy 1.0", "toy 1.1"])
def test_another_release_than_is_said_compares_nothing(compare, artifact):
    with pytest.raises(AssertionError, match=f"runs with '0.9' of {artifact}"):
        compare(says={artifact: "0.9"})


def test_two_programs_compare_nothing(compare):
    with pytest.raises(AssertionError, match="not one program, unchanged: java/toy and java/other"):
        compare(newer=attrs.evolve(NEWER, folder="java/other"))


def test_one_release_compares_nothing(compare):
    with pytest.raises(AssertionError, match=r"not two releases: both programs are built with toy 1\.0"):
        compare(newer=OLDER)


def test_a_case_without_a_pair_is_our_gap(compare):
    with pytest.raises(NotAdapted, match="no program for two releases of toy's binding 'go' yet"):
        compare(case="go")


def test_a_release_that_is_gone_is_unavailable(compare):
    with pytest.raises(Unavailable, match=r"toy 1\.0: gone"):
        compare(older=attrs.evolve(OLDER, unavailable="gone"))


def test_a_complaint_of_no_tool_in_particular_is_told_whole():
    assert first_complaint("go/toy: go failed: ./main.go:3:4: undefined: x") == (
        "go/toy: go failed: ./main.go:3:4: undefined: x"
    )
