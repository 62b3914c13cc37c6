"""The probe that tells which of two conventions a framework follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.frameworks._conventions import Convention
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import NotAdapted, Unsupported


def takes(size, rate=0.1):
    """Stands for a layer's initialiser."""


def probe(seen, *, asked="after", call=takes):
    return Convention(
        label="a layer",
        measure=lambda: seen,
        gives={"after": 0.0, "before": 0.5},
        asked=asked,
        takes=call,
        known=frozenset({"size", "rate"}),
    )


def test_the_convention_followed_is_present():
    assert probe(0.0).run() == (False, "a layer follows 'after': measured 0 (after gives 0, before gives 0.5)")


def test_the_other_convention_is_absent_and_the_evidence_says_what_was_measured():
    absent, evidence = probe(0.5).run()
    assert absent
    assert "follows 'before': measured 0.5" in evidence
    assert "no parameter chooses" in evidence


def test_a_parameter_not_known_may_choose_and_so_the_thing_counts_as_present():
    def newer(size, rate=0.1, reset_after=False):
        """Stands for the initialiser of a later release."""

    absent, evidence = probe(0.5, call=newer).run()
    assert not absent
    assert "reset_after" in evidence


@given(st.floats(min_value=0.002, max_value=0.498))
def test_a_number_of_neither_convention_is_an_error(seen):
    with pytest.raises(ValueError, match="tells no convention apart"):
        probe(seen).run()


def test_refusing_raises_unsupported_where_absent_and_not_adapted_where_present():
    with pytest.raises(Unsupported, match="follows 'before'"):
        refuse(probe(0.5))
    with pytest.raises(NotAdapted, match="follows 'after'"):
        refuse(probe(0.0))
