"""A library beside its framework's release: installed, refused in the resolver's words, or not known."""

from __future__ import annotations

import json

import attrs
import pytest

from fwconformance.libraries import Held, State, Unreachable, install, installed
from fwconformance.libraries._installing import _said
from fwconformance.libraries._places import python_of


@pytest.fixture
def put(index, uv, tmp_path):
    """Install an entry from the wheels alone."""

    def run(library):
        return install(library, tmp_path / "place", uv=uv, options=("--no-index", "--find-links", str(index)))

    return run


def test_what_is_installed_is_known_by_its_metadata(put, index, tmp_path, entry, write_wheel):
    """Versions, requirements and summary come from the wheels, and are kept."""
    write_wheel(index, "well-kept", "3.1", requires=["frame>=1.0"])
    library = entry("well-kept==3.1")
    found = put(library)
    assert found.state is State.INSTALLED, found.said
    assert found.version("Well_Kept") == "3.1"
    assert found.version("frame") == "2.0"
    assert found.requires == ("frame>=1.0",)
    assert found.summary == "well-kept in one line"
    assert python_of(tmp_path / "place").is_file()
    assert installed(library, tmp_path / "place") == found


def test_one_that_would_move_the_framework_is_refused_in_the_resolvers_words(put, index, tmp_path, entry, write_wheel):
    """Nothing is downgraded, and no environment is left."""
    write_wheel(index, "held-back", "1.0", requires=["frame<2"])
    found = put(entry("held-back==1.0"))
    assert found.state is State.REFUSED
    assert "frame<2" in found.said
    assert "frame==2.0" in found.said
    assert str(tmp_path) not in found.said
    assert not (tmp_path / "place" / "environment").exists()


def test_requirements_of_its_own_can_be_set_aside_where_they_are_refused(put, index, tmp_path, entry, write_wheel):
    """What the resolver said is kept, and the framework stays where it is held."""
    write_wheel(index, "held-back", "1.0", requires=["frame<2"])
    library = attrs.evolve(entry("held-back==1.0"), overrides=("frame==2.0",))
    found = put(library)
    assert found.state is State.INSTALLED, found.said
    assert found.version("frame") == "2.0"
    assert "frame<2" in found.against
    assert installed(library, tmp_path / "place") == found
    write_wheel(index, "held-back", "1.1", requires=["frame>=2"])
    assert put(attrs.evolve(library, requirement="held-back==1.1")).against == ""


def test_one_that_is_not_there_is_refused(put, entry):
    """The index has the framework, so that it is the library that is missing."""
    found = put(entry("never-written==1.0"))
    assert found.state is State.REFUSED
    assert "never-written" in found.said


def test_without_the_framework_nothing_is_known(put, index, tmp_path, entry, write_wheel):
    """An index that is out of reach says nothing about the library, and nothing is kept."""
    write_wheel(index, "well-kept", "3.1")
    (index / "frame-2.0-py3-none-any.whl").unlink()
    library = entry("well-kept==3.1")
    with pytest.raises(Unreachable, match=r"frame==2\.0"):
        put(library)
    assert installed(library, tmp_path / "place") is None


def test_a_python_that_is_not_here_is_passed_over(put, index, entry, write_wheel):
    """The next one is taken; with none of them nothing is known."""
    write_wheel(index, "well-kept", "3.1")
    library = entry("well-kept==3.1")
    absent = attrs.evolve(library.held, pythons=("2.7", *library.held.pythons))
    found = put(attrs.evolve(library, held=absent))
    assert found.state is State.INSTALLED
    assert found.python == library.held.pythons[0]
    with pytest.raises(Unreachable, match="on this machine"):
        put(attrs.evolve(library, held=attrs.evolve(library.held, pythons=("2.7",))))


def test_what_is_published_for_newer_systems_alone_is_no_fault_of_the_library(put, index, entry, write_wheel):
    """The resolver is asked again, as if this were the newest system that it knows."""
    write_wheel(index, "from-tomorrow", "1.0", tag="py3-none-manylinux_2_40_x86_64")
    found = put(entry("from-tomorrow==1.0"))
    if found.state is State.INSTALLED:
        pytest.skip("this system is that new")
    assert found.state is State.UNFIT
    assert "from-tomorrow" in found.said


def test_what_was_kept_for_another_entry_does_not_count(put, index, tmp_path, entry, write_wheel):
    """Another version, another framework, another day: it has to be prepared again."""
    write_wheel(index, "well-kept", "3.1")
    library = entry("well-kept==3.1")
    put(library)
    place = tmp_path / "place"
    assert installed(attrs.evolve(library, requirement="well-kept==3.2"), place) is None
    assert installed(attrs.evolve(library, checked="2026-11-30"), place) is None
    other = Held(distribution="frame", requirements=("frame==1.0",), pythons=library.held.pythons)
    assert installed(attrs.evolve(library, held=other), place) is None
    record = place / "installed.json"
    record.write_text(json.dumps({"key": "torn"}))
    assert installed(library, place) is None


def test_what_an_installer_says_is_told_without_drawings_paths_and_addresses(tmp_path):
    """One line, from the error on."""
    output = (
        "Resolved 3 packages in 5ms\nerror: No solution found\n  cause: Because a==1 (see https://somewhere/simple) "
        f"and {tmp_path}/index/b.whl\n   \u2570\u2500\u25b6 c /usr/lib/python3/site.py\n"
    )
    assert _said(output, tmp_path) == "error: No solution found cause: Because a==1 (see (address) and b.whl c site.py"
