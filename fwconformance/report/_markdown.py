"""The matrix as a Markdown page. Reads only the matrix; the same matrix gives the same page."""

from __future__ import annotations

from fwconformance.evidence import Era
from fwconformance.matrix import PAIRED_TIME, Column, Matrix, new_faults
from fwconformance.report._cells import capabilities_section, not_green_section, notes_section
from fwconformance.report._claims import beside_section, claims_section
from fwconformance.report._details import details_section
from fwconformance.report._duels import duels_section
from fwconformance.report._records import records_section
from fwconformance.report._tables import escape, table
from fwconformance.report._timings import costs_section, timings_section
from fwconformance.report._words import active_cells, counts, heading, number_of, pinned_in_words

_READING = """## How to read this page

- A **capability** is one thing a framework can do. In one environment it is *supported*, *partial* (a part of it, or a
  variant, does not hold), *unsupported* (the framework has no such thing; a probe asked it), *failing* (it has it and
  does it wrong), *inapplicable* (it means nothing there) or *untested* (nobody knows, and why).
- A **claim** is a statement that can be true or false. Its answer is *confirmed*, *refuted*, *partly* (some parts true,
  some false), *indicated* (right or wrong as far as weaker evidence shows), *inconclusive* (measured, and the interval
  does not decide) or *untested*. *By record* means that dated sources say so and nothing was run, *by record
  and measured* that it needs both.
- **Level** says how strong the evidence is: *hardware* (it ran on the device named), *simulated* (several logical
  devices or processes on a CPU), *compiled* (a program for the accelerator was made, and did not run there), *declared*
  (metadata says so).
- **Era** says which releases are spoken of: *2020* are the newest of that year, *current* the newest there are.
- Untested is not no. An answer speaks of the environments that it names and of no other."""


_NAMED = 20  # new cases at the top of the page


