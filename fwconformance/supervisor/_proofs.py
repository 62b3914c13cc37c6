"""Proofs that tests can fail: every fault of the reference, or every sabotage of a framework, must turn its case
red.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import json
import pathlib
import threading
import time
from typing import Any, Sequence

import attrs

from fwconformance.evidence import Outcome
from fwconformance.processes import Child, how_it_ended
from fwconformance.shards import read_shard
from fwconformance.supervisor._config import FAULTS, Target, Workplace
from fwconformance.supervisor._journal import continued
from fwconformance.supervisor._plan import CaseId
from fwconformance.supervisor._progress import Progress
from fwconformance.supervisor._supervise import ChildError, Limits, Refused
from fwconformance.supervisor._watch import How, Signals, watch

_REFUSED = 97  # see _child.REFUSED
_NOT_RUN = (2, 3)  # pytest's own: interrupted, as by an error of collection; internal error
_USAGE = 4  # pytest's
_IDLE = frozenset((Outcome.UNSUPPORTED.value, Outcome.UNAVAILABLE.value))


@attrs.frozen(kw_only=True)
class Proof:
    """What became of one fault. killed: its case passes without it and fails by an assertion with it. idle: the
    framework lacks, or this machine does, what the case is about, so that no cell claims what the fault would disprove.
    message: what was seen.
    """

    fault: str
    capability: str
    case: str
    killed: bool
    idle: bool = False
    message: str


@attrs.frozen(kw_only=True)
class Proofs:
    """Every fault that was tried, the cases (all that were selected) that none is planted for, and how many faults
    there are, selected or not.
    """

    proofs: tuple[Proof, ...]
    offered: int
    unproven: tuple[CaseId, ...]


class _Part:
    """One worker's share: what it was to do, and what it saw, over as many children as that takes."""

    def __init__(self) -> None:
        self.plan: list[tuple[str, str, str]] | None = None  # until it is known
        self.cases: list[CaseId] = []
        self.mine: list[CaseId] = []
        self.done: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.open: tuple[str, str, str] | None = None
        self.moved = 0.0

    def to_skip(self) -> list[tuple[str, str, str]]:
        """What the next child need not do: what is done, but for twins that passed, which each child runs before
        their faults.
        """
        passed = Outcome.PASSED.value
        return [identity for identity, record in self.done.items() if identity[0] or record["outcome"] != passed]


def prove(
    target: Target,
    *,
    only: Sequence[str],
    profile: str,
    limits: Limits,
    workers: int,
    progress: Progress,
) -> Proofs:
    """Try every fault whose case `only` selects (all if empty), in `workers` processes side by side.

    Raises Refused, ChildError, Interrupted.
    """
    lock = threading.Lock()
    with Signals().noted() as signals, concurrent.futures.ThreadPoolExecutor(workers) as pool:
        shares = [
            pool.submit(_share, target, (number, workers), only, profile, limits, signals, progress, lock)
            for number in range(workers)
        ]
        parts = [share.result() for share in shares]
    return _judge(parts, whole=not only)


def keep_proofs(path: pathlib.Path, proofs: Sequence[Proof]) -> None:
    """Append `proofs`, but for idle ones, to the journal at `path`; what it holds in the same words is not repeated."""
    there = {(one.sabotage, one.capability, one.case, one.killed, one.message) for one in read_shard(path).proofs}
    with continued(path) as journal:
        for one in proofs:
            if not one.idle and (one.fault, one.capability, one.case, one.killed, one.message) not in there:
                journal.proof(one.fault, one.capability, one.case, killed=one.killed, message=one.message)


def _share(  # noqa: PLR0917 - called through a pool, once
    target: Target,
    part: tuple[int, int],
    only: Sequence[str],
    profile: str,
    limits: Limits,
    signals: Signals,
    progress: Progress,
    lock: threading.Lock,
) -> _Part:
    """One worker: child after child until every fault of its part was tried."""
    share = _Part()
    with contextlib.closing(Workplace()) as workplace:
        results = workplace.folder / "results.jsonl"
        arguments = ["-p", "fwconformance.supervisor._faults", "--fw-profile", profile]
        arguments += [word for item in only for word in ("--fw-only", item)]
        fruitless = 0
        while True:
            before = len(share.done)
            spec = {"results": str(results), "skip": share.to_skip(), "part": list(part)}
            env = {**workplace.environment(), FAULTS: json.dumps(spec)}
            command = workplace.command(target, arguments)
            read = _Reader(results, share, progress, lock)
            with workplace.log.open("wb") as log:
                share.moved = time.monotonic()
                child = Child(command, cwd=workplace.cwd, env=env, log=log)
                ending = watch(child, signals, look=functools.partial(_look, share, read, limits))
            if results.exists():
                results.unlink()
            stage = workplace.stage()
            if stage.get("stage") == "refused":
                raise Refused(stage["message"])
            if share.open is not None:
                outcome = Outcome.TIMEOUT if ending.how is How.TOO_LONG else Outcome.CRASHED
                words = (
                    f"no result within {limits.case:g} s" if ending.how is How.TOO_LONG else how_it_ended(ending.status)
                )
                share.done[share.open] = {"outcome": outcome.value, "message": words, "finding": None}
                share.open = None
                continue
            ready = stage.get("stage") == "ready" and share.plan is not None
            if ready and ending.how is How.ENDED and ending.status in (0, 1, 5):
                return share
            if ending.status == _USAGE and ending.how is How.ENDED:
                raise Refused(workplace.complaint() or "pytest refused its arguments")
            fruitless = 0 if len(share.done) > before else fruitless + 1
            if fruitless == 2 or (ending.how is How.ENDED and ending.status in _NOT_RUN):
                words = (
                    how_it_ended(ending.status) if ending.how is How.ENDED else f"no result within {limits.start:g} s"
                )
                raise ChildError(f"the proofs could not be run: {words}", workplace.log_tail())
    return share


