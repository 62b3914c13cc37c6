"""Calls of a piece in fresh processes: several devices, several workers, or work that must not meet what ran before.

Parent and workers each have a seam of their own. A worker's seam looks at every native tensor before it becomes NumPy;
what it saw (devices, types) comes back with the result and counts as seen by the parent's seam.
"""

from __future__ import annotations

import contextlib
import json
import pathlib
import shutil
import sys
import tempfile
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Iterator, Mapping, Sequence

import attrs

import fwconformance
from fwconformance.frameworks import _codec
from fwconformance.frameworks._probes import Seen
from fwconformance.frameworks._protocol import NotAdapted, Unavailable, Unsupported
from fwconformance.processes import Ended, Group, Hosts, Hung, NoHosts, Program, how_it_ended, namespace, peak_memory

if TYPE_CHECKING:
    from fwconformance.frameworks._protocol import Sabotage
    from fwconformance.frameworks._seam import Seam

_SCRIPT = pathlib.Path(__file__).resolve().parent / "_worker.py"


@attrs.frozen(kw_only=True)
class Worker:
    """How a worker of one call is started; what a piece's `programs` is given.

    Attributes:
        folder: private to this call; a piece may keep files there (a rendezvous, a checkpoint).
        script: of the worker, for launchers that start a script themselves.
        hosts: where the call asks for hosts of their own: as many as devices, and worker n belongs on host n. None: all
            run here and meet on loopback.
    """

    folder: str
    script: str = str(_SCRIPT)
    hosts: Hosts | None = None

    @property
    def interface(self) -> str:
        """Name of the network interface over which the workers reach each other, as Linux calls it."""
        return self.hosts.interface if self.hosts else "lo"

    def asked(self) -> tuple[str, Sequence[Any]]:
        """Method and arguments of the call, for a piece that must tell its framework of them before it is imported."""
        call = _codec.read(pathlib.Path(self.folder), "call")
        return call["method"], call["arguments"]

    def address(self, number: int) -> str:
        """Where the others reach worker `number`."""
        return self.hosts.address(number) if self.hosts else "127.0.0.1"

    def host(self, number: int) -> int | None:
        """`Program.host` of worker `number`."""
        return number if self.hosts else None

    def arguments(self, role: str) -> tuple[str, str]:
        """Of the script. `role`: "0", "1", ... for workers; "env:RANK" where a launcher numbers them in that
        variable; a word for a process that serves.
        """
        return (self.folder, role)

    def command(self, role: str) -> tuple[str, ...]:
        """This interpreter, running the script."""
        return (sys.executable, "-B", self.script, *self.arguments(role))


class WorkerFailed(Exception):
    """A worker raised something that is not of the seam.

    What is raised is a subclass, made as it is met, with the name of what the worker raised: a finding can match it.
    """


class WorkerDied(Exception):
    """A worker ended without a result."""


class Remote:
    """A call that runs in other processes. A context manager: leaving it ends them all and removes their folder."""

    def __init__(
        self, seam: Seam, call: Mapping[str, Any], piece: Any, *, devices: int, limit: float, hosts: int = 0
    ) -> None:
        self._seam = seam
        self._call = call
        self._programs = getattr(piece, "programs", each_on_its_own)
        self._devices = devices
        self._count = piece.workers(devices) if hasattr(piece, "workers") else devices
        self._limit = limit
        self._hosts = Hosts(hosts) if hosts else None
        #: What each worker cost, by number, once there are results: seconds until its framework was imported
        #: ("start_seconds"), and peak resident memory in bytes then ("start_bytes") and after the call ("peak_bytes").
        self.costs: list[Mapping[str, float]] = []

    def __enter__(self) -> Remote:  # noqa: PYI034 - Self needs Python 3.11
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fwconformance-call-"))
        self._exit = contextlib.ExitStack()
        self._exit.callback(shutil.rmtree, str(self.folder), ignore_errors=True)
        try:
            _codec.write(self.folder, "call", self._call)
            (self.folder / "place.json").write_text(json.dumps({"path": import_path()}), encoding="utf-8")
            hosts = self._exit.enter_context(_made(self._hosts)) if self._hosts else None
            programs = self._programs(Worker(folder=str(self.folder), hosts=hosts), self._devices)
            if hosts and {program.host for program in programs} != set(range(hosts.count)):
                raise NotAdapted("this piece starts its workers without saying on which host each of them is")
            self.group = self._exit.enter_context(Group(programs, folder=self.folder, limit=self._limit, hosts=hosts))
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def results(self) -> list[Any]:
        """What each worker returned, by number, NumPy where native tensors were; after all of them have ended.

        Raises what a worker raised: `Unsupported`, `NotAdapted`, `Unavailable` and `SeamViolation` as such, anything
        else as `WorkerFailed`; `WorkerDied` where one left no result; `Hung` after the limit, if none raised anything.
        """
        hung = None
        try:
            ended = self.group.wait()
        except Hung as error:
            ended, hung = error.ended, error
        answers = [self._answer(str(number)) for number in range(self._count)]
        # A worker that lost its peer says so; the one that went wrong first says why. A real error comes before both.
        for answer in sorted((each for each in answers if each and "error" in each), key=_gravity):
            # Those that waited for it in vain say less than it does.
            raise as_error(answer["error"], ended) from hung
        if hung is not None:
            raise hung
        missing = [str(number) for number, answer in enumerate(answers) if answer is None]
        if missing:
            raise WorkerDied(f"no result from worker {', '.join(missing)}: {_tails(ended)}")
        if self._hosts and sorted(answer["namespace"] for answer in answers if answer) != sorted(
            self._hosts.namespaces()
        ):
            raise RuntimeError("workers were to be on a host each, and ran in other network namespaces than theirs")
        for answer in answers:
            assert answer is not None
            self._seam.absorb(answer["observed"], answer["native_types"], answer["seen"])
        self.costs = [answer["costs"] for answer in answers if answer is not None]
        return [answer["value"] for answer in answers if answer is not None]

    def partial(self) -> dict[int, Any]:
        """What those workers returned that have returned by now, errors left out. For a test that kills one."""
        answers = {number: self._answer(str(number)) for number in range(self._count)}
        return {number: answer["value"] for number, answer in answers.items() if answer and "value" in answer}

    def errors(self) -> dict[int, str]:
        """What those workers raised that have raised by now: "type: message"."""
        answers = {number: self._answer(str(number)) for number in range(self._count)}
        return {
            number: f"{answer['error']['names'][0]}: {answer['error']['message']}"
            for number, answer in answers.items()
            if answer and "error" in answer
        }

    def _answer(self, role: str) -> Any:
        try:
            return _codec.read(self.folder, f"result-{role}")
        except FileNotFoundError:
            return None


