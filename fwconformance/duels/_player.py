"""One contestant as the judge sees it: a process in its own environment, halted whenever it is not its turn."""

from __future__ import annotations

import os
import pathlib
from types import TracebackType
from typing import Any, Mapping, Sequence

import attrs

from fwconformance.duels import _worker
from fwconformance.duels._records import Contestant, name_of
from fwconformance.processes import Dialogue, Lost

_IMPORT_LIMIT = 120.0  # seconds
_LIMIT = 900.0  # one answer: the slowest is compiling, or a step of the largest work


class DuelError(Exception):
    """A contestant cannot do what was asked; the message says which, what, and what to do."""


class Refused(DuelError):
    """The framework, or our adapter, does not do this work in this mode."""


class UnknownMode(DuelError):
    """There is no mode of that name; the message lists those that there are."""


@attrs.frozen(kw_only=True)
class Player:
    """Who is to be started.

    Attributes:
        environment: name. python: its interpreter.
        framework, backend, device, mode: as the seam has them; "best" stands for the mode recommended for speed.
        extra: planted slowdown, a fraction.
        script: a program written by hand that does the work instead of the framework's adapter (`_worker.ByHand`).
    """

    environment: str
    python: pathlib.Path
    framework: str
    backend: str = ""
    device: str = "cpu"
    mode: str = "default"
    extra: float = 0.0
    script: pathlib.Path | None = None

    @property
    def name(self) -> str:
        """As `Contestant.name`."""
        return name_of(self.environment, self.mode, self.script.name if self.script else "")

    def was(self, recorded: Contestant) -> bool:
        """Whether a duel's contestant was this one: a record has the mode that "best" stood for."""
        mode = recorded.best if self.mode == "best" else recorded.mode == self.mode
        script = self.script.name if self.script else ""
        return mode and (recorded.environment, recorded.extra, recorded.script) == (
            self.environment,
            self.extra,
            script,
        )


def share_a_process(a: Player, b: Player) -> bool:
    """Whether both are to be asked in one process: `b` is the program written by hand for what `a` is, and how two
    processes differ is no matter of theirs.
    """
    return a.script is None and b.script is not None and attrs.evolve(b, script=None) == a


