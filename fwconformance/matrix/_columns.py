"""The columns of the matrix: one for each environment on each machine, reported or expected."""

from __future__ import annotations

from typing import Iterable, Sequence

from fwconformance.evidence import Era, Header
from fwconformance.matrix import _model as model
from fwconformance.matrix._merge import ColumnKey, Merged, MergeError, suite_of, suites_in_words
from fwconformance.registry import Environment, Registry


def build_columns(
    merged: Sequence[Merged], registry: Registry, expected: Iterable[str], judged_by: model.Suite | None
) -> tuple[tuple[model.Column, ...], list[tuple[model.Column, Merged | None]]]:
    """The columns in their order, and each with what was reported in it: None for an expected one without a shard.

    Raises MergeError for an expected environment that is not declared, and for two columns of one name.
    """
    runs = [header for each in merged for header in each.headers]
    newest = max(runs, key=lambda header: (header.started, header.run), default=None)
    found: list[tuple[model.Column, Merged | None]] = []
    for each in merged:
        mixed = _mixed(each.headers, suite_of(newest), judged_by) if newest else ""
        found.append((_column(each, registry, mixed), each))
    names = {each.key.environment for each in merged}
    for name in sorted(set(expected) - names):
        declared = registry.environments.get(name)
        if declared is None:
            known = ", ".join(registry.environments)
            raise MergeError([f"expected environment {name!r} is not declared; declared are: {known}"])
        key = ColumnKey(name, "", declared.framework, declared.backend, declared.device)
        column = model.Column(
            **key._asdict(),
            era=declared.era,
            era_reason=_why_pinned(declared) if declared.era is Era.PINNED else "",
            reported=False,
            runs=(),
            mixed="",
            subject=declared.subject,
        )
        found.append((column, None))
    found.sort(
        key=lambda pair: (pair[0].environment, pair[0].label, pair[0].framework, pair[0].backend, pair[0].device)
    )
    _refuse_twins([column for column, _ in found])
    return tuple(column for column, _ in found), found


def _refuse_twins(columns: Sequence[model.Column]) -> None:
    """An environment and a label name one column; readers look cells up by them."""
    for one, other in zip(columns, columns[1:]):
        if (one.environment, one.label) == (other.environment, other.label):
            first, second = (
                " ".join(filter(None, (each.framework, each.backend, each.device))) for each in (one, other)
            )
            what = f"environment {one.environment} labelled {one.label!r} was reported as {first} and as {second}"
            raise MergeError([f"{what}; run them under different --fw-environment names"])


def _column(merged: Merged, registry: Registry, mixed: str) -> model.Column:
    eras = [registry.era_of(header) for header in merged.headers]
    reasons = sorted({reason for _, reason in eras if reason})
    declared = registry.environments.get(merged.key.environment)
    if not reasons and declared is not None and declared.era is Era.PINNED:
        reasons = [_why_pinned(declared)]
    return model.Column(
        **merged.key._asdict(),
        era=Era.PINNED if reasons else eras[0][0],
        era_reason="; ".join(reasons),
        reported=True,
        runs=tuple(_run(header, header.run in merged.finished) for header in merged.headers),
        mixed=mixed,
        subject=declared.subject if declared else "",
    )


def _why_pinned(declared: Environment) -> str:
    """Why an environment is declared to be of no era: by its note or, without one, by its versions."""
    # What the note says of claims stands beside the reason everywhere.
    note = declared.note.replace("It decides no claim.", "").strip()
    return note or "declared with " + ", ".join(f"{name} {version}" for name, version in declared.expect.items())


def _run(header: Header, finished: bool) -> model.Run:
    return model.Run(
        run=header.run,
        started=header.started,
        finished=finished,
        profile=header.profile,
        seed=header.seed,
        versions=dict(sorted(header.versions.items())),
        python=header.python,
        platform=dict(sorted(header.platform.items())),
        suite=suite_of(header),
        only=header.only,
    )


def _mixed(headers: Sequence[Header], newest: model.Suite, judged_by: model.Suite | None) -> str:
    """How a column's suites differ from those that judge it or, where that is not known, from the newest run's."""
    suites = {suite_of(header) for header in headers}
    if suites == {judged_by or newest}:
        return ""
    words = suites_in_words(suites)
    if judged_by is not None:
        return f"run with suites {words}, judged by {suites_in_words([judged_by])}"
    if len(suites) > 1:
        return f"filled by several suite revisions: {words}"
    return f"made by suite revision {words}, not by that of the newest run, {suites_in_words([newest])}"
