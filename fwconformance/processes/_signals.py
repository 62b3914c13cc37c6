"""Signals that ask this process to end: SIGINT (Ctrl-C), SIGTERM and SIGHUP."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from typing import Callable, Iterator

#: Seconds after a signal in which no other interrupts what it began: what is open is being cleaned up. Whoever starts
#: us may send several (tox does, after the terminal did).
_CLEANING = 3.0


class Interrupted(KeyboardInterrupt):
    """A signal asked us to stop. `number`: which."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextlib.contextmanager
def handled(handler: Callable[[int, object], None]) -> Iterator[None]:
    """Inside, each of these signals calls `handler`; one that the caller ignores (nohup) stays ignored.

    Only the main thread may set handlers; in another one nothing changes.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Inside, a signal raises Interrupted where the program is, so that what is open is cleaned up."""
    last: list[float] = []

    def at_once(number: int, frame: object) -> None:
        if last and time.monotonic() - last[-1] < _CLEANING:
            return
        last.append(time.monotonic())
        raise Interrupted(number)

    with handled(at_once):
        yield
