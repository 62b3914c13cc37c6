"""The supervised run: child after child, until every planned case has a result or cannot have one."""

from __future__ import annotations

import pathlib
import re
import time
from typing import Callable, Sequence

import attrs

from fwconformance.evidence import Outcome
from fwconformance.frameworks import CatalogError, find_entry
from fwconformance.processes import Child, how_it_ended
from fwconformance.shards import JournalError
from fwconformance.supervisor._config import Target, Workplace
from fwconformance.supervisor._follow import Attempt, Follower
from fwconformance.supervisor._plan import CaseId
from fwconformance.supervisor._progress import Progress
from fwconformance.supervisor._watch import Ending, How, Signals, watch

# pytest's own exit statuses
_ALL_PASSED, _SOME_FAILED, _INTERRUPTED, _INTERNAL, _USAGE, _NOTHING_COLLECTED = range(6)
_REGULAR = (_ALL_PASSED, _SOME_FAILED, _NOTHING_COLLECTED)
_CHILD_REFUSED = 97  # see _child.REFUSED


class Refused(Exception):
    """The framework cannot be had as asked for, or the child refused its arguments; the message says what to do."""


class ChildError(Exception):
    """The suites could not be run at all: an error of ours. `log`: the end of what the child printed."""

    def __init__(self, message: str, log: str) -> None:
        super().__init__(message)
        self.log = log


@attrs.frozen(kw_only=True)
class Limits:
    """Seconds: for one case, and for everything else (importing the framework, collecting, ending)."""

    case: float = 120.0
    start: float = 300.0


