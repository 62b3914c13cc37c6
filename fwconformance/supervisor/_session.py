"""One supervised run as a whole: the journal, the children, and what came of it."""

from __future__ import annotations

import contextlib
import pathlib
from typing import Callable

import attrs

from fwconformance.evidence import Outcome, Profile
from fwconformance.registry import Registry
from fwconformance.shards import Shard, read_shard
from fwconformance.supervisor._config import Target, Workplace
from fwconformance.supervisor._findings import known_crash
from fwconformance.supervisor._journal import append_outcome, bring_back, held, refuse_special, set_aside
from fwconformance.supervisor._plan import CaseId, planned_cases
from fwconformance.supervisor._progress import Progress
from fwconformance.supervisor._supervise import Limits, Supervisor
from fwconformance.supervisor._watch import Signals


@attrs.frozen(kw_only=True)
class RunRequest:
    """What is to be run.

    Attributes:
        target: framework, backend, device and interpreter.
        profile: how much. only: "capability" or "capability:case", all if empty.
        shard: the journal. resume: go on with it. fresh: begin it anew, the one that is there being kept beside it.
        environment, label: "" for the plugin's defaults. seed: None for the plugin's default.
        random: draw Hypothesis examples at random.
        limits: seconds.
    """

    target: Target
    profile: Profile
    only: tuple[str, ...]
    shard: pathlib.Path
    resume: bool
    fresh: bool
    environment: str
    label: str
    seed: int | None
    random: bool
    limits: Limits

    def arguments(self) -> list[str]:
        """The plugin's options, the same for every child."""
        words = ["--fw-profile", self.profile.value]
        for name, value in (("--fw-environment", self.environment), ("--fw-label", self.label)):
            if value:
                words += [name, value]
        if self.seed is not None:
            words += ["--fw-seed", str(self.seed)]
        if self.random:
            words.append("--fw-random")
        return words

    def selection(self) -> list[str]:
        return [word for item in self.only for word in ("--fw-only", item)]


@attrs.frozen(kw_only=True)
class RunResult:
    """What a run left behind. `planned`: the cases that were asked for. `notes`: what a person should hear beside the
    results.
    """

    shard: Shard
    planned: tuple[CaseId, ...]
    notes: tuple[str, ...]


def run_suites(
    request: RunRequest, registry: Registry, *, progress: Callable[[int], Progress], verbose: Callable[[str], None]
) -> RunResult:
    """Run the planned cases, supervised.

    `progress` makes the display for so many cases; `verbose` is given what the children printed.

    Raises SelectionError, Refused, ChildError, Interrupted, ShardError, JournalError, OSError.
    """
    target = request.target
    planned = planned_cases(
        registry, framework=target.framework, backend=target.backend, profile=request.profile, only=request.only
    )
    shard = request.shard.absolute()
    refuse_special(shard)
    unmade = not shard.parent.exists()
    with contextlib.ExitStack() as holding:
        holding.enter_context(held(shard))
        aside = None if request.resume else set_aside(shard, fresh=request.fresh)
        if aside is not None:
            holding.enter_context(held(shard))
        display = progress(len(planned))
        if unmade:
            display.say(f"the folder {shard.parent} was made for {shard.name}")
        if aside is not None:
            display.say(f"the run that was in {shard.name} is kept as {aside}")
        try:
            # The signals first, so that none comes while the folder is removed.
            with Signals().noted() as signals, contextlib.closing(Workplace()) as workplace:
                supervisor = Supervisor(
                    target=target,
                    planned=planned,
                    arguments=request.arguments(),
                    selection=request.selection(),
                    shard=shard,
                    resume=request.resume,
                    limits=request.limits,
                    workplace=workplace,
                    signals=signals,
                    progress=display,
                    append=lambda attempt, outcome, message: append_outcome(
                        shard,
                        attempt,
                        outcome,
                        message,
                        finding=known_crash(registry, target, attempt, message) if outcome is Outcome.CRASHED else None,
                    ),
                    log=verbose,
                )
                supervisor.run()
        finally:
            if bring_back(shard, aside):
                display.say(f"nothing was written; {shard.name} is again the run that it was")
    return RunResult(shard=read_shard(shard), planned=planned, notes=tuple(supervisor.notes))
