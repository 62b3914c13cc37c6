"""A child that is asked questions."""

from __future__ import annotations

import os
import pathlib
import sys
import time

import pytest

from fwconformance.processes import Dialogue, Listener, Lost

ROOT = pathlib.Path(__file__).resolve().parents[2]

CHILD = """
import os, sys, time
sys.path.insert(0, {root!r})
from fwconformance.processes import Listener
listener = Listener()
while True:
    question = listener.question()
    if question is None:
        break
    print("printed beside")
    if question["do"] == "exit":
        os._exit(3)
    if question["do"] == "hang":
        time.sleep(100)
    listener.answer({{"echo": question, "long": "x" * question.get("length", 0)}})
"""


@pytest.fixture
def child(tmp_path):
    with Dialogue(
        "the child",
        [sys.executable, "-c", CHILD.format(root=str(ROOT))],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        log=tmp_path / "log",
    ) as dialogue:
        yield dialogue


def ask(child, question, limit):
    child.put(question)
    return child.answer(limit=limit)


def test_questions_are_answered_in_turn_whatever_the_child_prints(child):
    for number in range(3):
        assert ask(child, {"do": "echo", "number": number}, limit=20)["echo"]["number"] == number


def test_a_long_answer_comes_whole(child):
    assert len(ask(child, {"do": "echo", "length": 300_000}, limit=20)["long"]) == 300_000


def test_a_child_that_ends_is_lost_with_how_and_what_it_printed(child):
    with pytest.raises(Lost, match=r"(?s)the child exit code 3.*printed beside"):
        ask(child, {"do": "exit"}, limit=20)


def test_a_child_that_hangs_is_lost_after_the_limit_and_gone(child):
    ask(child, {"do": "echo"}, limit=20)
    with pytest.raises(Lost, match=r"did not answer within 0\.5 s"):
        ask(child, {"do": "hang"}, limit=0.5)
    assert not pathlib.Path(f"/proc/{child.pid}").exists()


def test_a_halted_child_takes_no_time_and_answers_once_it_goes_on(child):
    ask(child, {"do": "echo"}, limit=20)
    child.pause()
    time.sleep(0.05)
    assert pathlib.Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
    child.resume()
    assert ask(child, {"do": "echo", "number": 1}, limit=20)["echo"]["number"] == 1


def test_nobody_asking_is_said(monkeypatch):
    monkeypatch.delenv("FWCONFORMANCE_CHANNEL", raising=False)
    with pytest.raises(RuntimeError, match="no channel"):
        Listener()