class Supervisor:
    """Runs the planned cases of one framework in children and completes the journal with what only it can know.

    Args:
        target: what the children load. planned: which cases. arguments: the plugin's options, the same for every
        child; selection:
            those that select the planned cases, left out where a case is run alone.
        shard: the journal. resume: go on with it.
        append: writes one observation (capability, case, attempt, outcome, message) to the journal.
        log: is given what each child printed.
    """

    def __init__(
        self,
        *,
        target: Target,
        planned: Sequence[CaseId],
        arguments: Sequence[str],
        selection: Sequence[str],
        shard: pathlib.Path,
        resume: bool,
        limits: Limits,
        workplace: Workplace,
        signals: Signals,
        progress: Progress,
        append: Callable[[Attempt, Outcome, str], None],
        log: Callable[[str], None],
    ) -> None:
        self._target = target
        self._planned = tuple(planned)
        self._arguments = tuple(arguments)
        self._selection = tuple(selection)
        self._shard = shard
        self._resume = resume
        self._limits = limits
        self._workplace = workplace
        self._signals = signals
        self._progress = progress
        self._append = append
        self._log = log
        self._journal = Follower(shard)
        self._seen: set[CaseId] = set()
        self._moved = 0.0  # when the journal last grew, or the child was started
        self.notes: list[str] = []

    def run(self) -> None:
        """Raises Refused, ChildError, Interrupted; OSError where the journal cannot be written."""
        self._journal.poll()
        self._seen.update(key[:2] for key in self._journal.results)
        self._all_in_turn()
        for capability, case in self._planned:
            if self._journal.to_repeat(capability, case):
                self._once_more_alone(capability, case)
        self._progress.clear()

    def _remaining(self) -> list[CaseId]:
        return [identity for identity in self._planned if self._journal.outcome(*identity) is None]

    def _all_in_turn(self) -> None:
        fruitless = 0
        while self._remaining():
            before = len(self._journal.results)
            ending = self._child(self._selection)
            if self._blamed(ending):
                fruitless = 0
                continue
            if self._regular(ending):
                return
            what = self._what_happened(ending)
            if not self._remaining():
                self._note(f"after the last case, while it ended: {what}")
                return
            if len(self._journal.results) > before:
                self._note(f"between two cases: {what}; going on in a fresh process")
                fruitless = 0
                continue
            fruitless += 1
            if fruitless == 2:
                self._give_up(ending, what)
                return

    def _once_more_alone(self, capability: str, case: str) -> None:
        self._progress.say(f"once more, alone: {capability}:{case}")
        ending = self._child(["--fw-only", f"{capability}:{case}", "--fw-attempt", "2"])
        if self._blamed(ending) or (capability, case, 2) in self._journal.results:
            return
        if self._regular(ending):
            self._note(f"{capability}:{case} was not run again: the suites no longer select it")
            return
        self._write((capability, case, 2), ending, self._what_happened(ending))

    def _child(self, arguments: Sequence[str], *, task: str = "run") -> Ending:
        """One child from start to end; the journal has been read to its end when this returns."""
        resume = ["--fw-resume"] if self._resume or self._journal.header else []
        everything = [*self._arguments, "--fw-shard", str(self._shard), *resume, *arguments]
        command = self._workplace.command(self._target, everything, task=task)
        with self._workplace.log.open("wb") as log:
            try:
                child = Child(command, cwd=self._workplace.cwd, env=self._workplace.environment(), log=log)
            except OSError as error:
                raise Refused(
                    f"cannot start {self._target.python}: {error.strerror}; name a Python interpreter with --python"
                ) from error
            self._moved = time.monotonic()
            try:
                ending = watch(child, self._signals, look=self._look)
            finally:
                self._progress.clear()
                self._log(self._workplace.log_tail(10_000))
        refusal = self._workplace.stage()
        unwritable = self._unwritable()
        if unwritable:
            raise JournalError(unwritable)
        if ending.how is How.ENDED and ending.status == _CHILD_REFUSED and refusal.get("stage") == "refused":
            raise Refused(self._refusal(refusal["kind"], refusal["message"]))
        return ending

    def _look(self) -> float | None:
        for record in self._journal.poll():
            self._moved = time.monotonic()
            if record.get("record") == "observation":
                self._seen.add((record["capability"], record["case"]))
                self._progress.finished(self._done(), _name(record), record["outcome"], record.get("duration"))
        waited = time.monotonic() - self._moved
        if self._journal.open:
            self._progress.working(self._done(), ":".join(self._journal.open[:2]), waited)
            return self._limits.case - waited
        return self._limits.start - waited

    def _done(self) -> int:
        """How many of the planned cases have a result, as far as was shown."""
        return len(self._seen.intersection(self._planned))

    def _blamed(self, ending: Ending) -> bool:
        """Whether a case was under way; then it is written down as what ended the child."""
        if self._journal.open is None:
            return False
        attempt = self._journal.open
        self._write(attempt, ending, self._what_happened(ending))
        self._journal.open = None
        return True

    def _regular(self, ending: Ending) -> bool:
        """Whether pytest ended of its own accord. Raises Refused or ChildError where it could not do its work."""
        if ending.how is not How.ENDED or self._workplace.stage().get("stage") != "ready":
            return False
        if ending.status in _REGULAR:
            return True
        if ending.status == _USAGE:
            raise Refused(self._workplace.complaint() or "pytest refused its arguments")
        if ending.status in (_INTERRUPTED, _INTERNAL):
            raise ChildError("the suites could not be run to their end", self._workplace.log_tail())
        return False

    def _what_happened(self, ending: Ending) -> str:
        if ending.how is How.TOO_LONG:
            limit = self._limits.case if self._journal.open else self._limits.start
            words = f"no result within {limit:g} s"
        else:
            words = how_it_ended(ending.status)
        if self._journal.open or self._workplace.stage().get("stage") == "ready":
            return words
        backend = f" on {self._target.backend}" if self._target.backend else ""
        return f"{words}, while importing {self._target.framework}{backend}"

    def _give_up(self, ending: Ending, what: str) -> None:
        """Two fresh processes died before any case: so would all others."""
        self._progress.say(f"{what}, twice; no case can be run")
        if self._journal.header is None:
            begun = self._child(self._selection, task="begin")
            if begun.status != 0:
                raise ChildError("the journal could not be begun", self._workplace.log_tail())
        for capability, case in self._remaining():
            for number in (1, 2):
                self._write((capability, case, number), ending, what)

    def _write(self, attempt: Attempt, ending: Ending, what: str) -> None:
        outcome = Outcome.TIMEOUT if ending.how is How.TOO_LONG else Outcome.CRASHED
        self._append(attempt, outcome, what)
        self._look()

    def _refusal(self, kind: str, message: str) -> str:
        if kind != "import":
            return message
        backend = f" on {self._target.backend}" if self._target.backend else ""
        return (
            f"importing {self._target.framework}{backend} in {self._target.python} raises {message}; {self._remedy()}"
        )

    def _remedy(self) -> str:
        """What to install, and which tox environment has it."""
        try:
            entry = find_entry(self._target.framework)
        except CatalogError:
            return "install it again there"
        install = entry.backend(self._target.backend).install
        environment = entry.tox_environment(self._target.backend, self._target.device)
        again = f"install it again there (`pip install {install}`)" if install else "install it again there"
        return again + (f", or use the tox environment that has it: `tox -e {environment}`" if environment else "")

    def _unwritable(self) -> str:
        """What the plugin said where it could not write the journal: no case is to blame for that."""
        for line in self._workplace.log_tail().splitlines():
            found = re.search(r"the journal .* cannot be written.*", line)
            if found:
                return found.group().rstrip("! ")
        return ""

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self._progress.say(f"note: {text}")


def _name(record: dict[str, object]) -> str:
    return f"{record['capability']}:{record['case']}"
