"""Building typed entries from the registry's tables, one function a kind. Faults are collected here, never raised."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Sequence

from fwconformance.evidence import Era, Level, Profile, ShownBy
from fwconformance.registry import _model as model
from fwconformance.registry._fields import Fields
from fwconformance.registry._rule_parser import RuleError, parse_rule

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# What `packaging` certainly takes: importing it costs more than reading all other findings does.
_PLAIN_SPECIFIER = re.compile(r"(==|!=|<=|>=|<|>)\d+(\.\d+)*(,(==|!=|<=|>=|<|>)\d+(\.\d+)*)*")
_DECIDED_ERAS = (Era.Y2020.value, Era.CURRENT.value)


def capability(table: Fields) -> model.Capability:
    identity = table.text("id")
    if identity and not _dotted(identity, least=2, most=3):
        table.fault('id must be "area.name" (or "area.group.name") in lower case with hyphens')
    active = table.choice("status", ("active", "planned")) == "active"
    title = table.text("title")
    acceptance = table.text("acceptance")
    cases: list[model.Case] = []
    for inner in table.tables("case"):
        case = model.Case(
            id=inner.text("id"),
            required=inner.flag("required", True),
            profile=inner.member("profile", Profile),
            sees=inner.text("sees"),
        )
        inner.done()
        if case.id and not _ID.fullmatch(case.id):
            inner.fault("a case's id is in lower case with hyphens")
        if any(case.id == other.id for other in cases):
            inner.fault("duplicate case; rename or remove one")
        cases.append(case)
    if active and not cases:
        table.fault('is active and has no cases; add [[capability.case]], or set status = "planned"')
    elif active and not any(case.required for case in cases):
        table.fault("has variants only; at least one case must have required = true")
    if not active and cases:
        table.fault('is planned and has cases; set status = "active", or take the cases out')
    shown_by = table.member("shown_by", ShownBy, ShownBy.ALL)
    spared = [case.id for case in cases if not case.required or shown_by is ShownBy.ANY]
    return model.Capability(
        id=identity,
        title=title,
        acceptance=acceptance,
        active=active,
        tolerance=_tolerance(table.table("tolerance")),
        cases=tuple(cases),
        inapplicable=tuple(_inapplicable(inner, spared) for inner in table.tables("inapplicable", "framework")),
        shown_by=shown_by,
    )


def _tolerance(table: Fields | None) -> model.Tolerance | None:
    if table is None:
        return None
    tolerance = model.Tolerance(rtol=table.number("rtol"), atol=table.number("atol"), because=table.text("because"))
    table.done()
    return tolerance


def _inapplicable(table: Fields, spared: Sequence[str]) -> model.Inapplicable:
    backend = table.text("backend", "") if table.has("backend") else None
    case = table.text("case") if table.has("case") else None
    if case is not None and case not in spared:
        table.fault(f"case {case!r} is no variant of the capability; it has {', '.join(spared) or 'none'}")
    entry = model.Inapplicable(
        framework=table.text("framework"), backend=backend, reason=table.text("reason"), case=case
    )
    table.done()
    return entry


def claim(table: Fields, source: str) -> model.Claim | None:
    """None where the rule cannot be read; the other faults are reported all the same."""
    identity = table.text("id")
    if identity and not _dotted(identity, least=2, most=9):
        table.fault('id must be "subject.name" in lower case with hyphens')
    fields: dict[str, Any] = {
        "id": identity,
        "source": source,
        "subject": table.text("subject"),
        "section": table.text("section"),
        "paraphrase": table.text("paraphrase"),
        "kind": table.choice("kind", model.KINDS),
        "revision": table.whole("revision", 1),
        "level": table.member("level", Level, Level.HARDWARE),
        "device": table.choice("device", model.DEVICES, "cpu"),
    }
    rule = table.raw("rule")
    if rule is None:
        table.fault('has no rule; say what decides it, or { record = true }, or { opinion = "..." }')
        return None
    try:
        parsed = parse_rule(rule)
    except RuleError as error:
        for problem in error.problems:
            table.fault(problem)
        return None
    return model.Claim(rule=parsed, **fields)


def record(table: Fields) -> model.Record:
    entry = model.Record(
        claim=table.text("claim"),
        era=Era(table.choice("era", _DECIDED_ERAS)),
        stance=table.choice("stance", model.STANCES),
        strength=table.choice("strength", model.STRENGTHS),
        date=table.date("date", undated=True),
        read=table.date("read"),
        text=table.text("text"),
        sources=tuple(_source(inner) for inner in table.tables("sources", "title")),
    )
    if not entry.sources:
        table.fault("has no sources; a record is what a source says, so name it: sources = [{ title, url, date }]")
    return entry


def _source(table: Fields) -> model.Source:
    source = model.Source(title=table.text("title"), url=table.text("url"), date=table.date("date", undated=True))
    if source.url and not re.match(r"https?://\S+$", source.url):
        table.fault(f"url {source.url!r} is no web address")
    table.done()
    return source


def environment(table: Fields) -> model.Environment:
    return model.Environment(
        name=table.text("name"),
        framework=table.text("framework"),
        backend=table.text("backend", ""),
        device=table.choice("device", model.DEVICES),
        era=table.member("era", Era),
        core=table.flag("core"),
        expect=table.mapping("expect"),
        uploaded=table.date("uploaded", undated=True),
        note=table.text("note", ""),
        subject=table.text("subject", ""),
    )


def subject(table: Fields) -> model.Subject:
    primary = []
    for inner in table.tables("primary", "environment"):
        era = Era(inner.choice("era", _DECIDED_ERAS))
        device = inner.choice("device", model.DEVICES)
        primary.append(model.Primary(era=era, device=device, environment=inner.text("environment")))
        inner.done()
    if len({(one.era, one.device) for one in primary}) != len(primary):
        table.fault("has two primary environments for one era and device; keep one")
    newest = []
    for inner in table.tables("newest", "era"):
        newest.append(
            model.Newest(
                era=Era(inner.choice("era", _DECIDED_ERAS)),
                distribution=inner.text("distribution"),
                version=inner.text("version"),
                uploaded=inner.date("uploaded"),
                checked=inner.date("checked"),
                note=inner.text("note", ""),
            )
        )
        inner.done()
    if len({one.era for one in newest}) != len(newest):
        table.fault("has two newest releases for one era; keep one")
    return model.Subject(id=table.text("id"), title=table.text("title"), primary=tuple(primary), newest=tuple(newest))


def finding(table: Fields, programs: Path) -> model.Finding:
    """`programs`: the folder that `program` is relative to."""
    entry = model.Finding(
        id=table.text("id"),
        framework=table.text("framework"),
        backend=table.text("backend", "") if table.has("backend") else None,
        capability=table.text("capability"),
        cases=table.texts("cases"),
        versions=table.text("versions", ""),
        outcome=table.choice("outcome", ("failed", "crashed")),
        exception=table.text("exception", ""),
        message=table.text("message", ""),
        deviation=table.text("deviation", ""),
        upstream=table.text("upstream", ""),
        program=table.text("program"),
        summary=table.text("summary"),
    )
    table.raw("backend")
    if entry.outcome == "crashed" and (not entry.message or entry.exception or entry.deviation):
        table.fault('a crash is known again by its message alone, how the process ended: "SIGSEGV|SIGABRT"')
    if entry.outcome == "failed" and bool(entry.exception) == bool(entry.deviation):
        table.fault("needs either an exception (with message) or a deviation: how is the fault known again?")
    if entry.message:
        try:
            re.compile(entry.message)
        except re.error as error:
            table.fault(f"message is no regular expression: {error}")
    if entry.versions and not _is_specifier(entry.versions):
        table.fault(f'versions {entry.versions!r} is no version specifier; write ">=3.12,<3.16"')
    if entry.program and not (programs / entry.program).is_file():
        table.fault(f"program {entry.program} is missing; add it below fixtures/findings")
    return entry


def _is_specifier(text: str) -> bool:
    if _PLAIN_SPECIFIER.fullmatch(text):
        return True
    # A dependency of pytest's, read only where a finding needs it.
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def _dotted(text: str, least: int, most: int) -> bool:
    parts = text.split(".")
    return least <= len(parts) <= most and all(_ID.fullmatch(part) for part in parts)
