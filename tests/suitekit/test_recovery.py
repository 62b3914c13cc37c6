"""What the suites ask after the loss of a worker."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from fwconformance.processes import Ended
from fwconformance.suitekit import alive
from fwconformance.suitekit._recovery import Lost, _naming

LOST = Lost(pid=2, workers=(1, 2), printed={"worker 0": "connection to worker 1 made\n"})


def ended(output="", name="worker 0"):
    return Ended(name=name, status=1, seconds=1.0, output=output)


@pytest.mark.parametrize(
    "message",
    [
        "RuntimeError: [gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:30271",
        "UnavailableError: Collective ops is aborted by: failed to connect to all addresses",
        "XlaRuntimeError: DEADLINE_EXCEEDED: Barrier timed out",
        "JaxRuntimeError: The following tasks are unhealthy (stopped sending heartbeats)",
        "failed (exitcode: -9) local_rank: 1 (pid: 4242) of binary: python",
        "PeerLost: connection to rank 1 of 2 lost: EOFError",
    ],
)
def test_what_frameworks_say_of_a_loss_is_known(message):
    """As an error of a worker, and as what its launcher prints."""
    assert _naming({0: message}, (), LOST) == message.strip()
    assert _naming({}, (ended(f"a line\n{message}\n"),), LOST) == message.strip()


def test_an_error_comes_before_what_was_printed():
    assert _naming({0: "PeerLost: gone, lost"}, (ended("connection reset"),), LOST) == "PeerLost: gone, lost"


@pytest.mark.parametrize(
    "programs",
    [
        (ended(""),),
        (ended("connection to worker 1 made\nerror 3\n"),),
        (ended("connection closed by peer\n", name="worker 1"),),
    ],
)
def test_silence_is_told(programs):
    """Also what was said before the loss, or by the one that was lost."""
    with pytest.raises(AssertionError, match="no message names the loss of one; they said: "):
        _naming({}, programs, LOST)


def test_the_dead_are_not_alive():
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert alive([os.getpid(), child.pid]) == [os.getpid()]


def test_the_dead_whom_nobody_asked_after_are_not_alive():
    child = subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE)
    try:
        child.stdout.read()  # its end is the child's
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert alive([child.pid]) == []
    finally:
        child.communicate()