def render_markdown(matrix: Matrix) -> str:
    """The page: claims with their answers, capabilities by environment, and why each cell that is not green is not."""
    parts = [
        _opening(matrix),
        _READING,
        _environments(matrix),
        claims_section(matrix),
        beside_section(matrix),
        capabilities_section(matrix),
        not_green_section(matrix),
        notes_section(matrix),
        details_section(matrix),
        duels_section(matrix),
        timings_section(matrix),
        costs_section(matrix),
        _findings(matrix),
        _proofs(matrix),
        _planned(matrix),
        records_section(matrix),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(matrix: Matrix) -> str:
    reported = {column.environment for column in matrix.columns if column.reported}
    active = sum(capability.status == "active" for capability in matrix.capabilities)
    judged = (
        f"{number_of(len(matrix.claims), 'claim', 'claims')} and "
        f"{number_of(active, 'capability', 'capabilities')} were judged in "
        f"{number_of(len(reported), 'environment', 'environments')}."
    )
    what = "Which statements about deep-learning frameworks are true, decided by running the frameworks."
    lines = [
        "# What the frameworks do: the conformance matrix",
        f"{what} {judged} There is no score and no ranking: each row is a question of its own.",
        _revisions(matrix),
    ]
    if any(column.mixed for column in matrix.columns):
        lines.append(
            "**Mixed suites.** Some columns were made by another revision of the suites; see the environments."
        )
    faults = new_faults(matrix)
    if faults:
        new = number_of(len(faults), "new case", "new cases")
        named = [f"- {escape(cell.environment)}: `{cell.capability}:{case.case}`" for cell, case in faults[:_NAMED]]
        more = f"\n- and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        lines.append(f"**{new} failed, broke, crashed or timed out** without a known finding:")
        lines.append("\n".join(named) + more)
    return "\n\n".join(lines)


def _revisions(matrix: Matrix) -> str:
    """Which suites ran, and which judged them where these are others."""
    ran = escape(", ".join(f"{suite.version} ({suite.content[:19]})" for suite in matrix.suites) or "none")
    judge = matrix.judged_by
    if judge is None or matrix.suites == (judge,):
        return f"Suite revision: {ran}."
    judging = escape(f"{judge.version} ({judge.content[:19]})")
    return f"Suite revision of the runs: {ran}. Judged by revision: {judging}."


def _environments(matrix: Matrix) -> str:
    rows = []
    for column in matrix.columns:
        found = counts(cell.status for cell in active_cells(matrix, column))
        words = ", ".join(f"{number} {status.value}" for status, number in found.items() if number)
        rows.append([escape(heading(column, matrix.columns)), _what(column), _made(column), escape(words)])
    titles = ["environment", "framework and versions", "built and run", "active capabilities"]
    return f"## Environments\n\n{table(titles, rows) if rows else 'None.'}"


def _what(column: Column) -> str:
    """The framework or, where a library speaks, that one with its era: the framework below it is of another one."""
    below = " on ".join(filter(None, (column.framework, column.backend)))
    if column.subject:
        words = f"{column.subject} ({column.era.value}) on {below} ({column.device})"
    else:
        words = f"{below} ({column.device}, {column.era.value})"
    versions = ", ".join(f"{name} {version}" for name, version in sorted(column.versions.items()))
    lines = [escape(words)]
    if versions:
        lines.append(escape(versions))
    if column.era is Era.PINNED:
        lines.append(escape(f"pinned, {pinned_in_words(column)}"))
    return "<br>".join(lines)


def _made(column: Column) -> str:
    if not column.reported:
        return f"no report from {escape(column.environment)}"
    lines = [escape(column.label)]
    for run in column.runs:
        state = "" if run.finished else ", did not come to its end"
        limited = number_of(len(run.only), "capability or case", "capabilities or cases")
        limited = f", limited to {limited}" if run.only else ""
        words = f"{run.started}, Python {run.python}, profile {run.profile}{limited}, seed {run.seed}{state}"
        lines.append(escape(words))
    if column.mixed:
        lines.append(f"**mixed**: {escape(column.mixed)}")
    return "<br>".join(lines)


def _findings(matrix: Matrix) -> str:
    if not matrix.findings:
        return ""
    rows = []
    for finding in matrix.findings:
        checks = [
            f"{check.environment}: {'still there' if check.reproduced else 'no longer reproduces'}"
            for check in finding.checks
        ]
        rows.append(
            [
                f"`{finding.id}`",
                escape(f"{finding.framework} {finding.backend or ''} {finding.versions}".strip()),
                f"`{finding.capability}` {escape(', '.join(finding.cases))}",
                escape(finding.summary) + (f"<br><{finding.upstream}>" if finding.upstream else ""),
                f"`fixtures/findings/{finding.program}`<br>{escape('; '.join(checks) or 'not run')}",
            ]
        )
    titles = ["finding", "framework and versions", "cases", "what is wrong", "program that shows it, and what it said"]
    return f"## Known findings\n\n{table(titles, rows)}"


def _proofs(matrix: Matrix) -> str:
    reported = [column for column in matrix.columns if column.reported]
    if not reported:
        return ""
    rows = []
    for column in reported:
        found = [
            proof for proof in matrix.proofs if (proof.environment, proof.label) == (column.environment, column.label)
        ]
        title = heading(column, matrix.columns)
        if not found:
            rows.append([escape(title), "none planted", "-", "-"])
            continue
        alive = [proof for proof in found if not proof.killed]
        words = "; ".join(f"{proof.sabotage} by {proof.capability}:{proof.case} ({proof.message})" for proof in alive)
        rows.append([escape(title), str(len(found)), str(len(found) - len(alive)), escape(words) or "none"])
    return "\n\n".join(
        [
            "## Proof that the tests can fail",
            "Faults were switched on, in the reference or in the framework itself; a test that stays green is no test.",
            table(["environment", "faults planted", "caught", "not caught"], rows, right=(1, 2)),
        ]
    )


def _planned(matrix: Matrix) -> str:
    planned = [row for row in matrix.capabilities if row.status == "planned" and row.id != PAIRED_TIME]
    if not planned:
        return ""
    rows = [[f"`{capability.id}`", escape(capability.title)] for capability in planned]
    return (
        "## Capabilities without a test yet\n\nUntested everywhere, as is each claim that rests on these alone.\n\n"
        + table(["capability", "what it is"], rows)
    )
