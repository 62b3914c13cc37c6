"""Several programs that work together, ended together: by themselves, by a limit, or because their starter is done."""

from __future__ import annotations

import contextlib
import os
import pathlib
import time
from types import TracebackType
from typing import IO, Mapping, Sequence

import attrs

from fwconformance.processes._child import Child
from fwconformance.processes._hosts import Hosts

_KEPT = 8000  # characters of what a program printed


@attrs.frozen(kw_only=True)
class Program:
    """One program to start.

    Attributes:
        name: unique among those started with it; in messages ("worker 1", "scheduler").
        command: what to run, without a shell.
        environment: added to our own environment.
        needed: whether its end is waited for; the others (servers) are ended once those needed have.
        host: number of the host that it runs on, where its group has hosts.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = attrs.field(factory=dict)
    needed: bool = True
    host: int | None = None


@attrs.frozen(kw_only=True)
class Ended:
    """How a program ended.

    Attributes:
        name: of the program.
        status: its exit status, negative for a signal; None where we ended it.
        seconds: from its start until its end was seen.
        output: the end of what it printed, both streams.
    """

    name: str
    status: int | None
    seconds: float
    output: str


class Hung(Exception):
    """Programs that were needed had not ended within the limit. `ended`: how all did, a hung one with status None."""

    def __init__(self, message: str, ended: tuple[Ended, ...]) -> None:
        super().__init__(message)
        self.ended = ended


class Group:
    """Programs started together in `folder`, where their logs are kept too. Leaving the context ends them all.

    Those that name a host run on that one of `hosts`, which outlive the group; without `hosts` all run here.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        folder: str | os.PathLike[str],
        limit: float,
        hosts: Hosts | None = None,
    ) -> None:
        names = [program.name for program in programs]
        if len(set(names)) < len(names) or not names:
            raise ValueError(f"programs need names of their own, these have: {', '.join(names) or 'none is given'}")
        self._programs = tuple(programs)
        self._folder = pathlib.Path(folder)
        self._limit = limit
        self._hosts = hosts
        self._children: dict[str, Child] = {}
        self._ended: dict[str, Ended] = {}
        self._logs = contextlib.ExitStack()

    def __enter__(self) -> Group:  # noqa: PYI034 - Self needs Python 3.11
        """Raises OSError where a program cannot be started; those before it are ended."""
        self._started = time.monotonic()
        try:
            for number, program in enumerate(self._programs):
                log: IO[bytes] = self._logs.enter_context(self._log(number).open("wb"))
                environment = {**os.environ, **program.environment}
                command = self._command(program)
                self._children[program.name] = Child(command, cwd=self._folder, env=environment, log=log)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def pid(self, name: str) -> int:
        """Process id of a program, as long as it runs."""
        return self._children[name].pid

    def output(self, name: str) -> str:
        """What a program has printed by now, both streams; the end of it where that is long."""
        return self._log(list(self._children).index(name)).read_text(encoding="utf-8", errors="replace")[-_KEPT:]

    def running(self) -> tuple[str, ...]:
        """Names of those that have not ended."""
        self._look()
        return tuple(name for name in self._children if name not in self._ended)

    def kill(self, name: str) -> None:
        """SIGKILL to one program and what it started, as if its machine had gone."""
        self._children[name].kill()
        self._look()

    def wait(self, limit: float | None = None) -> tuple[Ended, ...]:
        """Until every needed program has ended; then the others are ended. In the order they were given.

        `limit` in seconds from now; default: what is left of the group's own. Raises Hung, all of them ended.
        """
        deadline = self._started + self._limit if limit is None else time.monotonic() + limit
        needed = {program.name for program in self._programs if program.needed}
        while needed & set(self.running()):
            if time.monotonic() >= deadline:
                hung = sorted(needed & set(self.running()))
                seconds = time.monotonic() - self._started
                self.end()
                tails = "; ".join(f"{name} printed: {_brief(self._ended[name].output)}" for name in hung)
                raise Hung(f"{', '.join(hung)}: no end after {seconds:.0f} s; {tails}", self._all())
            time.sleep(0.02)
        self.end()
        return self._all()

    def end(self) -> None:
        """End whatever still runs. What had ended by itself keeps its status."""
        self._look()
        left = [name for name in self._children if name not in self._ended]
        for name in left:
            self._children[name].ask()
        for name in left:
            self._children[name].stop()
            self._note(name, None)
        for child in self._children.values():
            child.sweep()
        self._logs.close()

    def _command(self, program: Program) -> tuple[str, ...]:
        if self._hosts is None or program.host is None:
            return program.command
        return self._hosts.command(program.host, program.command)

    def _look(self) -> None:
        for name, child in self._children.items():
            if name not in self._ended:
                status = child.poll()
                if status is not None:
                    self._note(name, status)

    def _note(self, name: str, status: int | None) -> None:
        seconds = time.monotonic() - self._started
        self._ended[name] = Ended(name=name, status=status, seconds=seconds, output=self.output(name))

    def _all(self) -> tuple[Ended, ...]:
        return tuple(self._ended[program.name] for program in self._programs)

    def _log(self, number: int) -> pathlib.Path:
        return self._folder / f"program-{number}.log"


def run_program(
    command: Sequence[str],
    *,
    folder: str | os.PathLike[str],
    limit: float,
    environment: Mapping[str, str] | None = None,
    name: str = "program",
) -> Ended:
    """One program from start to end. Raises Hung after `limit` seconds, OSError where it cannot be started."""
    program = Program(name=name, command=tuple(command), environment=environment or {})
    with Group([program], folder=folder, limit=limit) as group:
        return group.wait()[0]


def _brief(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return " | ".join(lines[-3:])[-400:] or "nothing"
