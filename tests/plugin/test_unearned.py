"""`unsupported` is earned by a probe: an adapter's bare word is a gap of ours, never a fact about the framework."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Outcome
from fwconformance.frameworks import Lookup, NotAdapted, Seen, Unsupported, refuse
from fwconformance.plugin._classify import Classifier


def classified(raise_it):
    with pytest.raises((NotAdapted, Unsupported)) as caught:
        raise_it()
    return Classifier(())(caught.value, caught.tb)


def test_a_refusal_without_a_probe_is_unavailable_and_says_why():
    def bare():
        raise Unsupported("no such thing")

    found = classified(bare)
    assert found.outcome is Outcome.UNAVAILABLE
    assert found.message == "our adapter does not do this yet: it says so without a probe: no such thing"


@pytest.mark.parametrize(
    "probe", [Lookup(root=object(), label="it", names=("lstm",)), Seen(absent=True, evidence="it has none of: lstm")]
)
def test_a_refusal_by_a_probe_is_unsupported(probe):
    found = classified(lambda: refuse(probe))
    assert found.outcome is Outcome.UNSUPPORTED
    assert "it has none of: lstm" in found.message


def test_what_was_seen_flips_where_the_thing_is_there():
    found = classified(lambda: refuse(Seen(absent=False, evidence="it has lstm")))
    assert found.outcome is Outcome.UNAVAILABLE
    assert found.message == "our adapter does not do this yet, though it has lstm"
