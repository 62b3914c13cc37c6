"""Peak memory of a process."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import fwconformance
from fwconformance.processes import peak_memory

_MEGABYTE = 2**20
_SAYS = "from fwconformance.processes import peak_memory; print(peak_memory())"


def test_what_was_held_counts_after_it_is_gone():
    before = peak_memory()
    held = bytearray(before + 50 * _MEGABYTE)
    del held
    assert peak_memory() >= before + 50 * _MEGABYTE


def test_what_the_starter_held_does_not_count():
    """On Linux, getrusage gives a child the peak of its starter."""
    held = bytearray(400 * _MEGABYTE)
    root = str(pathlib.Path(fwconformance.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", _SAYS], cwd=root, capture_output=True, text=True, check=True)
    assert len(held) > int(done.stdout) > _MEGABYTE


def test_a_system_without_such_a_file_is_asked_otherwise(tmp_path):
    assert peak_memory(tmp_path / "status") > _MEGABYTE
