"""Programs for artifacts of today beside releases of another year."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.frameworks._pieces_bindings import Project, beside

TODAYS = Project(
    language="java",
    framework="toy",
    artifact="org.toy:toy:9.0",
    lineage="official",
    because="It is a test's.",
    folder="java/toy",
    tool="maven",
    rungs=("arithmetic",),
    version="9.0",
)


@pytest.mark.parametrize("installed", ["1.8.0", "1.10.0+cpu", "2.0.0a1"])
def test_they_are_tried_beside_a_release_of_their_time(installed):
    assert beside(installed, (1, 8), TODAYS) == (TODAYS,)


def test_beside_one_of_years_before_they_say_nothing():
    """Whatever they do: what a user had then is another artifact."""
    (found,) = beside("1.7.1", (1, 8), TODAYS)
    assert found == attrs.evolve(TODAYS, unavailable=found.unavailable)
    assert found.unavailable.startswith("of years later than 1.7.1")


def test_what_is_unavailable_for_a_reason_of_its_own_keeps_it():
    gone = attrs.evolve(TODAYS, unavailable="no longer in Maven Central")
    assert beside("1.7.1", (1, 8), gone) == (gone,)
