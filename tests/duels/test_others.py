"""How much of the machine others used."""

from __future__ import annotations

import sys
from typing import NamedTuple

import pytest

from fwconformance.duels import _others
from fwconformance.duels._others import Others


class Times(NamedTuple):
    """As psutil has them."""

    user: float
    system: float
    idle: float
    iowait: float
    steal: float
    guest: float


class Own(NamedTuple):
    """As `os.times` has them."""

    user: float
    system: float
    children_user: float
    children_system: float


@pytest.fixture
def machine(monkeypatch):
    """Sets the clock, the processors' times, and our own."""
    psutil = pytest.importorskip("psutil", reason="the extra `duels` brings it")

    def at(clock, every, own):
        monkeypatch.setattr(_others.time, "monotonic", lambda: clock)
        monkeypatch.setattr(psutil, "cpu_times", lambda: every)
        monkeypatch.setattr(_others.os, "times", lambda: own)

    return at


def test_what_is_neither_idle_nor_our_own_is_others(machine):
    """Of the whole time: here 3 s of user, 1 of system and 1 stolen in 10 s, of which 3 are ours and our children's."""
    machine(100.0, Times(50.0, 10.0, 500.0, 5.0, 0.0, 7.0), Own(1.0, 0.0, 4.0, 1.0))
    others = Others()
    machine(110.0, Times(53.0, 11.0, 512.0, 8.0, 1.0, 9.0), Own(1.5, 0.5, 5.5, 1.5))
    assert others.processors() == pytest.approx(0.2)


def test_where_our_own_is_all_there_is_none(machine):
    """Clocks of two kinds may disagree by a little."""
    machine(100.0, Times(50.0, 10.0, 500.0, 5.0, 0.0, 7.0), Own(1.0, 0.0, 4.0, 1.0))
    others = Others()
    machine(110.0, Times(59.9, 10.0, 512.0, 8.0, 0.0, 9.0), Own(1.0, 0.0, 14.0, 1.0))
    assert others.processors() == 0.0


def test_of_no_time_and_without_psutil_nothing_is_known(machine, monkeypatch):
    machine(100.0, Times(50.0, 10.0, 500.0, 5.0, 0.0, 7.0), Own(1.0, 0.0, 4.0, 1.0))
    assert Others().processors() is None
    monkeypatch.setitem(sys.modules, "psutil", None)
    assert Others().processors() is None
