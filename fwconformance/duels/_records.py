"""What a duel leaves behind: who, what, every round raw, and the interval. One JSON line each."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
from typing import IO, Any, Callable, Mapping, Sequence

import attrs

FORMAT = 1


class RecordError(ValueError):
    """A file of duels that cannot be read: which line, and why."""


class NoDuels(RecordError):
    """A file that does not begin as one of duels: somebody's."""


def name_of(environment: str, mode: str, script: str = "") -> str:
    """What a contestant is called."""
    plain = environment if mode == "default" else f"{environment}:{mode}"
    return f"{plain} by {script}" if script else plain


@attrs.frozen(kw_only=True)
class Contestant:
    """Who does the work.

    Attributes:
        environment: name, as in the registry or given by the user.
        framework, backend, device: as the seam has them.
        mode: of the piece "speed". means: what the mode is, in words.
        best: whether the framework's documentation recommends this mode for speed.
        versions: distribution to version, Python's too.
        threads: how many processors it may use.
        extra: planted slowdown, as a fraction of additional calls; 0 but in campaigns.
        script: name of the program, written by hand, that did the work; "" where the framework's adapter did.
        layout, arithmetic: of images in memory, and the libraries that compute; "" where nobody told.
        peak_bytes: resident memory at its largest, over the whole process.
        largest_error: distance from the oracle, before and after timing, in units of what is tolerated; below 1.
        start_seconds: until the framework was imported. build_seconds: of the network, from given weights.
        first_seconds: of the first call. All three 0 where they were not measured.
    """

    environment: str
    framework: str
    backend: str
    device: str
    mode: str
    means: str
    best: bool
    versions: Mapping[str, str]
    threads: int
    extra: float = 0.0
    script: str = ""
    layout: str = ""
    arithmetic: str = ""
    peak_bytes: int = 0
    largest_error: float = 0.0
    start_seconds: float = 0.0
    build_seconds: float = 0.0
    first_seconds: float = 0.0

    @property
    def name(self) -> str:
        """ENVIRONMENT, or ENVIRONMENT:MODE where the mode is not the default; of a program, with " by SCRIPT"."""
        return name_of(self.environment, self.mode, self.script)


@attrs.frozen(kw_only=True)
class Block:
    """Four turns, two of each: seconds a call, in the order they were taken.

    Attributes:
        order: "ABBA" or "BAAB".
        seconds: mean seconds a call of each turn.
        build: number of the build that was timed, from 1; blocks of one build share where things lie in memory. 0 in
            files of the time when both sides were built once.
        process: number of the pair of processes that was timed, from 1; builds of one pair share where the program and
            its libraries lie. 0 in files of the time when both sides were started once.
    """

    order: str
    seconds: tuple[float, float, float, float]
    build: int = 0
    process: int = 0


@attrs.frozen(kw_only=True)
class Duel:
    """One comparison.

    Attributes:
        work: id of the work.
        a, b: the contestants; the ratio is time of a over time of b.
        seed: of weights, batch and order of turns.
        calls: in a turn, for a and for b.
        blocks: every round that was taken.
        ratio, low, high: the paired ratio over pairs of processes, and its interval.
        confidence: of the interval.
        stopped: "width" (narrow enough), "budget" or "interrupted".
        started: RFC 3339, UTC.
        seconds: whole duration, checks included.
        machine: processor and count of processors, by name.
        shared: both sides were in one process, so that how two differ is not part of the ratio.
        others: processors at work meanwhile for what is not of the duel, on average; None where nobody looked.
    """

    work: str
    a: Contestant
    b: Contestant
    seed: int
    calls: tuple[int, int]
    blocks: tuple[Block, ...]
    ratio: float
    low: float
    high: float
    confidence: float
    stopped: str
    started: str
    seconds: float
    machine: str
    others: float | None = None
    shared: bool = False

    @property
    def builds(self) -> int:
        """How often both sides were built anew; 0 in files of the time when they were built once."""
        return len({block.build for block in self.blocks if block.build})

    @property
    def processes(self) -> int:
        """How often both sides were started anew; 0 in files of the time when they were started once."""
        return len({block.process for block in self.blocks if block.process})

    @property
    def is_control(self) -> bool:
        """Whether both are the same: an A/A pair, whose true ratio is 1."""
        return attrs.evolve(self.a, **OBSERVED) == attrs.evolve(self.b, **OBSERVED)

    def to_json(self) -> dict[str, Any]:
        """A JSON object; without `others` where nobody looked, and without `shared` where it is not."""
        fields = attrs.asdict(self)
        for name, blank in (("others", self.others is None), ("shared", not self.shared)):
            if blank:
                del fields[name]
        return {"record": "duel", "format": FORMAT, **fields}

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Duel:
        """Raises RecordError where `payload` is no duel of this format."""
        if payload.get("record") != "duel" or payload.get("format") != FORMAT:
            raise RecordError(f"not a duel of format {FORMAT}: record {payload.get('record')!r}")
        fields = {name: value for name, value in payload.items() if name not in {"record", "format"}}
        try:
            fields["a"], fields["b"] = Contestant(**fields["a"]), Contestant(**fields["b"])
            fields["blocks"] = tuple(Block(**{**each, "seconds": tuple(each["seconds"])}) for each in fields["blocks"])
            fields["calls"] = tuple(fields["calls"])
            return cls(**fields)
        except (KeyError, TypeError) as error:
            raise RecordError(f"a duel lacks a field, or has an unknown one: {error}") from None


