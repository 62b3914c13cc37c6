"""The matrix as a Markdown page. Reads only the matrix; the same matrix gives the same page."""

from __future__ import annotations

import re
from typing import Iterable, Sequence

from fwconformance.evidence import Era, Status
from fwconformance.matrix import Cell, ClaimRow, Column, Matrix, new_faults
from fwconformance.report._words import ANSWER_ORDER, STATUS_ORDER, active_cells, answer_in_words, counts, heading
from fwconformance.report._words import shorten, status_in_words

_REASON = 240  # characters of a reason in a table; the whole one stands in the JSON document
_NAMES = {Era.CURRENT: "current", Era.Y2020: "2020"}


def render_markdown(matrix: Matrix) -> str:
    """The page: claims with their answers, capabilities by environment, and the reason and command for every cell not green."""
    parts = [
        _opening(matrix),
        _reading(),
        _environments(matrix),
        _claims(matrix),
        _beside(matrix),
        _capabilities(matrix),
        _not_green(matrix),
        _notes(matrix),
        _findings(matrix),
        _proofs(matrix),
        _planned(matrix),
        _records(matrix),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str, length: int = 0) -> str:
    """`text` for a table cell: one line, cut to `length` if given, with nothing that Markdown or HTML would take as its own."""
    line = re.sub(r"\s+", " ", text).strip()
    line = shorten(line, length) if length else line
    line = line.replace("\\", "\\\\")
    line = re.sub(r"([|`*_\[\]#~])", r"\\\1", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> str:
    numbers = set(right)
    rule = ["---:" if index in numbers else "---" for index in range(len(titles))]
    return "\n".join("| " + " | ".join(row) + " |" for row in [list(titles), rule, *map(list, rows)])


def _opening(matrix: Matrix) -> str:
    suites = ", ".join(f"{suite.version} ({suite.content[:19]})" for suite in matrix.suites) or "none"
    lines = [
        "# What the frameworks do: the conformance matrix",
        "Which statements about deep-learning frameworks are true, decided by running the frameworks. "
        f"{len(matrix.claims)} claims and {len(matrix.capabilities)} capabilities were judged in "
        f"{sum(column.reported for column in matrix.columns)} environments. "
        "There is no score and no ranking: each row is a question of its own.",
        f"Suite revision: {escape(suites)}.",
    ]
    mixed = [column for column in matrix.columns if column.mixed]
    if mixed:
        lines.append(
            "**Mixed suites.** Some columns were made by another revision of the suites; see the environments."
        )
    faults = new_faults(matrix)
    if faults:
        cases = "case" if len(faults) == 1 else "cases"
        lines.append(
            f"**{len(faults)} new {cases} failed, broke, crashed or timed out** without a known finding to explain it; see below."
        )
    return "\n\n".join(lines)


def _reading() -> str:
    return "\n".join(
        [
            "## How to read this page",
            "",
            "- A **capability** is one thing a framework can do. In one environment it is *supported*, *partial* (a part of it, or a",
            "  variant, does not hold), *unsupported* (the framework has no such thing; a probe asked it), *failing* (it has it and does it",
            "  wrong), *inapplicable* (it means nothing there) or *untested* (nobody knows, and why).",
            "- A **claim** is a statement that can be true or false. Its answer is *confirmed*, *refuted*, *partly* (some parts true, some",
            "  false), *indicated* (right or wrong as far as weaker evidence shows), *inconclusive* (measured, and the interval does not",
            "  decide) or *untested*. *By record* means that dated sources say so; nothing was measured.",
            "- **Level** says how strong the evidence is: *hardware* (it ran on the device named), *simulated* (several logical devices or",
            "  processes on a CPU), *compiled* (a program for the accelerator was made, and not run), *declared* (metadata says so).",
            "- **Era** says which releases are spoken of: *2020* are the newest of that year, *current* the newest there are.",
            "- Untested is not no. An answer speaks of the environments in its scope and of no other.",
        ]
    )


def _environments(matrix: Matrix) -> str:
    rows = []
    for column in matrix.columns:
        found = counts(cell.status for cell in active_cells(matrix, column))
        words = ", ".join(f"{number} {status.value}" for status, number in found.items() if number)
        rows.append([escape(heading(column, matrix.columns)), _what(column), _made(column), escape(words)])
    table = _table(["environment", "framework and versions", "built and run", "active capabilities"], rows)
    return f"## Environments\n\n{table if rows else 'None.'}"


def _what(column: Column) -> str:
    words = [
        column.framework,
        *([f"on {column.backend}"] if column.backend else []),
        f"({column.device}, {column.era.value})",
    ]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(column.versions.items()))
    lines = [escape(" ".join(words))]
    if versions:
        lines.append(escape(versions))
    if column.era_reason:
        lines.append(f"pinned, decides no claim: {escape(column.era_reason)}")
    return "<br>".join(lines)


