"""Numbers of parameters as they are printed."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import ParameterCounts, parameter_counts


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
