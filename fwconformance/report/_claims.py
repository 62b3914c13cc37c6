"""The claims on the Markdown page: their answers, and the same claims in other environments."""

from __future__ import annotations

from typing import Iterable

from fwconformance.evidence import Era
from fwconformance.matrix import ClaimRow, Matrix
from fwconformance.report._tables import REASON, escape, table
from fwconformance.report._words import ANSWER_ORDER, answer_in_words, level_in_words

_NAMES = {Era.CURRENT: "current", Era.Y2020: "2020"}


def claims_section(matrix: Matrix) -> str:
    """The headline answers in both eras, by subject."""
    if not matrix.claims:
        return ""
    totals = []
    for era in (Era.CURRENT, Era.Y2020):
        answers = [claim.headline(era).answer for claim in matrix.claims]
        totals.append([_NAMES[era], *(str(answers.count(answer)) for answer in ANSWER_ORDER)])
    lines = [
        "## Claims",
        "",
        (
            "Each answer speaks of the one environment that stands for the subject. A reason that ends in an ellipsis "
            "is cut: `fwconformance show CLAIM --matrix matrix.json` has the whole of it, and every part of the rule."
        ),
        "",
        table(["era", *(answer.value for answer in ANSWER_ORDER)], totals, right=range(1, len(ANSWER_ORDER) + 1)),
    ]
    for subject in sorted({claim.subject for claim in matrix.claims}):
        claims = [claim for claim in matrix.claims if claim.subject == subject]
        titles = ["claim", "answer", "era", "what it says", "level", "why"]
        rows = [row for claim in claims for row in _claim_rows(claim)]
        lines += ["", f"### {escape(subject)}", "", table(titles, rows)]
    return "\n".join(lines)


def _claim_rows(claim: ClaimRow) -> Iterable[list[str]]:
    for era in (Era.CURRENT, Era.Y2020):
        verdict = claim.headline(era)
        first = era is Era.CURRENT
        yield [
            f"`{claim.id}`",
            escape(answer_in_words(verdict)),
            _NAMES[era],
            escape(claim.paraphrase) if first else "as above",
            level_in_words(verdict.level),
            _why(verdict.reason, verdict.missing, verdict.environment),
        ]


def _why(reason: str, missing: str, environment: str) -> str:
    words = escape(reason, REASON)
    if missing:
        words += f"<br>missing: {escape(missing, REASON)}"
    return f"{words}<br>in {escape(environment)}" if environment else words


def beside_section(matrix: Matrix) -> str:
    """The verdicts for other environments and machines."""
    rows = [
        [
            f"`{claim.id}`",
            escape(answer_in_words(verdict)),
            escape(verdict.environment)
            + (f" ({escape(verdict.label)})" if _several(matrix, verdict.environment) else ""),
            verdict.era.value,
            level_in_words(verdict.level),
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
            table(["claim", "answer", "environment", "era", "level", "why"], rows),
        ]
    )


def _several(matrix: Matrix, environment: str) -> bool:
    return sum(column.environment == environment for column in matrix.columns) > 1