def _made(column: Column) -> str:
    if not column.reported:
        return f"no report from {escape(column.environment)}"
    lines = [escape(column.label)]
    for run in column.runs:
        state = "" if run.finished else ", did not come to its end"
        lines.append(escape(f"{run.started}, Python {run.python}, profile {run.profile}, seed {run.seed}{state}"))
    if column.mixed:
        lines.append(f"**mixed**: {escape(column.mixed)}")
    return "<br>".join(lines)


def _claims(matrix: Matrix) -> str:
    if not matrix.claims:
        return ""
    totals = []
    for era in (Era.CURRENT, Era.Y2020):
        answers = [claim.headline(era).answer for claim in matrix.claims]
        totals.append([_NAMES[era], *(str(answers.count(answer)) for answer in ANSWER_ORDER)])
    lines = [
        "## Claims",
        "",
        "Each answer speaks of the one environment that stands for the subject.",
        "",
        _table(["era", *(answer.value for answer in ANSWER_ORDER)], totals, right=range(1, len(ANSWER_ORDER) + 1)),
    ]
    for subject in sorted({claim.subject for claim in matrix.claims}):
        claims = [claim for claim in matrix.claims if claim.subject == subject]
        titles = ["claim", "what it says", "era", "answer", "level", "why"]
        rows = [row for claim in claims for row in _claim_rows(claim)]
        lines += ["", f"### {escape(subject)}", "", _table(titles, rows)]
    return "\n".join(lines)


def _claim_rows(claim: ClaimRow) -> Iterable[list[str]]:
    for era in (Era.CURRENT, Era.Y2020):
        verdict = claim.headline(era)
        first = era is Era.CURRENT
        yield [
            f"`{claim.id}`",
            escape(claim.paraphrase) if first else "as above",
            _NAMES[era],
            escape(answer_in_words(verdict)),
            verdict.level.value if verdict.level else "–",
            _why(verdict.reason, verdict.missing, verdict.environment),
        ]


def _why(reason: str, missing: str, environment: str) -> str:
    words = escape(reason, _REASON)
    if missing:
        words += f"<br>missing: {escape(missing, _REASON)}"
    return f"{words}<br>in {escape(environment)}" if environment else words


def _beside(matrix: Matrix) -> str:
    rows = [
        [
            f"`{claim.id}`",
            escape(verdict.environment)
            + (f" ({escape(verdict.label)})" if _several(matrix, verdict.environment) else ""),
            verdict.era.value,
            escape(answer_in_words(verdict)),
            verdict.level.value if verdict.level else "–",
            _why(verdict.reason, verdict.missing, ""),
        ]
        for claim in matrix.claims
        for verdict in claim.verdicts
        if not verdict.headline and set(verdict.reason.split("; ")) != {"no test yet"}
    ]
    if not rows:
        return ""
    return "\n\n".join(
        [
            "## The same claims in other environments",
            "Beside the answers above, not in place of them. Claims whose tests are not written yet are left out here.",
            _table(["claim", "environment", "era", "answer", "level", "why"], rows),
        ]
    )


def _several(matrix: Matrix, environment: str) -> bool:
    return sum(column.environment == environment for column in matrix.columns) > 1


def _capabilities(matrix: Matrix) -> str:
    active = [capability for capability in matrix.capabilities if capability.status == "active"]
    if not active or not matrix.columns:
        return ""
    titles = ["capability", "what it is", *(escape(heading(column, matrix.columns)) for column in matrix.columns)]
    rows = []
    for capability in active:
        cells = [matrix.cell(capability.id, column.environment, column.label) for column in matrix.columns]
        rows.append(
            [f"`{capability.id}`", escape(capability.title), *(escape(status_in_words(cell)) for cell in cells)]
        )
    totals = []
    for status in STATUS_ORDER:
        numbers = [counts(cell.status for cell in active_cells(matrix, column))[status] for column in matrix.columns]
        totals.append([f"*{status.value}*", "", *(f"*{number}*" for number in numbers)])
    return f"## Capabilities by environment\n\n{_table(titles, rows + totals)}"


