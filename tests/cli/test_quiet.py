"""What is said of a busy machine before anything is measured."""

from __future__ import annotations

import sys

import psutil
import pytest

from fwconformance.cli._quiet import warn_if_busy


@pytest.mark.parametrize(
    ("percent", "processors", "said"),
    [(2.0, 8, ""), (100.0, 2, "2.0 of its processors are busy"), (25.0, None, ""), (50.0, None, "0.5 of its")],
)
def test_other_work_on_the_machine_is_said(monkeypatch, capsys, percent, processors, said):
    """Of all processors together, also where their number is not known."""
    monkeypatch.setattr(psutil, "cpu_percent", lambda interval: percent if interval else 0.0)
    monkeypatch.setattr(psutil, "cpu_count", lambda: processors)
    warn_if_busy()
    told = capsys.readouterr()
    assert said in told.err
    assert bool(told.err) == bool(said)
    assert not told.out


def test_without_psutil_nothing_is_said(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "psutil", None)
    warn_if_busy()
    assert capsys.readouterr() == ("", "")
