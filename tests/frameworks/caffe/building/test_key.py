"""The key of a kept wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwconformance.frameworks.caffe.building._cuda import Toolkit
from fwconformance.frameworks.caffe.building._key import cache_key, ingredients


@pytest.mark.parametrize("name", ["source", "changes", "compiler", "python", "numpy", "protobuf"])
def test_each_ingredient_changes_the_key(name):
    found = ingredients()
    assert cache_key({**found, name: "another"}) != cache_key(found)


def test_a_build_for_gpus_has_a_key_of_its_own_for_each_toolkit():
    toolkits = [
        Toolkit(nvcc=Path("nvcc"), version=version, host="g++", architectures=("80",)) for version in ("11.8", "12.0")
    ]
    assert len({cache_key(ingredients(each)) for each in (None, *toolkits)}) == 3


def test_the_order_of_the_ingredients_does_not():
    found = ingredients()
    assert cache_key(dict(reversed(list(found.items())))) == cache_key(found)
