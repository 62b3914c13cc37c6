"""A child and all that it started end together."""

from __future__ import annotations

import os
import pathlib
import sys
import time

import pytest

from fwconformance.processes import Child
from fwconformance.supervisor._watch import How, Interrupted, Signals, watch

STARTER = """
import subprocess, sys, time
for own_session in (False, True):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"], start_new_session=own_session)
    print(child.pid, flush=True)
{then}
"""


def start(tmp_path: pathlib.Path, then: str) -> Child:
    with (tmp_path / "log").open("wb") as log:
        return Child([sys.executable, "-c", STARTER.format(then=then)], cwd=tmp_path, env=dict(os.environ), log=log)


def is_gone(pid: int) -> bool:
    for _ in range(50):
        try:
            if pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(("then", "limit", "how"), [("", 60, How.ENDED), ("time.sleep(100)", 2, How.TOO_LONG)])
def test_what_a_child_started_ends_with_it_even_in_a_session_of_its_own(tmp_path, then, limit, how):
    child = start(tmp_path, then)
    with Signals().noted() as signals:
        ending = watch(child, signals, look=lambda: child.started + limit - time.monotonic())
    assert ending.how is how
    pids = [int(line) for line in (tmp_path / "log").read_text().split()]
    assert len(pids) == 2
    assert all(is_gone(pid) for pid in [child.pid, *pids])


def test_a_signal_to_us_stops_the_child_and_is_raised(tmp_path):
    child = start(tmp_path, "time.sleep(100)")
    with Signals().noted() as signals:
        os.kill(os.getpid(), 15)
        with pytest.raises(Interrupted, match="SIGTERM"):
            watch(child, signals, look=lambda: None)
    assert is_gone(child.pid)
