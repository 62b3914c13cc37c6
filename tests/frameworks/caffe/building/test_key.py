"""The key of a kept wheel."""

from __future__ import annotations

import pytest

from fwconformance.frameworks.caffe.building._key import cache_key, ingredients


@pytest.mark.parametrize("name", ["source", "changes", "compiler", "python", "numpy", "protobuf"])
def test_each_ingredient_changes_the_key(name):
    found = ingredients()
    assert cache_key({**found, name: "another"}) != cache_key(found)


def test_the_order_of_the_ingredients_does_not():
    found = ingredients()
    assert cache_key(dict(reversed(list(found.items())))) == cache_key(found)
