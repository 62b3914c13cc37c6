"""How a process ended, in words."""

from __future__ import annotations

import pytest

from fwconformance.supervisor import how_it_ended


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (-9, "SIGKILL: killed, out of memory?"),
        (-11, "SIGSEGV: invalid memory access"),
        (-10, "SIGUSR1"),
        (-63, "signal 63"),
        (0, "exit code 0"),
        (3, "exit code 3"),
    ],
)
def test_a_signal_is_named_and_explained_an_exit_code_is_given(status, words):
    assert how_it_ended(status) == words