def _not_green(matrix: Matrix) -> str:
    """Every cell of a capability with tests that is neither supported nor inapplicable, and one line a missing column."""
    lines = ["## Cells that are not supported, and how to run them again"]
    for column in matrix.columns:
        title = escape(heading(column, matrix.columns))
        if not column.reported:
            lines.append(f"### {title}\n\nEvery cell is untested: no report from {escape(column.environment)}.")
            continue
        cells = [cell for cell in active_cells(matrix, column) if cell.status is not Status.SUPPORTED]
        if not cells:
            lines.append(f"### {title}\n\nEvery capability that has tests is supported.")
            continue
        rows = [_not_green_row(cell) for cell in cells]
        lines.append(f"### {title}\n\n" + _table(["capability", "status", "level", "why", "run it again"], rows))
    return "\n\n".join(lines) if matrix.columns else ""


def _not_green_row(cell: Cell) -> list[str]:
    why = escape(cell.reason, _REASON)
    if cell.findings:
        why += f"<br>known finding: {escape(', '.join(cell.findings))}"
    return [f"`{cell.capability}`", cell.status.value, cell.level.value if cell.level else "–", why, f"`{cell.rerun}`"]


def _notes(matrix: Matrix) -> str:
    """What went wrong on the way and did not change a status."""
    rows = [
        [escape(cell.environment), f"`{cell.capability}`", escape("; ".join(cell.notes), _REASON), f"`{cell.rerun}`"]
        for cell in matrix.cells
        if cell.notes
    ]
    if not rows:
        return ""
    return "## Notes on supported and other cells\n\n" + _table(
        ["environment", "capability", "note", "run it again"], rows
    )


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
    return f"## Known findings\n\n{_table(titles, rows)}"


def _proofs(matrix: Matrix) -> str:
    if not matrix.proofs:
        return ""
    rows = []
    for column in matrix.columns:
        found = [
            proof for proof in matrix.proofs if (proof.environment, proof.label) == (column.environment, column.label)
        ]
        if not found:
            continue
        alive = [proof for proof in found if not proof.killed]
        words = "; ".join(f"{proof.sabotage} by {proof.capability}:{proof.case} ({proof.message})" for proof in alive)
        title = heading(column, matrix.columns)
        rows.append([escape(title), str(len(found)), str(len(found) - len(alive)), escape(words) or "none"])
    return "\n\n".join(
        [
            "## Proof that the tests can fail",
            "Faults were switched on, in the reference or in the framework itself; a test that stays green is no test.",
            _table(["environment", "faults planted", "caught", "not caught"], rows, right=(1, 2)),
        ]
    )


def _planned(matrix: Matrix) -> str:
    planned = [capability for capability in matrix.capabilities if capability.status == "planned"]
    if not planned:
        return ""
    rows = [[f"`{capability.id}`", escape(capability.title)] for capability in planned]
    return (
        "## Capabilities without a test yet\n\nThey are untested everywhere, and so is each claim that rests on one of them alone.\n\n"
        + _table(["capability", "what it is"], rows)
    )


def _records(matrix: Matrix) -> str:
    if not matrix.records:
        return ""
    rows = []
    for record in matrix.records:
        sources = "<br>".join(f"{_link(source.title, source.url)} ({escape(source.date)})" for source in record.sources)
        stance = escape(f"{record.stance}, {record.strength}")
        rows.append([f"`{record.claim}`", record.era.value, stance, escape(record.text), sources, escape(record.read)])
    return "## Records\n\nDated sources for what no test can settle, in our words.\n\n" + _table(
        ["claim", "era", "stance and strength", "what it says", "sources", "read on"], rows
    )


def _link(title: str, url: str) -> str:
    if not re.match(r"https?://[^\s<>()|]+\Z", url):
        return f"{escape(title)} {escape(url)}".strip()
    return f"[{escape(title)}]({url})"