class Started:
    """A player's process, which waits to `begin`. Leaving the context ends it.

    `beside`: a program written by hand that is to be asked in the same process, by the `Guest` of this one. Such a
    process is not halted, since there is no other to take its time from.
    """

    def __init__(
        self,
        player: Player,
        *,
        threads: int,
        folder: pathlib.Path,
        label: str,
        beside: pathlib.Path | None = None,
    ) -> None:
        self.player = player
        self._label = f"{player.name} ({label})"
        self._scratch = folder / f"{label}.npz"
        self._who: dict[str, str] = {}
        self._halts = beside is None
        scripts = [str(player.script)] if player.script else []
        script = pathlib.Path(_worker.__file__)
        package = script.parents[1] if (script.parents[1] / "__init__.py").is_file() else _package()
        self._dialogue = Dialogue(
            self._label,
            [
                *(str(player.python), "-s", str(script), str(package)),
                *(player.framework, player.backend, player.device, str(threads)),
                *(scripts if beside is None else [str(beside), "beside"]),
            ],
            cwd=folder,
            env=_environment(threads, player.backend),
            log=folder / f"{label}.log",
        )
        self.said: dict[str, Any] = {}
        self._costs: dict[str, Any] = {}
        self._threads = threads

    def __enter__(self) -> Started:  # noqa: PYI034  typing.Self is younger than Python 3.8
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._dialogue.end()

    @property
    def mode(self) -> str:
        """The mode by its own name. Raises UnknownMode where the framework has no such mode, DuelError where a
        program by hand has none.
        """
        mode = self.said["best"] if self.player.mode == "best" else self.player.mode
        if mode not in self.said["modes"]:
            known = ", ".join([*self.said["modes"], "best"])
            who = self.player.script.name if self.player.script else self.player.environment
            message = f"{who} has no mode {mode!r}; it has {known}"
            # What a program by hand lacks, its framework may have.
            raise DuelError(message) if self.player.script else UnknownMode(message)
        return str(mode)

    def rebuild(self, taken: Sequence[int]) -> None:
        """Build the work anew; `taken` as `_worker.Turns.rebuild` has it."""
        self._dialogue.resume()
        self._ask({"do": "rebuild", "taken": list(taken)}, _LIMIT)
        self.halt()

    def note_costs(self) -> None:
        """Ask what start, build and first call took, and peak memory so far: of one build, if asked before another.

        In a process of two nothing is noted: one imports what the other uses, and memory is of both.
        """
        if not self._halts:
            return
        self._dialogue.resume()
        self._costs = self._ask({"do": "costs"}, _LIMIT)
        self.halt()

    def halt(self) -> None:
        """Until it is asked again, it takes no time."""
        if self._halts:
            self._dialogue.pause()

    def turn(self, calls: int, warm: int) -> float:
        """Seconds a call over `calls`; it runs meanwhile, and only meanwhile."""
        self._dialogue.resume()
        try:
            return float(self._ask({"do": "turn", "calls": calls, "warm": warm}, _LIMIT)["seconds"])
        finally:
            self.halt()

    def show(self) -> Mapping[str, Any]:
        """What is compared with the oracle, NumPy arrays by name (`_worker.Worker.show`)."""
        import numpy as np

        self._dialogue.resume()
        self._ask({"do": "show", "path": str(self._scratch)}, _LIMIT)
        self.halt()
        with np.load(self._scratch) as file:
            found = {name: file[name] for name in file.files}
        self._scratch.unlink()
        return found

    def contestant(self, largest_error: float) -> Contestant:
        """For the record."""
        return Contestant(
            environment=self.player.environment,
            framework=self.player.framework,
            backend=self.player.backend,
            device=self.said["device"],
            mode=self.mode,
            means=self.said["modes"][self.mode],
            best=self.mode == self.said["best"],
            versions=self.said["versions"],
            threads=self._threads,
            extra=self.player.extra,
            script=self.player.script.name if self.player.script else "",
            layout=self.said["layout"],
            arithmetic=self.said["arithmetic"],
            largest_error=largest_error,
            **self._costs,
        )

    def put(self, question: Mapping[str, Any]) -> None:
        """Put a question to it, whose `answer` is waited for later."""
        self._dialogue.put({**question, **self._who})

    def answer(self, limit: float) -> dict[str, Any]:
        """What it answers within `limit` seconds. Raises Refused, or DuelError where it failed or is gone."""
        try:
            answer = self._dialogue.answer(limit=limit)
        except Lost as error:
            raise DuelError(str(error)) from None
        if "refused" in answer:
            raise Refused(f"{self._label}: {answer['refused']}")
        if "failed" in answer:
            raise DuelError(f"{self._label}: {answer['failed']}")
        return answer

    def _ask(self, question: Mapping[str, Any], limit: float) -> dict[str, Any]:
        self.put(question)
        return self.answer(limit)


class Guest(Started):
    """A program written by hand, in the process of its framework's adapter, which ends it."""

    def __init__(self, player: Player, host: Started) -> None:
        self.player = player
        self._label = f"{player.name} (beside)"
        self._scratch = host._scratch.with_name("beside.npz")  # noqa: SLF001  its own class
        self._who = {"who": _worker.BY_HAND}
        self._halts = False
        self._dialogue = host._dialogue  # noqa: SLF001
        self.said = {}
        self._costs = {}
        self._threads = host._threads  # noqa: SLF001

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def begin(sides: Sequence[Started], work: str, seed: int) -> None:
    """Let all of `sides` import their frameworks and build `work` at the same time; they are halted then. Raises as
    `Started.mode`, Refused where one does not do this work.
    """
    for side in sides:
        side.put({"do": "hello"})
    for side in sides:
        side.said = side.answer(_IMPORT_LIMIT)
    for side in sides:
        side.put({"do": "prepare", "work": work, "mode": side.mode, "seed": seed, "extra": side.player.extra})
    for side in sides:
        side.answer(_LIMIT)
        side.halt()


def _package() -> pathlib.Path:
    """The folder of `fwconformance/__init__.py`, where the rooms lie elsewhere than it (an installed wheel)."""
    import fwconformance

    return pathlib.Path(str(fwconformance.__file__)).parent


def _environment(threads: int, backend: str) -> dict[str, str]:
    """The process's variables: ours, less what would change how a framework computes, with equal thread counts."""
    changing = ("OMP_", "MKL_", "KMP_", "OPENBLAS_", "TF_", "XLA_", "JAX_", "MXNET_", "TORCH", "PYTORCH_", "ONEDNN_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith((*changing, "PYTHON", "KERAS_"))}
    count = str(threads)
    kept.update(
        {
            "OMP_NUM_THREADS": count,
            "MKL_NUM_THREADS": count,
            "OPENBLAS_NUM_THREADS": count,
            "TF_NUM_INTRAOP_THREADS": count,
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }
    )
    if backend:
        kept["KERAS_BACKEND"] = backend
    return kept
