"""A worker that is lost in the middle of a training, as if its machine had gone."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import signal
import time
from typing import TYPE_CHECKING, Any, Iterator, Mapping, Sequence

import attrs

from fwconformance.processes import Hung

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.frameworks._remote import Remote
    from fwconformance.frameworks._training import Training
    from fwconformance.processes import Ended

#: Seconds: until the workers are where one is to be lost, and until all others must have noticed.
UNTIL_PAUSED = 60.0
UNTIL_NOTICED = 60.0
#: Before which step a worker is lost.
LOST_BEFORE = 2

#: How programs name the loss of a peer: the connection's end, the peer's, or a wait that was given up.
_LOSS = re.compile(
    r"connection|closed|reset by peer|broken pipe|socket|unreachable|unavailable|disconnect|heartbeat|preempt"
    r"|time[d ]*-?out|deadline|lost|dead|died|killed|SIGKILL|signal 9|exitcode\s*:?\s*-9",
    re.IGNORECASE,
)


@attrs.frozen(kw_only=True)
class Notice:
    """How the loss of a worker was noticed.

    Attributes:
        seconds: from the loss until all workers had ended.
        message: the line that names the loss.
    """

    seconds: float
    message: str


@contextlib.contextmanager
def paused(framework: Seam, training: Training, folder: pathlib.Path) -> Iterator[Remote]:
    """Two workers of "recovery" that have taken the steps before `LOST_BEFORE` and wait; all are gone afterwards."""
    named: Any = {"devices": 2, "limit": UNTIL_PAUSED + UNTIL_NOTICED, "pause": LOST_BEFORE}
    with framework.start("recovery", "train", training, 2, str(folder), **named) as remote:
        deadline = time.monotonic() + UNTIL_PAUSED
        while len(_marks(folder)) < 2:
            if len(remote.errors()) + len(remote.partial()) or not remote.group.running():
                remote.results()  # raises what went wrong
                raise RuntimeError(f"the workers ended, and did not wait before step {LOST_BEFORE}")
            if time.monotonic() >= deadline:  # says nothing of how a loss is met: no failure
                raise TimeoutError(f"the workers were not at step {LOST_BEFORE} in {UNTIL_PAUSED:g} s")
            time.sleep(0.02)
        yield remote


@attrs.frozen(kw_only=True)
class Lost:
    """A worker that was killed.

    Attributes:
        pid: its process id. workers: those of all workers.
        printed: what each other program had printed before.
    """

    pid: int
    workers: tuple[int, ...]
    printed: Mapping[str, str]


def lose(remote: Remote, folder: pathlib.Path) -> Lost:
    """SIGKILL to the worker of rank 1."""
    found = {path.name.rpartition("-")[2]: int(path.read_text("utf-8")) for path in _marks(folder)}
    assert "1" in found, f"no worker says that it is of rank 1; those that speak are {sorted(found)}"
    pid = found["1"]
    assert pid > 1, f"rank 1 says that its process id is {pid}"
    assert pid != os.getpid(), "rank 1 runs in our own process: that is no worker that can be lost"
    group = remote.group
    printed = {name: group.output(name) for name in group.running() if group.pid(name) != pid}
    os.kill(pid, signal.SIGKILL)
    return Lost(pid=pid, workers=tuple(found.values()), printed=printed)


def go_on(folder: pathlib.Path) -> None:
    """Let those that wait take their next step."""
    (folder / "go").touch()


def notice(remote: Remote, lost: Lost) -> Notice:
    """Wait until every worker has ended. Asserts that they do, none as if nothing had been, one naming the loss."""
    begun = time.monotonic()
    try:
        ended = remote.group.wait(UNTIL_NOTICED)
    except Hung as hung:
        raise AssertionError(f"the loss of a worker was not noticed: {hung}") from hung
    seconds = time.monotonic() - begun
    finished = sorted(remote.partial())
    assert not finished, f"workers {finished} returned a result, as if no worker had been lost"
    return Notice(seconds=seconds, message=_naming(remote.errors(), ended, lost))


def alive(numbers: Sequence[int]) -> list[int]:
    """Those that run still. The dead whom nobody has asked after are dead."""
    return [number for number in numbers if _runs(number)]


def _marks(folder: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in folder.glob(f"step-{LOST_BEFORE - 1}-*") if path.name.rpartition("-")[2].isdigit()]


def _naming(errors: Mapping[int, str], ended: Sequence[Ended], lost: Lost) -> str:
    """The first line that names the loss: of an error, else of what the other programs printed since."""
    lines = [" ".join(text.split()) for text in errors.values()]
    for each in ended:
        if each.name in lost.printed:
            before = set(lost.printed[each.name].splitlines())
            lines += [line.strip() for line in each.output.splitlines() if line.strip() and line not in before]
    naming = [line for line in lines if _LOSS.search(line)]
    said = " | ".join(lines[-4:])[-400:] or "nothing"
    assert naming, f"the workers ended, and no message names the loss of one; they said: {said}"
    return naming[0][:300]


def _runs(number: int) -> bool:
    status = pathlib.Path(f"/proc/{number}/stat")
    if pathlib.Path("/proc/self/stat").exists():
        try:
            return status.read_text("utf-8").rpartition(")")[2].split()[0] not in {"Z", "X"}
        except OSError:
            return False
    try:
        os.kill(number, 0)
    except OSError:
        return False
    return True
