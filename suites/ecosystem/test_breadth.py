"""ecosystem.breadth: libraries that others built on a framework, area by area, put to a small real use with its release
of today.
"""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_breadth, check_count, check_library, library_places


def each():
    """One parameter a place of the list, with the mark of its area's capability."""
    return [
        pytest.param(area, slot, id=f"{area}-{slot}", marks=pytest.mark.capability(f"ecosystem.breadth-{area}", slot))
        for area, slot in library_places()
    ]


@pytest.mark.parametrize(("area", "slot"), each())
def test_library(framework, case, area, slot):
    """The listed library is installed beside the framework's release of today, and its numbers are right."""
    check_library(case, framework, area, slot)


# After the libraries: what they were seen to do is kept for these.
@pytest.mark.capability("ecosystem.breadth", "ten-in-four")
def test_ten_in_four(framework, case):
    """At least ten libraries in at least four areas do their job."""
    check_breadth(case, framework)


@pytest.mark.capability("ecosystem.breadth-count", "count")
def test_count(framework, case):
    """How many do is counted."""
    check_count(case, framework)