#: What a contestant was seen to take; not part of who it is.
OBSERVED: Mapping[str, Any] = {
    "peak_bytes": 0,
    "largest_error": 0.0,
    "start_seconds": 0.0,
    "build_seconds": 0.0,
    "first_seconds": 0.0,
}


@attrs.frozen(kw_only=True)
class Limits:
    """What the machine can do, measured in the same session.

    Attributes:
        products: float32 matrix products, operations a second. copying: bytes read and written a second.
        threads: processors used. started: RFC 3339, UTC. by: what measured it.
    """

    products: float
    copying: float
    threads: int
    started: str
    by: str

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {"record": "limits", "format": FORMAT, **attrs.asdict(self)}


def dumps(record: Duel | Limits) -> str:
    """One line of a file of duels, with its end."""
    return json.dumps(record.to_json(), sort_keys=True) + "\n"


def append(path: pathlib.Path, record: Duel | Limits) -> None:
    """Add one line to `path`, on the disk before this returns. A last line that was cut off while written goes first.
    Who else appends waits meanwhile.

    Raises RecordError where the file ends within a line and is none of duels, OSError where it cannot be written.
    """
    with path.open("ab+") as file:
        with contextlib.suppress(ImportError):  # no such locks on Windows
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        _end_last_line(path, file)
        file.write(dumps(record).encode())
        file.flush()
        os.fsync(file.fileno())


def read(
    paths: Sequence[pathlib.Path], warn: Callable[[str], None] | None = None
) -> tuple[tuple[Duel, ...], tuple[Limits, ...]]:
    """Every duel and limit of `paths`, in order. A last line that was cut off while written is left out, and `warn`
    told so.

    Raises RecordError naming file and line, OSError where a file cannot be read.
    """
    duels: list[Duel] = []
    limits: list[Limits] = []
    for path in paths:
        lines = path.read_bytes().splitlines(keepends=True)
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = _parsed(line)
            except ValueError as error:
                if number == len(lines) and _is_torn(line, error):
                    if warn is not None:
                        warn(f"{path}:{number}: the last line is incomplete (its writer was interrupted): left out")
                    continue
                if not duels and not limits:
                    raise NoDuels(f"{path}:{number}: {error}: the file is none of duels") from None
                raise RecordError(f"{path}:{number}: {error}") from None
            if isinstance(record, Limits):
                limits.append(record)
            else:
                duels.append(record)
    return tuple(duels), tuple(limits)


def held_in(path: pathlib.Path) -> tuple[Duel, ...]:
    """The duels that a session goes on after: those of `path`, none where there is no such file. Raises as `read`."""
    return read([path])[0] if path.exists() else ()


def _parsed(line: bytes) -> Duel | Limits:
    """Raises ValueError, RecordError among them, where it is no record."""
    payload = json.loads(line)
    if not isinstance(payload, dict):
        raise RecordError(f"no record: {type(payload).__name__} in place of an object")
    if payload.get("record") != "limits":
        return Duel.from_json(payload)
    try:
        return Limits(**{key: payload[key] for key in attrs.fields_dict(Limits)})
    except KeyError as error:
        raise RecordError(f"limits lack the field {error}") from None


def _is_torn(line: bytes, error: ValueError) -> bool:
    """Whether a line that is no record, for `error`, is the beginning of one."""
    return not isinstance(error, RecordError) and not line.endswith(b"\n") and line[:2] == b'{"'[: len(line)]


def _end_last_line(path: pathlib.Path, file: IO[bytes]) -> None:
    """Let `file` end with a whole line: a record that lacks nothing but its end is given it, part of one cut off."""
    size = file.seek(0, os.SEEK_END)
    if not size:
        return
    file.seek(size - 1)
    if file.read(1) == b"\n":
        return
    read([path])  # nobody else's file is cut
    file.seek(0)
    whole = file.read()
    last = whole[whole.rfind(b"\n") + 1 :]
    try:
        _parsed(last)
    except ValueError:
        file.truncate(size - len(last))
    else:
        file.write(b"\n")
