"""Breadth: what is unsupported, what is failed, what is unknown, and what counts."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Level, Profile
from fwconformance.frameworks import Unavailable, Unsupported
from fwconformance.libraries import Installed, State, Used, listed
from fwconformance.suitekit import _breadth, _libraries, check_breadth, check_count, check_library, library_places

RIGHT = Used(works=True, why="", compared=3, furthest=0.5, seconds=1.0)
WRONG = Used(works=False, why="sum: 2, not 1", wrong=True)
BROKEN = Used(works=False, why="ImportError: no")
LATE = Used(works=False, why="no end after 400 s", late=True)


class Seen:
    """A framework as a seam shows it."""

    def __init__(self, name="mxnet", device="cpu", backend="", version="1.9.1"):
        self.name, self.device, self.backend, self._version = name, device, backend, version

    def versions(self):
        return {"mxnet": self._version, "keras": "3.15.1"}


@pytest.fixture
def case(make_case):
    return make_case("ecosystem.breadth", "count", profile=Profile.FULL)


@pytest.fixture
def world(monkeypatch, tmp_path):
    """What became of installations and uses, by the names of libraries; all well by default."""
    states, uses, runs = {}, {}, []

    def installed(library, folder):
        state = states.get(library.name, State.INSTALLED)
        return state and Installed(state=state, said="because of it", versions={"mxnet": "1.9.1"})

    def used(library, folder, *, prelude=""):
        runs.append(library.name)
        return uses.get(library.name, RIGHT)

    monkeypatch.setenv("FWCONFORMANCE_CACHE", str(tmp_path))
    monkeypatch.setattr(_libraries, "installed", installed)
    monkeypatch.setattr(_libraries, "used", used)
    return states, uses, runs


def test_right_numbers_pass(case, world):
    check_library(case, Seen(), "vision", "first")
    assert case.stated is Level.HARDWARE
    assert case.figures["numbers compared"].value == 3


def test_what_cannot_be_installed_is_unsupported_in_the_resolvers_words(case, world):
    world[0]["gluoncv"] = State.REFUSED
    with pytest.raises(Unsupported, match=r"gluoncv.* cannot be installed: because of it"):
        check_library(case, Seen(), "vision", "first")


def test_what_does_not_run_is_unsupported_and_wrong_numbers_fail(case, world):
    world[1]["gluoncv"] = BROKEN
    with pytest.raises(Unsupported, match=r"with mxnet 1\.9\.1 does not run: ImportError: no"):
        check_library(case, Seen(), "vision", "first")
    world[1]["gluonnlp"] = WRONG
    with pytest.raises(AssertionError, match="gives wrong numbers: sum: 2, not 1"):
        check_library(case, Seen(), "language", "first")


def test_where_none_is_listed_it_says_what_was_looked_for(case, world):
    with pytest.raises(Unsupported, match=r"no library for this area in the list: .*MXNet"):
        check_library(case, Seen(), "metrics", "first")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (Seen(device="cuda"), "on the CPU here"),
        (Seen(version="1.7.0"), r"holds mxnet 1\.9\.1, and this environment has 1\.7\.0"),
        (Seen(name="keras", backend="jax"), "not on jax yet"),
    ],
)
def test_other_columns_are_not_judged(case, world, seen, why):
    with pytest.raises(Unavailable, match=why):
        check_library(case, seen, "vision", "first")


def test_what_was_not_prepared_is_unknown(case, world):
    world[0]["gluoncv"] = None
    for check in (check_breadth, check_count):
        with pytest.raises(Unavailable, match="tox -e libraries"):
            check(case, Seen())
    with pytest.raises(Unavailable, match="tox -e libraries"):
        check_library(case, Seen(), "vision", "first")


def test_one_that_has_not_ended_is_unknown_and_tried_again(case, world):
    world[1]["gluoncv"] = LATE
    for _ in range(2):
        with pytest.raises(Unavailable, match="no end after"):
            check_library(case, Seen(), "vision", "first")
    assert world[2] == ["gluoncv", "gluoncv"]


def test_a_use_speaks_for_the_count_and_a_broken_one_does_not_count(case, world):
    world[1]["gluoncv"] = BROKEN
    check_library(case, Seen(), "language", "first")
    check_count(case, Seen())
    of = [library.name for library in listed().of("mxnet")]
    assert sorted(world[2]) == sorted(of)
    assert case.figures["libraries"].value == len(of) - 1
    assert case.figures["listed"].value == len(of)
    (broken,) = case.details["does not run"].items()
    assert broken == (listed().place("mxnet", "vision", "first").requirement, "ImportError: no")
    assert set(case.details["does its job"].values()) == {"3 numbers compared"}


def test_one_that_is_not_for_this_system_does_not_count_and_is_said(case, world):
    """Only what was seen to do its job is counted, of all that are listed."""
    world[0]["gluoncv"] = State.UNFIT
    with pytest.raises(Unavailable, match="not for this system: because of it"):
        check_library(case, Seen(), "vision", "first")
    check_count(case, Seen())
    assert case.figures["listed"].value == len(listed().of("mxnet"))
    assert case.figures["libraries"].value == len(listed().of("mxnet")) - 1
    assert case.figures["libraries, not tried"].value == 1
    (unknown,) = case.details["not tried"].values()
    assert unknown.endswith("is not for this system: because of it")


def test_one_that_cannot_be_installed_does_not_count_and_is_said(case, world):
    world[0]["gluoncv"] = State.REFUSED
    check_count(case, Seen())
    assert case.figures["libraries"].value == len(listed().of("mxnet")) - 1
    assert list(case.details["not installed"].values()) == ["because of it"]


def test_one_that_is_not_for_this_system_may_decide_the_breadth(case, world, monkeypatch):
    """Ten are asked for; of eight here all have to do their job, and of one nothing is known."""
    monkeypatch.setattr(_breadth, "LIBRARIES", 8)
    check_breadth(case, Seen())
    world[0]["gluoncv"] = State.UNFIT
    with pytest.raises(Unavailable, match="7 of 8 listed libraries do their job, and 1 are not for this system"):
        check_breadth(case, Seen())


def test_ten_in_four_areas_are_asked_for(case, world):
    """MXNet has eight places in the list, so that it is short of ten whatever they do."""
    with pytest.raises(Unsupported, match="8 of 8 listed libraries do their job"):
        check_breadth(case, Seen())


def test_wrong_numbers_fail_the_count(case, world):
    world[1]["gluonnlp"] = WRONG
    for check in (check_breadth, check_count):
        with pytest.raises(AssertionError, match=r"gluonnlp==0\.10\.0 gives wrong numbers"):
            check(case, Seen())


def test_a_count_of_none_fails(case, world):
    world[1].update({library.name: BROKEN for library in listed().of("mxnet")})
    with pytest.raises(AssertionError, match="none of 8"):
        check_count(case, Seen())


def test_places_are_those_of_the_list():
    places = library_places()
    assert places[:2] == (("training", "first"), ("training", "second"))
    assert len(places) == len(set(places))
    assert {area for area, _ in places} == set(listed().areas)
