"""The lists themselves: what their criteria promise, they keep."""

from __future__ import annotations

import ast
import re

import pytest

from fwconformance.frameworks._libraries_faults import _PLACES
from fwconformance.frameworks._weights_faults import _KINDS
from fwconformance.libraries import listed, packaged
from fwconformance.registry import fixtures_dir, load_registry

LIST, WEIGHTS = listed(), packaged()
EVERY = (*LIST.libraries, *WEIGHTS.libraries)


def test_it_has_sixty_places_at_most_and_one_or_two_an_area_and_framework():
    places = [(library.area, library.framework, library.slot) for library in LIST.libraries]
    assert len(set(places)) == len(places) <= 60
    assert {slot for *_, slot in places} == {"first", "second"}
    for area, framework, slot in places:
        assert slot == "first" or (area, framework, "first") in places


def test_every_area_of_every_framework_has_a_library_or_says_what_was_looked_for():
    pairs = {(library.area, library.framework) for library in LIST.libraries}
    assert not pairs & set(LIST.lacking)
    assert pairs | set(LIST.lacking) == {(area, framework) for area in LIST.areas for framework in LIST.held}
    assert all(len(looked) > 20 for looked in LIST.lacking.values())


def test_a_library_is_listed_once():
    names = [library.name for library in EVERY]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("library", EVERY, ids=lambda library: f"{library.framework}-{library.name}")
def test_its_version_is_exact_and_its_program_tells_numbers(library):
    assert re.fullmatch(r"[a-z0-9.-]+(\[[a-z]+\])?==[0-9][0-9a-z.]*", library.requirement)
    tree = ast.parse(library.program.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert any(call.func.id.partition("_")[0] == "tell" for call in calls)
    if library in WEIGHTS.libraries:
        assert any(call.func.id == "tell_corrupted" for call in calls)


def test_no_program_is_without_its_library():
    there = {path.relative_to(fixtures_dir()) for path in (fixtures_dir() / "ecosystem" / "uses").glob("*/*.py")}
    asked = {library.program.relative_to(fixtures_dir()) for library in EVERY}
    assert {path for path in there if path.parent.name != "shared"} == asked


def test_frameworks_are_held_at_the_releases_of_today():
    """As the primary environments of their subjects have them."""
    registry = load_registry()
    for name, held in LIST.held.items():
        environment = registry.environments[{"pytorch": "torch-cpu"}.get(name, f"{name}-cpu")]
        expected = {
            ("tensorflow" if key == "tensorflow-cpu" else key): value for key, value in environment.expect.items()
        }
        assert f"{held.distribution}=={expected[held.distribution]}" in held.requirements


def test_capabilities_and_faults_follow_the_list():
    registry = load_registry()
    for area, title in LIST.areas.items():
        capability = registry.capabilities[f"ecosystem.breadth-{area}"]
        assert capability.title == f"Breadth: {title[0].lower()}{title[1:]}"
        for library in LIST.libraries:
            if library.area == area:
                assert library.name in capability.case("first").sees
                assert library.slot in [case.id for case in capability.cases_for(library.framework)]
    for framework, (areas, two) in _PLACES.items():
        of = LIST.of(framework)
        assert sorted(areas) == sorted(library.area for library in of if library.slot == "first")
        assert sorted(two) == sorted(library.area for library in of if library.slot == "second")


def test_packages_with_weights_are_one_a_kind_and_framework_or_it_is_said_what_was_looked_for():
    pairs = [(library.area, library.framework) for library in WEIGHTS.libraries]
    assert len(set(pairs)) == len(pairs)
    assert not set(pairs) & set(WEIGHTS.lacking)
    assert {*pairs, *WEIGHTS.lacking} == {(kind, framework) for kind in WEIGHTS.areas for framework in WEIGHTS.held}
    assert {(kind, framework) for framework, kinds in _KINDS.items() for kind in kinds} == set(pairs)
    capability = load_registry().capabilities["ecosystem.packaged-weights"]
    assert [case.id for case in capability.cases] == list(WEIGHTS.areas)
    for library in WEIGHTS.libraries:
        assert library.name in capability.case(library.area).sees


@pytest.mark.parametrize("library", WEIGHTS.libraries, ids=lambda library: library.name)
def test_requirements_are_set_aside_for_the_release_that_is_held_alone(library):
    """An override that moved the framework would judge another release."""
    held = [each for each in library.held.requirements if each.startswith(f"{library.held.distribution}==")]
    assert not library.overrides or set(held) <= set(library.overrides)
