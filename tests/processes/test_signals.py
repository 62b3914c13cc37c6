"""Signals that ask to end become an exception, once, and what the caller ignores stays ignored."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

import pytest

from fwconformance.processes import Interrupted, interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_is_raised_and_says_which(number):
    # Whoever started the tests may ignore it (nohup).
    before = signal.signal(number, signal.SIG_DFL)
    try:
        with pytest.raises(Interrupted, match=number.name) as seen, interruptible():
            os.kill(os.getpid(), number)
        assert seen.value.number == number
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_further_signals_do_not_disturb_the_cleaning_up():
    cleaned = []

    def clean() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        cleaned.append(True)

    def work() -> None:
        with interruptible(), contextlib.ExitStack() as stack:
            stack.callback(clean)
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Interrupted, match="SIGTERM"):
        work()
    assert cleaned == [True]


def test_what_the_caller_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_another_thread_nothing_is_changed():
    before, seen = signal.getsignal(signal.SIGINT), []

    def look() -> None:
        with interruptible():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
