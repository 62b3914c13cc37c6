"""Duels of the reference with itself, and made-up ones."""

from __future__ import annotations

import pathlib
import sys

import pytest

from fwconformance.duels import Block, Contestant, Duel, Player


@pytest.fixture
def player():
    """The reference in this interpreter; options as `Player`'s."""

    def make(**changed):
        return Player(
            **{"environment": "reference", "python": pathlib.Path(sys.executable), "framework": "reference", **changed}
        )

    return make


@pytest.fixture
def contestant():
    def make(environment="torch-cpu", **changed):
        fields = {
            "framework": "pytorch",
            "backend": "",
            "device": "cpu",
            "mode": "default",
            "means": "eager",
            "best": False,
            "versions": {"python": "3.11.7", "torch": "2.15.0"},
            "threads": 2,
        }
        return Contestant(environment=environment, **{**fields, **changed})

    return make


@pytest.fixture
def duel(contestant):
    """One with rounds of the given ratios of a's time to b's."""

    def make(ratios=(2.0, 2.0, 2.0), **changed):
        fields = {
            "work": "mlp-train",
            "a": contestant(),
            "b": contestant("mxnet-cpu", framework="mxnet", versions={"mxnet": "1.9.1"}),
            "seed": 0,
            "calls": (3, 4),
            "blocks": tuple(
                Block(order="ABBA", seconds=(ratio, 1.0, 1.0, ratio), build=number, process=number)
                for number, ratio in enumerate(ratios, 1)
            ),
            "ratio": 2.0,
            "low": 1.9,
            "high": 2.1,
            "confidence": 0.99,
            "stopped": "width",
            "started": "2026-01-31T12:00:00Z",
            "seconds": 3.0,
            "machine": "a processor",
        }
        return Duel(**{**fields, **changed})

    return make
