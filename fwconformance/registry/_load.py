"""Loading: from a folder of TOML files to a `Registry`, or to one error that lists every fault."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Sequence, TypeVar

import attrs

from fwconformance.evidence import Era
from fwconformance.registry import _entries as entries
from fwconformance.registry import _model as model
from fwconformance.registry._check import across, subject_faults
from fwconformance.registry._fields import Fields
from fwconformance.registry._read import RegistryError, read_toml
from fwconformance.registry._registry import Registry
from fwconformance.registry._resources import fixtures_dir

T = TypeVar("T")

_JUDGED = frozenset({"claims.toml", "records.toml"})
_FILES = ("capabilities.toml", "planned.toml", "claims.toml", "records.toml", "environments.toml", "findings.toml")


def load_registry(claim_files: Sequence[Path] = (), root: Path | None = None, *, judging: bool = True) -> Registry:
    """Read the registry below `root` (laid out like fixtures/; default the bundled one), and `claim_files`.

    Without `judging`, claims and records are not read: a run measures, and half of the time would go into what only
    its judge looks at.

    Raises RegistryError with every fault of every file. Where a file cannot be read at all, what holds between the
    files is not looked at: its entries would all seem to be missing.
    """
    fixtures = fixtures_dir() if root is None else Path(root)
    problems: list[str] = []
    files = [
        _File.read(fixtures / "registry" / name, problems) if judging or name not in _JUDGED else _File.none(name)
        for name in _FILES
    ]
    capabilities, planned, claims, records, environments, findings = files
    # One file an area keeps each short: capabilities-parallel.toml, ...
    areas = [_File.read(path, problems) for path in sorted((fixtures / "registry").glob("capabilities-*.toml"))]
    files += areas
    more_claims = [_File.read(Path(path), problems) for path in claim_files]
    readable = not problems

    origin: dict[str, str] = {}
    stated = _by_id([one.claims() for one in (claims, *more_claims)], problems, origin)
    registry = Registry(
        capabilities=_by_id(
            [one.labelled("capability", "id", entries.capability) for one in (capabilities, *areas, planned)],
            problems,
            origin,
        ),
        claims={name: claim for name, claim in stated.items() if claim is not None},
        records=_by_claim_and_era(records.labelled("record", "claim", entries.record)),
        environments=_by_id([environments.labelled("environment", "name", entries.environment)], problems),
        subjects=_by_id([environments.labelled("subject", "id", entries.subject)], problems),
        findings=_by_id(
            [findings.labelled("finding", "id", lambda table: entries.finding(table, fixtures / "findings"))], problems
        ),
    )
    for file in more_claims:
        if file.readable and not file.top.has("claim"):
            file.top.fault("holds no claim; add [[claim]], or do not name the file")
    for file in (*files, *more_claims):
        file.top.done()
    if readable:
        for file in (claims, *more_claims):
            problems.extend(
                f"{file.name}: {name}: {fault}"
                for name, subject in file.without_rule
                for fault in subject_faults(subject, registry)
            )
        problems.extend(across(registry, origin, set(stated)))
    if problems:
        raise RegistryError(problems)
    return registry


@attrs.frozen
class _File:
    """One file of the registry, its top-level fields being asked for one by one."""

    name: str
    top: Fields
    readable: bool
    without_rule: list[tuple[str, str]] = attrs.field(factory=list)  # claims whose rule cannot be read: id, subject

    @classmethod
    def read(cls, path: Path, problems: list[str]) -> _File:
        before = len(problems)
        document = read_toml(path, problems)
        return cls(path.name, Fields(path.name, path.name, document, problems), len(problems) == before)

    @classmethod
    def none(cls, name: str) -> _File:
        """A file that is not looked at."""
        return cls(name, Fields(name, name, {}, []), readable=True)

    def labelled(self, field: str, label: str, build: Callable[[Fields], T]) -> list[tuple[str, str, T]]:
        """Each [[field]] as (this file's name, its label, what `build` makes of it), in the order written."""
        found = []
        for table in self.top.tables(field, label):
            name = table.text(label)
            found.append((self.name, name, build(table)))
            table.done()
        return found

    def claims(self) -> list[tuple[str, str, model.Claim | None]]:
        """The claims, as `labelled` gives them; None for one whose rule cannot be read."""
        source = self.top.text("source", None if self.top.has("claim") else "")
        return self.labelled("claim", "id", lambda table: self._claim(table, source))

    def _claim(self, table: Fields, source: str) -> model.Claim | None:
        claim = entries.claim(table, source)
        name, subject = table.raw("id"), table.raw("subject")
        if claim is None and isinstance(name, str) and isinstance(subject, str):
            self.without_rule.append((name, subject))
        return claim


def _by_id(
    found: Sequence[Sequence[tuple[str, str, T]]], problems: list[str], origin: dict[str, str] | None = None
) -> dict[str, T]:
    """The entries by id, sorted; an id that is there twice is a problem. `origin` gets the file of each."""
    kept: dict[str, tuple[str, T]] = {}
    for file, name, entry in (one for batch in found for one in batch):
        if name in kept:
            problems.append(f"{file}: {name}: duplicate id, already in {kept[name][0]}; rename or remove one")
        elif name:
            kept[name] = (file, entry)
    if origin is not None:
        origin.update((name, file) for name, (file, _) in kept.items())
    return {name: entry for name, (_, entry) in sorted(kept.items(), key=lambda item: item[0])}


def _by_claim_and_era(
    found: Sequence[tuple[str, str, model.Record]],
) -> dict[tuple[str, Era], tuple[model.Record, ...]]:
    records: dict[tuple[str, Era], tuple[model.Record, ...]] = {}
    for _, claim, record in found:
        records[claim, record.era] = (*records.get((claim, record.era), ()), record)
    return dict(sorted(records.items(), key=lambda item: (item[0][0], item[0][1].value)))
