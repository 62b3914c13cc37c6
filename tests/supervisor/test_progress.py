"""The line that changes: as wide as the terminal, and none where it could not be taken back."""

from __future__ import annotations

import io

import pytest

from fwconformance.supervisor import Line


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    return 40


def test_what_counts_is_shown_on_a_narrow_terminal(width):
    stream = Terminal()
    line = Line(stream)
    line.show("torch-cpu against tensorflow-cpu, lenet5-train", "  1.003 [0.990, 1.010]")
    (_, shown) = stream.getvalue().split("\r\x1b[K")
    assert shown == "torch-cpu agai...  1.003 [0.990, 1.010]"
    assert len(shown) == width - 1
    line.show("short", " 1")
    assert stream.getvalue().endswith("\r\x1b[Kshort 1")
    line.clear()
    line.clear()
    assert stream.getvalue().count("\r\x1b[K") == 3


def test_a_terminal_that_cannot_take_a_line_back_is_shown_none(width, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream = Terminal()
    line = Line(stream)
    line.show("anything")
    line.clear()
    assert (line.live, stream.getvalue()) == (False, "")


def test_a_file_is_shown_none(width):
    stream = io.StringIO()
    Line(stream).show("anything")
    assert stream.getvalue() == ""
