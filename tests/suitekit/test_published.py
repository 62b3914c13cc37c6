"""Numbers of parameters as they are printed."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.suitekit import ParameterCounts, parameter_counts


def test_what_came_after_a_release_is_none_of_its():
    """Releases compare by their numbers: 2.10 is later than 2.8."""
    published = attrs.evolve(counts(first="1", second="2", third="3"), since={"second": "2.8", "third": "2.10"})
    assert [sorted(published.of(release).counts) for release in ("2.4.3", "2.8.0", "2.10", "3.15.1")] == [
        ["first"],
        ["first", "second"],
        ["first", "second", "third"],
        ["first", "second", "third"],
    ]


def counts(**printed):
    return ParameterCounts(source="", read="", trained=True, side=1, sample=(), counts=printed)


@pytest.mark.parametrize(
    ("printed", "count", "agrees"),
    [
        ("25557032", 25557032, True),
        ("25557032", 25557033, False),
        ("25.6M", 25_636_712, True),
        ("25.6M", 25_550_000, True),
        ("25.6M", 25_549_999, False),
        ("88.5M", 88_591_464, True),
        ("25.6M", 25_700_000, False),
        ("119.0M", 119_027_848, True),
    ],
)
def test_a_count_agrees_to_the_digits_that_are_printed(printed, count, agrees):
    assert counts(net=printed).agrees("net", count) is agrees


@pytest.mark.parametrize("library", ["torchvision", "keras-applications"])
def test_every_sampled_architecture_has_a_count_and_a_source(library):
    published = parameter_counts(library)
    assert set(published.sample) <= set(published.counts)
    assert published.source.startswith("https://")
    assert all(published.value(name) > 1e6 for name in published.counts)
