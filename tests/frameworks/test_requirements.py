"""What installed distributions say that they require."""

from __future__ import annotations

from importlib import metadata

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._requirements import required


def test_names_are_normalised_and_extras_left_out(monkeypatch):
    stated = [
        "torch>=2.0",
        "Pyro_API (>=0.1.1)",
        "numpy[all]>=1.7 ; python_version >= '3.8'",
        "black; extra == 'dev'",
        "tqdm",
    ]
    monkeypatch.setattr(metadata, "requires", lambda _: stated)
    assert required("pyro-ppl") == {"torch": ">=2.0", "pyro-api": ">=0.1.1", "numpy": ">=1.7", "tqdm": ""}


def test_a_distribution_without_requirements_requires_nothing(monkeypatch):
    monkeypatch.setattr(metadata, "requires", lambda _: None)
    assert required("six") == {}


def test_one_that_is_not_there_is_named():
    with pytest.raises(Unavailable, match="no-such-distribution is not installed"):
        required("no-such-distribution")