def _look(share: _Part, read: _Reader, limits: Limits) -> float:
    """Seconds that the child has left."""
    read()
    return (limits.case if share.open else limits.start) - (time.monotonic() - share.moved)


class _Reader:
    """Takes in what a child wrote since the last look."""

    def __init__(self, path: pathlib.Path, share: _Part, progress: Progress, lock: threading.Lock) -> None:
        self._path = path
        self._share = share
        self._progress = progress
        self._lock = lock
        self._offset = 0

    def __call__(self) -> None:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return
        whole = data.rfind(b"\n") + 1
        for line in data[self._offset : whole].splitlines():
            self._take(json.loads(line))
        self._offset = max(whole, self._offset)

    def _take(self, record: dict[str, Any]) -> None:
        share = self._share
        share.moved = time.monotonic()
        if "plan" in record:
            share.plan = [(fault, capability, case) for fault, capability, case in record["plan"]]
            share.cases = [(capability, case) for capability, case in record["cases"]]
            share.mine = [(capability, case) for capability, case in record["part"]]
        elif "begin" in record:
            fault, capability, case = record["begin"]
            share.open = (fault, capability, case)
        elif "done" in record:
            fault, capability, case = record["done"]
            share.done[fault, capability, case] = record
            share.open = None
            if fault:
                with self._lock:
                    twin = share.done.get(("", capability, case), {}).get("outcome")
                    word = "idle" if twin in _IDLE else "killed" if _killed(record) else "SURVIVED"
                    self._progress.say(f"{word:<8}  {capability}:{case:<28}  {fault}")


def _killed(record: dict[str, Any]) -> bool:
    # What a known finding explains fails without the fault too.
    return record["outcome"] == Outcome.FAILED.value and record["finding"] is None


def _judge(parts: Sequence[_Part], *, whole: bool) -> Proofs:
    done = {identity: record for part in parts for identity, record in part.done.items()}
    plan = parts[0].plan or []
    collected = set(parts[0].cases)
    proofs = []
    for fault, capability, case in plan:
        if (capability, case) not in collected:
            if whole:
                message = f"there is no case {capability}:{case} to run here"
                proofs.append(Proof(fault=fault, capability=capability, case=case, killed=False, message=message))
            continue
        proofs.append(_proof(fault, capability, case, done))
    planted = {(capability, case) for _, capability, case in plan}
    return Proofs(
        proofs=tuple(sorted(proofs, key=lambda one: (one.capability, one.case, one.fault))),
        offered=len(plan),
        unproven=tuple(pair for pair in parts[0].cases if pair not in planted),
    )


def _proof(fault: str, capability: str, case: str, done: dict[tuple[str, str, str], dict[str, Any]]) -> Proof:
    twin, mutated = done.get(("", capability, case)), done.get((fault, capability, case))
    killed = idle = False
    if twin is not None and twin["outcome"] in _IDLE:
        idle, message = True, f"without the fault it is {_words(twin)}: there is nothing to disprove"
    elif twin is None or twin["outcome"] != Outcome.PASSED.value:
        message = f"without the fault it is {_words(twin)}, so nothing is proven"
    elif mutated is None or not _killed(mutated):
        message = f"with the fault it is {_words(mutated)}, and must fail by an assertion"
    else:
        killed, message = True, mutated["message"]
    return Proof(fault=fault, capability=capability, case=case, killed=killed, idle=idle, message=message)


def _words(record: dict[str, Any] | None) -> str:
    if record is None:
        return "not run"
    message = f": {record['message']}" if record["message"] else ""
    known = f" (known finding {record['finding']})" if record["finding"] else ""
    return f"{record['outcome']}{known}{message}"
