"""A child process that can be ended together with everything it started."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import time
import uuid
from typing import IO, Mapping, Sequence

# Every process that a child starts inherits this variable, so that those which left its process group can still be
# found. A child of a child carries the tags of both.
TAG = "FWCONFORMANCE_CHILD"
GRACE = 3.0  # seconds between asking a child to end and killing it


class Child:
    """One child in a process group (and session) of its own, with output going to `log`.

    A terminal's Ctrl-C therefore reaches the supervisor alone, which then decides.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: pathlib.Path,
        env: Mapping[str, str],
        log: IO[bytes],
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._tag = str(uuid.uuid4())
        self.started = time.monotonic()
        self._popen = subprocess.Popen(
            list(command),
            cwd=str(cwd),
            env={**env, TAG: f"{env.get(TAG, '')} {self._tag}".strip()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=tuple(pass_fds),
        )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def poll(self) -> int | None:
        """The exit status, negative for a signal, or None while it runs. Once it ended, the rest of its group is
        killed.
        """
        if self._popen.returncode is None and self._ended():
            # Before it is reaped: until then no other process can be given its id, which is the group's.
            self._signal_group(signal.SIGKILL)
            self._popen.wait()
        return self._popen.returncode

    def wait(self, seconds: float) -> bool:
        """Whether it ended within `seconds`."""
        deadline = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        return True

    def kill(self) -> None:
        """End it and everything it started, at once."""
        if self.poll() is None:
            self._signal_group(signal.SIGKILL)
            self._popen.wait()
        self.sweep()

    def ask(self) -> None:
        """Ask it to end, and return at once."""
        if self.poll() is None:
            self._signal_group(signal.SIGTERM)

    def pause(self) -> None:
        """Halt its group, threads that spin while they wait for work included."""
        if self.poll() is None:
            self._signal_group(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a halted group go on."""
        if self.poll() is None:
            self._signal_group(signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end, wait a little, then kill."""
        self.ask()
        self.wait(GRACE)
        self.kill()

    def sweep(self) -> None:
        """Kill what it started and what left its group: whatever carries its tag in the environment."""
        # A process may start others while we look, so look until none is left.
        for _ in range(20):
            strays = _tagged(self._tag)
            if not strays:
                return
            for pid in strays:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def _ended(self) -> bool:
        if not hasattr(os, "waitid"):
            return self._popen.poll() is not None
        try:
            return os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)


def _tagged(tag: str) -> list[int]:
    """Process ids whose environment holds `tag`; none where there is no /proc. The dead but not yet reaped have
    none.
    """
    needle, value = f"{TAG}=".encode(), tag.encode()
    found = []
    try:
        entries = list(pathlib.Path("/proc").iterdir())
    except OSError:
        return []
    for entry in entries:
        if not entry.name.isdigit():
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except OSError:  # not ours, or gone meanwhile
            continue
        if any(each.startswith(needle) and value in each for each in environment.split(b"\0")):
            found.append(int(entry.name))
    return found
