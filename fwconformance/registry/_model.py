"""What the registry holds, as typed, frozen data. `_load` makes it from the TOML files."""

from __future__ import annotations

from typing import Mapping

import attrs

from fwconformance.evidence import Era, Level, Profile, ShownBy
from fwconformance.registry._rules import Rule

KINDS = ("capability", "comparison", "usability", "ecosystem", "record")
DEVICES = ("cpu", "cuda", "tpu", "xla")
STANCES = ("supports", "contradicts", "mixed")
STRENGTHS = ("strong", "fair", "weak")


@attrs.frozen(kw_only=True)
class Tolerance:
    """How far a result may lie from the oracle's (``|a - e| <= atol + rtol * |e|``), and why that far."""

    rtol: float
    atol: float
    because: str


@attrs.frozen(kw_only=True)
class Case:
    """One test. `required`: False for a variant. `profile`: the smallest that runs it. `sees`: what it asserts."""

    id: str
    required: bool
    profile: Profile
    sees: str


@attrs.frozen(kw_only=True)
class Inapplicable:
    """The capability means nothing for this framework (`backend` None: on any of its backends), with the reason.

    `case`: the one that alone means nothing there, a variant or one of several any of which is enough; None where the
    whole capability does.
    """

    framework: str
    backend: str | None
    reason: str
    case: str | None = None


@attrs.frozen(kw_only=True)
class Capability:
    """One thing a framework can do. Planned: no test yet, so no cases.

    `shown_by`: all its required cases, or any of them.
    """

    id: str
    title: str
    acceptance: str
    active: bool
    tolerance: Tolerance | None
    cases: tuple[Case, ...]
    inapplicable: tuple[Inapplicable, ...]
    shown_by: ShownBy = ShownBy.ALL

    @property
    def area(self) -> str:
        return self.id.split(".", 1)[0]

    def case(self, case: str) -> Case:
        """The case of that id. Raises KeyError naming the cases that there are."""
        for found in self.cases:
            if found.id == case:
                return found
        raise KeyError(f"{self.id} has no case {case!r}; it has {', '.join(c.id for c in self.cases) or 'none'}")

    def inapplicable_to(self, framework: str, backend: str = "") -> str | None:
        """Why it means nothing for `framework` on `backend`; None where it does."""
        return self._inapplicable(framework, backend).get(None)

    def cases_for(self, framework: str, backend: str = "") -> tuple[Case, ...]:
        """The cases that mean something for `framework` on `backend`, where the capability does."""
        without = self._inapplicable(framework, backend)
        return tuple(case for case in self.cases if case.id not in without)

    def _inapplicable(self, framework: str, backend: str) -> dict[str | None, str]:
        return {
            entry.case: entry.reason
            for entry in self.inapplicable
            if entry.framework == framework and entry.backend in (None, backend)
        }


@attrs.frozen(kw_only=True)
class Claim:
    """One statement that can be true or false.

    Attributes:
        source: which claim file's ("article-2020"). section: where in it.
        kind: one of `KINDS`. revision: raised when the rule or a margin changes.
        level: the weakest evidence that decides it.
        device: device kind whose primary environment the headline speaks of.
    """

    id: str
    source: str
    subject: str
    section: str
    paraphrase: str
    kind: str
    revision: int
    level: Level
    device: str
    rule: Rule


@attrs.frozen(kw_only=True)
class Source:
    """Where a record was read. `date`: the source's own, "undated" where it has none."""

    title: str
    url: str
    date: str


@attrs.frozen(kw_only=True)
class Record:
    """What dated sources say about a claim, in our words, for one era.

    `stance` is one of `STANCES`, `strength` one of `STRENGTHS`; `date` the source's own, `read` the day we read it.
    """

    claim: str
    era: Era
    stance: str
    strength: str
    date: str
    read: str
    text: str
    sources: tuple[Source, ...]


@attrs.frozen(kw_only=True)
class Environment:
    """One interpreter with one set of versions on one device kind.

    Attributes:
        core: part of `tox run -m cpu`.
        expect: distribution name to exact version; the era holds only where a shard's header says the same.
        uploaded: day on which the subject's version was uploaded (RFC 3339 date).
        subject: what it speaks of, where that is not the framework but a library that pins it: era and versions are the
            library's then, and the claims about the framework look elsewhere.
    """

    name: str
    framework: str
    backend: str
    device: str
    era: Era
    core: bool
    expect: Mapping[str, str]
    uploaded: str
    note: str
    subject: str = ""


@attrs.frozen(kw_only=True)
class Newest:
    """The newest release of a subject in an era, as looked up on the day `checked`."""

    era: Era
    distribution: str
    version: str
    uploaded: str
    checked: str
    note: str


@attrs.frozen(kw_only=True)
class Primary:
    """Which environment speaks for a subject in an era on a device kind."""

    era: Era
    device: str
    environment: str


@attrs.frozen(kw_only=True)
class Subject:
    """What claims are about."""

    id: str
    title: str
    primary: tuple[Primary, ...]
    newest: tuple[Newest, ...]

    @property
    def runs(self) -> bool:
        """Whether it is a framework, which has releases; "overall" has none."""
        return bool(self.newest)

    def primary_environment(self, era: Era, device: str) -> str | None:
        """Name of the environment that speaks for it; None where none is declared."""
        for entry in self.primary:
            if entry.era is Era(era) and entry.device == device:
                return entry.environment
        return None

    def one_release(self, era: Era, other: Era) -> bool:
        """Whether its newest release is the same in both eras, so that one environment may speak in both."""
        first, second = self.newest_release(era), self.newest_release(other)
        if first is None or second is None:
            return False
        return (first.distribution, first.version) == (second.distribution, second.version)

    def newest_release(self, era: Era) -> Newest | None:
        for entry in self.newest:
            if entry.era is Era(era):
                return entry
        return None


@attrs.frozen(kw_only=True)
class Finding:
    """A known fault of a framework, with a standalone program that shows it.

    Of outcome "failed", either `exception` (type name) with `message` (regular expression, searched for), or
    `deviation` (what is measured, in words); of outcome "crashed", `message` (of how the process ended). `backend`
    None: on any. `versions`: PEP 440 specifier on the framework's distribution, "" for all.
    `program`: path below fixtures/findings; it exits 0 while the fault is there, 1 when it is gone, and 77
    where something else that it needs is missing.
    """

    id: str
    framework: str
    backend: str | None
    capability: str
    cases: tuple[str, ...]
    versions: str
    outcome: str
    exception: str
    message: str
    deviation: str
    upstream: str
    program: str
    summary: str

    def covers(self, *, framework: str, backend: str, version: str, capability: str, case: str) -> bool:
        """Whether it speaks of this case of this framework, at `version` of the framework's distribution."""
        return (
            self.framework == framework
            and self.backend in {None, backend}
            and self.capability == capability
            and case in self.cases
            and self._covers_version(version)
        )

    def _covers_version(self, version: str) -> bool:
        # A dependency of pytest's; not needed to load a registry.
        from packaging.specifiers import SpecifierSet
        from packaging.version import InvalidVersion

        if not self.versions:
            return True
        try:
            return SpecifierSet(self.versions).contains(version, prereleases=True)
        except InvalidVersion:
            # A build of somebody's own, "git-abc": nobody has shown the fault there.
            return False
