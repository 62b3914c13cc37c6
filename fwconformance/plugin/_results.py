"""What a run saw so far, folded into cells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Tuple

from fwconformance.evidence import CaseResult, CellFold, Header, Level, Observation, Outcome, fold_case, fold_cell

if TYPE_CHECKING:
    from fwconformance.plugin._options import Options
    from fwconformance.plugin._run import CaseRun
    from fwconformance.registry import Capability, Registry
    from fwconformance.shards import Shard

Pair = Tuple[str, str]


class Results:
    """Observations by case, those of a resumed journal among them."""

    def __init__(self, registry: Registry, options: Options) -> None:
        self._registry = registry
        self._options = options
        self._observations: dict[Pair, list[Observation]] = {}
        self._started: dict[Pair, list[int]] = {}
        self._runs: dict[Pair, CaseRun] = {}
        self.header: Header | None = None
        self.notes: list[str] = []

    def started(self, pair: Pair) -> None:
        """A case began."""
        self._started.setdefault(pair, []).append(self._options.attempt)

    def add(self, observation: Observation) -> None:
        """A case ended."""
        self._observations.setdefault((observation.key.capability, observation.key.case), []).append(observation)

    def add_run(self, run: CaseRun) -> None:
        """A case ended in this process. It is made an observation when somebody asks: most are never asked for."""
        self._runs[run.capability, run.case] = run

    def take(self, pair: Pair) -> Observation | None:
        """The last observation of a case."""
        run = self._runs.pop(pair, None)
        if run is not None:
            assert self.header is not None
            self.add(run.observation(self.header, self._options.attempt))
        found = self._observations.get(pair)
        return found[-1] if found else None

    def plainly_supported(self, capability: Capability) -> bool:
        """Whether every case of `capability` passed here and now at level hardware: its cell needs no folding."""
        for case in capability.cases_for(self._options.entry.name, self._options.backend):
            pair = (capability.id, case.id)
            run = self._runs.get(pair)
            if run is None or run.outcome is not None or run.level is not Level.HARDWARE:
                return False
            if pair in self._observations:  # an earlier attempt is to be told
                return False
        return self._options.attempt == 1

    def passed(self) -> bool:
        """Whether any case passed."""
        if any(run.outcome is None for run in self._runs.values()):
            return True
        return any(each.outcome is Outcome.PASSED for each in self.observations())

    def add_line(self, line: str, header: Header) -> None:
        """A case ended in another process."""
        self.add(Observation.from_json(json.loads(line), header))

    def before(self, shard: Shard) -> None:
        """What the journal held when the run was continued."""
        for observation in shard.observations:
            self.add(observation)
        for start in shard.unfinished:
            self._started.setdefault((start.capability, start.case), []).append(start.attempt)

    def observations(self) -> list[Observation]:
        """All of them, by case."""
        for pair in list(self._runs):
            self.take(pair)
        return [each for pair in sorted(self._observations) for each in self._observations[pair]]

    def cells(self) -> dict[str, CellFold]:
        """A cell for each active capability that is applicable."""
        return {
            capability.id: fold_cell(self.cases(capability), capability.shown_by)
            for capability in self._registry.active()
            if self.inapplicable(capability) is None
        }

    def cases(self, capability: Capability) -> list[CaseResult]:
        """Every case of `capability`, folded."""
        cases = capability.cases_for(self._options.entry.name, self._options.backend)
        for case in cases:
            self.take((capability.id, case.id))
        return [
            fold_case(
                case.id,
                required=case.required,
                case_profile=case.profile,
                profiles=[self._options.profile],
                observations=self._observations.get((capability.id, case.id), ()),
                started=self._started.get((capability.id, case.id), ()),
            )
            for case in cases
        ]

    def inapplicable(self, capability: Capability) -> str | None:
        """Why `capability` means nothing for the framework; None where it does."""
        return capability.inapplicable_to(self._options.entry.name, self._options.backend)