def each_on_its_own(worker: Worker, devices: int) -> Sequence[Program]:
    """The programs of a piece that needs no launcher: a worker a device, which know nothing of each other."""
    return [Program(name=f"worker {number}", command=worker.command(str(number))) for number in range(devices)]


def perform(call: Mapping[str, Any], role: str) -> dict[str, Any]:
    """In a worker: make the framework, plant the fault asked for, make the call. Returns the answer to be written."""
    from fwconformance.frameworks._catalog import create
    from fwconformance.frameworks._seam import Seam

    before = time.perf_counter()
    seam = Seam(create(call["framework"], call["backend"], call["device"], mutant=call["mutant"]))
    costs = {"start_seconds": time.perf_counter() - before, "start_bytes": peak_memory()}
    with seam.sabotaged(named_sabotage(seam, call["sabotage"])) if call["sabotage"] else contextlib.nullcontext():
        value = getattr(seam.piece(call["piece"]), call["method"])(*call["arguments"], **call["named"])
    if not role.isdigit():
        value = None
    return {
        "value": value,
        "observed": sorted(seam.observed),
        "native_types": sorted(seam.native_types),
        "seen": seam.seen,
        "namespace": namespace(),
        "costs": {**costs, "peak_bytes": peak_memory()},
    }


@contextlib.contextmanager
def _made(hosts: Hosts) -> Iterator[Hosts]:
    try:
        hosts.__enter__()
    except NoHosts as error:
        raise Unavailable(str(error)) from error
    with contextlib.ExitStack() as stack:
        stack.push(hosts)
        yield hosts


def named_sabotage(seam: Seam, name: str) -> Sabotage:
    """The sabotage `name` of the seam's adapter. Raises LookupError for one that it does not have."""
    for sabotage in seam.sabotages():
        if sabotage.name == name:
            return sabotage
    raise LookupError(f"{seam.name} has no sabotage {name!r}")


def describe_error(error: BaseException) -> dict[str, Any]:
    """What is written in place of an answer."""
    kinds = [kind for kind in type(error).__mro__ if issubclass(kind, BaseException)]
    try:
        message = str(error)
    except Exception:  # an exception of a framework may fail to describe itself
        message = "(its message cannot be had)"
    described = {
        "names": [kind.__name__ for kind in kinds],
        "module": type(error).__module__,
        "message": message[:4000],
        "probed": isinstance(error, Unsupported) and error.probe is not None,
        "kind": str(getattr(error, "kind", "")),
    }
    return {"error": described}


def as_error(described: Mapping[str, Any], ended: Sequence[Ended]) -> Exception:
    """What `describe_error` described, to be raised; `ended` speak where it has no message."""
    from fwconformance.frameworks._seam import SeamViolation

    names, message = described["names"], described["message"]
    if "Unsupported" in names:
        # The probe ran in the worker; what it saw is the evidence.
        return Unsupported(message, probe=Seen(absent=True, evidence=message) if described["probed"] else None)
    if "SeamViolation" in names:
        return SeamViolation(described["kind"], message)
    for kind in (NotAdapted, Unavailable):
        if kind.__name__ in names:
            return kind(message)
    bases: tuple[type, ...] = (WorkerFailed,)
    for name in reversed(names[: names.index("BaseException")]):
        if name != "Exception":
            bases = (type(name, bases, {"__module__": described["module"]}),)
    failed: Exception = bases[0](message or _tails(ended))
    return failed


def _gravity(answer: Mapping[str, Any]) -> int:
    """Errors of the loss of a peer come last: they follow from another's."""
    text = answer["error"]["message"].lower()
    return int(any(word in text for word in ("connection", "closed by peer", "broken pipe", "unavailable")))


def _tails(ended: Sequence[Ended]) -> str:
    said = []
    for each in ended:
        how = "ended by us" if each.status is None else how_it_ended(each.status)
        lines = [line for line in each.output.splitlines() if line.strip()]
        said.append(f"{each.name} ({how}) printed: {' | '.join(lines[-4:])[-600:] or 'nothing'}")
    return "; ".join(said)


def import_path() -> list[str]:
    """Our own import path, and at its end where this package lies: a supervised process has it without the path."""
    root = str(pathlib.Path(fwconformance.__file__).resolve().parents[1])
    return [str(pathlib.Path(entry).absolute()) for entry in sys.path if entry] + ([] if root in sys.path else [root])
