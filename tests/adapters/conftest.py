from __future__ import annotations

import importlib

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(20200101)


@pytest.fixture(scope="session")
def values_at():
    """What lies at each (module, dotted path) now, None where nothing does: a planted fault changes it."""

    def read(places):
        found = []
        for module, path in places:
            value = importlib.import_module(module)
            for name in path.split("."):
                value = getattr(value, name, None)
            found.append(value)
        return found

    return read
