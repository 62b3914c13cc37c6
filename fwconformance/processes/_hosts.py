"""Several hosts on one machine: network namespaces of Linux, joined by a switch, each with an address and a name.

Nothing of it is seen outside: the switch lies in a namespace of its own too, and all of them are held by processes
alone, not by names below /run. A namespace goes with the last process in it, and those that hold them end when their
standard input does: also where we are killed.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Sequence

_PROGRAMS = ("unshare", "nsenter", "ip", "mount")
# Where they lie on systems that leave administrators' programs out of a user's PATH.
_PLACES = ("/usr/sbin", "/sbin", "/usr/bin", "/bin")
_PREFIX = "10.213.77"
_PATIENCE = 10.0  # seconds for one step of the making; each takes milliseconds
_INTERFACE = "eth0"
# In the namespaces that were made: a name, names for all, and then as long as whoever started it keeps the other end.
_HOLD = 'echo "$0" > /proc/sys/kernel/hostname && mount --bind "$1" /etc/hosts && echo ready && exec cat'


class NoHosts(Exception):
    """This machine, or this user on it, cannot have hosts of that kind; the message says why."""


class Hosts:
    """`count` hosts. A context manager: leaving it ends the processes that hold them, and with these the hosts.

    Each has an interface of its own (`interface`) beside loopback, an address that the others reach, and a name that
    resolves to it: frameworks ask for their host's name where nobody told them an address. What one host listens on
    at 127.0.0.1 no other one reaches. Files are shared.

    Raises NoHosts on entering, where they cannot be made.
    """

    interface = _INTERFACE

    def __init__(self, count: int) -> None:
        if not 1 <= count <= 250:
            raise ValueError(f"{count} hosts: from 1 to 250 have addresses here")
        self.count = count
        self._holders: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Hosts:  # noqa: PYI034 - Self needs Python 3.11
        self._tools = _tools()
        self._exit = contextlib.ExitStack()
        try:
            with tempfile.TemporaryDirectory(prefix="fwconformance-hosts-") as folder:
                names = pathlib.Path(folder, "hosts")
                lines = [f"{self.address(number)} {self.name(number)}" for number in range(self.count)]
                names.write_text("\n".join(["127.0.0.1 localhost", *lines, ""]), encoding="utf-8")
                switch = self._hold("switch", names)
                self._holders = [self._hold(self.name(number), names) for number in range(self.count)]
            self._connect(switch)
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def address(self, number: int) -> str:
        """Of a host, from 0, in dotted form."""
        return f"{_PREFIX}.{number + 1}"

    def name(self, number: int) -> str:
        """Of a host, from 0."""
        return f"host-{number}"

    def command(self, number: int, command: Sequence[str]) -> tuple[str, ...]:
        """What runs `command` on a host; the process keeps its id and its starter."""
        return (*self._inside(self._holders[number]), *command)

    def namespaces(self) -> tuple[str, ...]:
        """The network namespace of each host, in the kernel's words ("net:[4026532281]")."""
        return tuple(namespace(holder.pid) for holder in self._holders)

    def _inside(self, holder: subprocess.Popen[str]) -> tuple[str, ...]:
        kinds = [f"--{kind}=/proc/{holder.pid}/ns/{file}" for kind, file in (("net", "net"), ("uts", "uts"))]
        # The directory is that of the caller: joining another mount namespace would lead to the root.
        return (self._tools["nsenter"], *kinds, f"--mount=/proc/{holder.pid}/ns/mnt", "--wd=.", "--")

    def _hold(self, name: str, names: pathlib.Path) -> subprocess.Popen[str]:
        """A process in namespaces of its own, which ends when we do."""
        holder = subprocess.Popen(
            [self._tools["unshare"], "--net", "--uts", "--mount", "--", "/bin/sh", "-c", _HOLD, name, str(names)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            universal_newlines=True,
        )
        self._exit.callback(_let_go, holder)
        assert holder.stdout is not None
        told = holder.stdout.readline() if select.select([holder.stdout], [], [], _PATIENCE)[0] else "no answer"
        if told.strip() != "ready":
            raise NoHosts(f"no network namespace of its own for a host: {told.strip() or 'unshare ended silently'}")
        return holder

    def _connect(self, switch: subprocess.Popen[str]) -> None:
        cables = []
        for number, holder in enumerate(self._holders):
            cables += [
                f"link add port{number} type veth peer name {_INTERFACE} netns {holder.pid}",
                f"link set port{number} master switch up",
            ]
        self._ip(switch, ["link add switch type bridge", "link set switch up", *cables])
        for number, holder in enumerate(self._holders):
            address = f"address add {self.address(number)}/24 dev {_INTERFACE}"
            self._ip(holder, ["link set lo up", address, f"link set {_INTERFACE} up"])

    def _ip(self, holder: subprocess.Popen[str], lines: Sequence[str]) -> None:
        command = [*self._inside(holder), self._tools["ip"], "-batch", "-"]
        try:
            done = subprocess.run(
                command,
                input="\n".join([*lines, ""]),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoHosts(f"hosts cannot be joined: {error}") from error
        if done.returncode:
            raise NoHosts(f"hosts cannot be joined: ip: {' | '.join(done.stdout.split(chr(10))[:3]).strip(' |')}")


def namespace(pid: int | str = "self") -> str:
    """The network namespace of a process, in the kernel's words; "" where there is none, or the process is gone."""
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""


def _tools() -> dict[str, str]:
    if not sys.platform.startswith("linux"):
        raise NoHosts(f"hosts of their own need network namespaces, which Linux has and {sys.platform} has not")
    if os.geteuid() != 0:
        raise NoHosts("hosts of their own need network namespaces, which only root may make: run it as root")
    path = os.pathsep.join([os.environ.get("PATH", ""), *_PLACES])
    found = {name: shutil.which(name, path=path) for name in _PROGRAMS}
    missing = sorted(name for name, place in found.items() if place is None)
    if missing:
        raise NoHosts(
            f"hosts of their own need the program{'s' if missing[1:] else ''} {', '.join(missing)} (packages "
            "util-linux and iproute2), not found here"
        )
    return {name: place for name, place in found.items() if place is not None}


def _let_go(holder: subprocess.Popen[str]) -> None:
    for stream in (holder.stdin, holder.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    try:
        holder.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        holder.kill()
        holder.wait()
