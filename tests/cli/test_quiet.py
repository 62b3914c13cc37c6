"""What is said of a busy machine before anything is measured."""

from __future__ import annotations

import os

import pytest

from fwconformance.cli._quiet import warn_if_busy


@pytest.mark.parametrize(("load", "said"), [(0.1, ""), (2.66, "load 2.7 over the last minute")])
def test_other_work_on_the_machine_is_said(monkeypatch, capsys, load, said):
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    warn_if_busy()
    told = capsys.readouterr()
    assert said in told.err
    assert bool(told.err) == bool(said)
    assert not told.out


def test_a_system_that_does_not_tell_is_passed_over(monkeypatch, capsys):
    def refused():
        raise OSError("not here")

    monkeypatch.setattr(os, "getloadavg", refused)
    warn_if_busy()
    assert capsys.readouterr() == ("", "")
