"""The dated records on the Markdown page, and whether the rules of their claims count them."""

from __future__ import annotations

from typing import Any

from fwconformance.matrix import Matrix
from fwconformance.report._tables import escape, link, table

_WHAT = (
    "Dated sources, in our words: for what no test can settle, and beside claims that tests alone decide, where they "
    "are shown and not counted."
)
_BESIDE = "beside the rule: shown, not counted"


def records_section(matrix: Matrix) -> str:
    """Every record; empty where there are none."""
    if not matrix.records:
        return ""
    counted = {claim.id for claim in matrix.claims if _asks_for_records(claim.rule)}
    rows = []
    for record in matrix.records:
        sources = "<br>".join(f"{link(source.title, source.url)} ({escape(source.date)})" for source in record.sources)
        stance = escape(f"{record.stance}, {record.strength}")
        if record.claim not in counted:
            stance += f"<br>{_BESIDE}"
        rows.append([f"`{record.claim}`", record.era.value, stance, escape(record.text), sources, escape(record.read)])
    titles = ["claim", "era", "stance and strength", "what it says", "sources", "read on"]
    return "\n\n".join(["## Records", _WHAT, table(titles, rows)])


def _asks_for_records(rule: Any) -> bool:
    """Whether a rule, as the claim file writes it, has a part that is the claim's records."""
    if isinstance(rule, dict):
        return "record" in rule or any(map(_asks_for_records, rule.values()))
    return isinstance(rule, list) and any(map(_asks_for_records, rule))
