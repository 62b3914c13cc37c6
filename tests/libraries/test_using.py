"""A library put to use: right numbers, wrong ones, none, an exception, no end."""

from __future__ import annotations

import re
import sys

import pytest

from fwconformance.libraries import Library, used
from fwconformance.libraries._places import python_of


@pytest.fixture
def use(tmp_path, monkeypatch, entry):
    """Write a program, and run it by this interpreter as that of the library's environment."""
    python = python_of(tmp_path / "place")
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)

    def run(program, **named):
        path = tmp_path / "numpy.py"  # called as a module that it imports
        path.write_text(program)
        monkeypatch.setattr(Library, "program", path)
        return used(entry("frame-work==1.0"), tmp_path / "place", **named)

    return run


def test_right_numbers_work(use):
    found = use("from telling import tell\nimport numpy\ntell('a', numpy.ones(3), [1, 1, 1.000001])\ntell('b', 2, 2)\n")
    assert found.works, found.why
    assert (found.compared, found.wrong, found.why) == (4, False, "")
    assert found.furthest == pytest.approx(0.1, rel=0.1)
    assert found.seconds > 0


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("tell('sum', [1.0, 2.5], [1.0, 2.0])", "sum: 2.5, not 2 within 1e-05"),
        ("tell('sum', [1.0], [1.0, 2.0])", r"sum: shape \(1,\), not \(2,\)"),
        ("tell('sum', [], [])", r"sum: shape \(0,\)"),
        ("tell('sum', float('nan'), float('nan'))", "sum: not all finite"),
        ("tell_true('falls', 2 < 1)", "falls: 0, not 1"),
    ],
)
def test_wrong_numbers_are_told_as_wrong(use, told, why):
    found = use(f"from telling import tell, tell_true\ntell('first', 1, 1)\n{told}\n")
    assert not found.works
    assert found.wrong
    assert re.match(why, found.why), found.why


def test_a_program_that_tells_nothing_proves_nothing(use):
    found = use("import telling\n")
    assert (found.works, found.wrong) == (False, False)
    assert found.why == "its program told no number"


def test_an_exception_is_told_in_its_own_words_without_paths(use):
    """What was told before it does not count."""
    found = use("from telling import tell\ntell('a', 1, 1)\nimport never_written\n")
    assert (found.works, found.wrong, found.late) == (False, False, False)
    assert found.why == "ModuleNotFoundError: No module named 'never_written'"
    found = use("raise ImportError('cannot import x from y (/usr/lib/python3/site-packages/y/__init__.py)')")
    assert found.why == "ImportError: cannot import x from y __init__.py)"


def test_a_program_that_dies_is_told_by_its_signal(use):
    found = use("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    assert not found.works
    assert "SIGKILL" in found.why


def test_one_without_an_end_is_late(use):
    found = use("import time\ntime.sleep(60)\n", limit=0.5)
    assert (found.works, found.wrong, found.late) == (False, False, True)


def test_a_fault_is_planted_before_the_program(use):
    found = use(
        "from telling import tell\nimport math\ntell('pi', math.pi, 3.14159265)\n", prelude="import math\nmath.pi = 4"
    )
    assert found.wrong


def test_the_users_own_folders_are_not_seen(use, monkeypatch, tmp_path):
    """A library keeps its settings in the home of a user; here it gets an empty one."""
    monkeypatch.setenv("HOME", str(tmp_path))
    program = "import os\nfrom telling import tell\ntell('files', len(os.listdir(os.path.expanduser('~'))), 0)\n"
    assert any(tmp_path.iterdir())
    assert use(program).works


WEIGHTS = """
import numpy, pathlib
from weights import {names}
path = pathlib.Path("weights.bin")
path.write_bytes(numpy.arange(256, dtype="float32").tobytes())
def load(path):
    found = numpy.fromfile({read}, "float32")
    assert len(found) == 256
    return found
tell_corrupted(path, load, lambda weights: weights.sum(keepdims=True))
"""


def test_weights_that_are_not_whole_have_to_be_refused_or_answer_otherwise(use):
    found = use(WEIGHTS.format(names="tell_corrupted", read="path"))
    assert found.works, found.why


@pytest.mark.parametrize(
    ("read", "why"),
    [
        ("ORIGINAL.get(path, path)", "weights cut in half are refused: 0, not 1"),
        (
            "ORIGINAL.get(path, path) if '/altered/' in path else path",
            "altered weights are refused or answer otherwise",
        ),
    ],
)
def test_a_loader_that_remembers_is_seen(use, read, why):
    found = use(WEIGHTS.format(names="ORIGINAL, tell_corrupted", read=read))
    assert found.wrong
    assert found.why.startswith(why)


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        ("frequency_of(sound)", ""),
        ("frequency_of(sound) * 1.04", "cents from 110 Hz: 67"),
        ("frequency_of(sound) or 1.0", "pitch of noise: 1, not 0"),
        ("0.0", "cents from 110 Hz: -8137"),
    ],
)
def test_a_pitch_is_the_frequency_of_its_tone(use, heard, why):
    """By the peak of its spectrum; noise has none that stands out."""
    found = use(
        f"""
import numpy
from weights import RATE, tell_pitch
def frequency_of(sound):
    spectrum = numpy.abs(numpy.fft.rfft(sound, 8 * len(sound)))
    peak = int(spectrum.argmax())
    return peak / 8 * RATE / len(sound) if spectrum[peak] > 20 * numpy.median(spectrum) else 0.0
tell_pitch(lambda sound: {heard})
"""
    )
    assert found.works == (not why), found.why
    assert found.why.startswith(why)


def test_the_sentence_is_louder_between_its_labels_than_beside_them(use):
    found = use("""
import numpy
from telling import tell_true
from weights import RATE, sentence
samples, (begin, end) = sentence()
begin, end = int(begin * RATE), int(end * RATE)
outside = numpy.concatenate([samples[:begin], samples[end:]])
tell_true("louder", samples[begin:end].std() > 10 * outside.std())
""")
    assert found.works, found.why
