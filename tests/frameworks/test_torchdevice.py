"""A limit on the memory that torch takes, without torch: a stand-in says what the device has."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fwconformance.frameworks import NotAdapted, Unsupported
from fwconformance.frameworks._torchdevice import limit_memory


def a_torch(**card):
    return SimpleNamespace(device=lambda name: SimpleNamespace(type=name), card=SimpleNamespace(**card))


def test_the_limit_is_given_as_a_fraction_of_what_the_card_has():
    told = []
    size = SimpleNamespace(total_memory=8 * 2**30)
    torch = a_torch(set_per_process_memory_fraction=told.append, get_device_properties=lambda _device: size)
    limit_memory(torch, "card", 2**30)
    assert told == [0.125]


def test_a_kind_of_device_that_says_its_size_in_another_way_is_asked_so():
    told = []
    torch = a_torch(set_per_process_memory_fraction=told.append, recommended_max_memory=lambda: 2**32)
    limit_memory(torch, "card", 2**30)
    assert told == [0.25]


def test_a_device_of_unknown_size_is_our_gap():
    with pytest.raises(NotAdapted, match="how large the memory of card is"):
        limit_memory(a_torch(set_per_process_memory_fraction=print), "card", 1)


def test_a_device_that_torch_does_not_limit_is_unsupported_by_a_probe():
    with pytest.raises(Unsupported, match=r"torch\.card has none of: set_per_process") as refused:
        limit_memory(a_torch(), "card", 1)
    assert refused.value.probe is not None
