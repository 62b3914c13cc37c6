"""From duels to the ratios that claims rest on."""

from __future__ import annotations

import statistics
from typing import Any, Iterator, Sequence

import attrs

from fwconformance.duels._campaign import single_duels
from fwconformance.duels._records import Contestant, Duel
from fwconformance.duels._statistics import over_works
from fwconformance.evidence import Era, Figure, Level
from fwconformance.matrix import PAIRED_TIME, DuelRow, Side
from fwconformance.registry import Ratio, Registry, same_release, version_of, walk_rule
from fwconformance.verdicts import MeasuredRatio, MissingWorks

MEASURE = PAIRED_TIME


@attrs.frozen(kw_only=True)
class Pair:
    """One ratio that a claim asks for: time of `of` over time of `over`, environments by name."""

    rule: Ratio
    of: str
    over: str
    subjects: tuple[str, str]
    mode: str
    era: Era
    device: str


def asked(registry: Registry, device: str = "cpu") -> tuple[Pair, ...]:
    """Every ratio of times that a claim of `registry` asks for on `device`, each once, in the registry's order."""
    found: dict[tuple[str, str, str, tuple[str, ...], Era], Pair] = {}
    for claim in registry.claims.values():
        for part in walk_rule(claim.rule):
            if isinstance(part, Ratio) and part.measure == MEASURE:
                for pair in _pairs(part, registry, device):
                    found.setdefault((pair.of, pair.over, pair.mode, part.works, pair.era), pair)
    return tuple(found.values())


def measured_ratios(duels: Sequence[Duel], registry: Registry) -> tuple[MeasuredRatio, ...]:
    """What `duels` say about the ratios that claims ask for; one whose works were not all measured is left out.

    A duel between other versions than the environments' declares nothing: it is left out too, and so is one that was
    interrupted, and one of a single pair of processes (of the time when both sides were started once), whose interval
    is too narrow.
    """
    found = []
    for pair in asked(registry):
        chosen = [_newest(duels, registry, pair, work) for work in pair.rule.works]
        if all(chosen):
            works = [each for each in chosen if each]
            ratio = over_works([_as_seen_from(each, pair.of).blocks for each in works], seed=works[0].seed)
            found.append(
                MeasuredRatio(
                    **_what(pair),
                    figure=Figure(value=ratio.ratio, unit="1", low=ratio.low, high=ratio.high),
                    level=Level.HARDWARE,
                    environments=tuple(sorted({pair.of, pair.over})),
                )
            )
    return tuple(found)


def missing_works(duels: Sequence[Duel], registry: Registry) -> tuple[MissingWorks, ...]:
    """The works that keep ratios which claims ask for from being measured, where some of theirs were."""
    found = []
    for pair in asked(registry):
        missing = tuple(work for work in pair.rule.works if _newest(duels, registry, pair, work) is None)
        if missing and len(missing) < len(pair.rule.works):
            found.append(MissingWorks(**_what(pair), missing=missing))
    return tuple(found)


def _what(pair: Pair) -> dict[str, Any]:
    """The ratio that `pair` asks for, as verdicts name one."""
    return {
        "measure": MEASURE,
        "quantity": "time",
        "of": pair.subjects[0],
        "over": pair.subjects[1],
        "mode": pair.mode,
        "works": pair.rule.works,
        "era": pair.era,
        "device": pair.device,
    }


def rows(duels: Sequence[Duel]) -> tuple[DuelRow, ...]:
    """`duels` as a matrix shows them, sorted by work and names; campaigns and what was cut short are left out."""
    found = [
        DuelRow(
            work=duel.work,
            a=_side(duel, "A"),
            b=_side(duel, "B"),
            ratio=Figure(value=duel.ratio, unit="1", low=duel.low, high=duel.high),
            confidence=duel.confidence,
            rounds=len(duel.blocks),
            builds=duel.builds,
            processes=duel.processes,
            stopped=duel.stopped,
            control=duel.is_control,
            machine=duel.machine,
            started=duel.started,
            others=duel.others,
            shared=duel.shared,
        )
        for duel in single_duels(duels)
        if duel.stopped != "interrupted"
    ]
    return tuple(sorted(found, key=lambda row: (row.work, row.a.name, row.b.name, row.started)))


def _side(duel: Duel, who: str) -> Side:
    contestant = duel.a if who == "A" else duel.b
    seconds = [seconds for block in duel.blocks for each, seconds in zip(block.order, block.seconds) if each == who]
    shared = {field.name for field in attrs.fields(Side)} - {"median"}
    return Side(median=statistics.median(seconds), **{name: getattr(contestant, name) for name in sorted(shared)})


def _pairs(rule: Ratio, registry: Registry, device: str) -> Iterator[Pair]:
    for era in (Era.CURRENT, Era.Y2020):
        for over in rule.over:
            sides = [registry.primary(subject, era, device) for subject in (rule.of, over)]
            if sides[0] and sides[1]:
                for mode in rule.modes:
                    yield Pair(
                        rule=rule,
                        of=sides[0].name,
                        over=sides[1].name,
                        subjects=(rule.of, over),
                        mode=mode,
                        era=era,
                        device=device,
                    )


def _newest(duels: Sequence[Duel], registry: Registry, pair: Pair, work: str) -> Duel | None:
    fitting = [
        duel
        for duel in duels
        if duel.work == work
        and duel.processes > 1
        and duel.stopped != "interrupted"
        and {duel.a.environment, duel.b.environment} == {pair.of, pair.over}
        and all(_in_mode(each, pair.mode) for each in (duel.a, duel.b))
        and all(_as_declared(each, registry) for each in (duel.a, duel.b))
        and not (duel.a.extra or duel.b.extra)
    ]
    return max(fitting, key=lambda duel: duel.started) if fitting else None


def _in_mode(contestant: Contestant, mode: str) -> bool:
    return contestant.best if mode == "best" else contestant.mode == mode


def _as_declared(contestant: Contestant, registry: Registry) -> bool:
    environment = registry.environments[contestant.environment]
    found = {name: version_of(name, contestant.versions) for name in environment.expect}
    return all(seen is not None and same_release(seen, environment.expect[name]) for name, seen in found.items())


def _as_seen_from(duel: Duel, of: str) -> Duel:
    """`duel` with `of` as its a."""
    if duel.a.environment == of:
        return duel
    turned = str.maketrans("AB", "BA")
    return attrs.evolve(
        duel,
        a=duel.b,
        b=duel.a,
        blocks=tuple(attrs.evolve(each, order=each.order.translate(turned)) for each in duel.blocks),
    )
