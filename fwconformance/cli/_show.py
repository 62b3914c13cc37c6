"""`fwconformance show`: one cell's or claim's evidence."""

from __future__ import annotations

import argparse
import pathlib
import textwrap
from typing import TYPE_CHECKING, Iterable

from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import out
from fwconformance.cli._render import read_matrix

if TYPE_CHECKING:
    from fwconformance.evidence import Figure
    from fwconformance.matrix import Cell, ClaimRow, Matrix
    from fwconformance.verdicts import Verdict

NAME = "show"
SUMMARY = "show the evidence of one cell, capability or claim"
DESCRIPTION = """\
Show what stands behind one entry of a matrix: of a capability in every environment, of one cell
(CAPABILITY@ENVIRONMENT, or CAPABILITY:CASE@ENVIRONMENT for one of its cases) with each attempt and figure, or of a
claim with its rule and verdicts."""
EXAMPLES = """\
examples:
  fwconformance show rnn.lstm --matrix reports/2026-01-31-laptop
  fwconformance show rnn.lstm@keras-jax-cpu --matrix matrix.json
  fwconformance show rnn.lstm:gradients@keras-jax-cpu --matrix matrix.json
  fwconformance show keras.custom-layers --matrix matrix.json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="CELL|CAPABILITY|CLAIM",
        help="CAPABILITY@ENVIRONMENT, CAPABILITY:CASE@ENVIRONMENT, a capability's id, or a claim's id",
    )
    parser.add_argument(
        "--matrix",
        type=pathlib.Path,
        default=pathlib.Path("matrix.json"),
        metavar="MATRIX",
        help="default: ./matrix.json",
    )
    parser.add_argument("--label", metavar="TEXT", help="which machine, where the environment was run on several")


def execute(options: argparse.Namespace) -> int:
    from fwconformance.matrix import MatrixError

    matrix: Matrix = read_matrix(options.matrix)
    named, _, environment = options.what.partition("@")
    name, _, case = named.partition(":")
    capabilities = {row.id: [each.id for each in row.cases] for row in matrix.capabilities}
    claims = [row.id for row in matrix.claims]
    if name not in capabilities and (environment or case or name not in claims):
        known = [*capabilities, *([] if environment or case else claims)]
        what = "capability" if environment or case else "capability or claim"
        raise CommandError(f"{options.matrix} has no {what} {name!r}{_near(name, known)}")
    if case and case not in capabilities[name]:
        cases = ", ".join(capabilities[name]) or "none, since it has no test yet"
        raise CommandError(f"{name} has no case {case!r}; its cases are: {cases}")
    try:
        if environment:
            lines = _cell(matrix, matrix.cell(name, environment, options.label), case)
        elif name in capabilities:
            lines = _capability(matrix, name, case)
        else:
            lines = _claim(matrix.claim(name))
    except MatrixError as error:
        raise CommandError(str(error)) from error
    for line in lines:
        out(line)
    return Exit.MEASURED


def _near(name: str, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, 1)
    return f" (did you mean {close[0]}?)" if close else "; `fwconformance list` names those that there are"


def _capability(matrix: Matrix, name: str, only: str) -> Iterable[str]:
    """In every environment; with `only`, one of its cases there."""
    row = next(row for row in matrix.capabilities if row.id == name)
    yield f"{row.id}: {row.title} ({row.status})"
    yield f"  {row.acceptance}"
    for case in row.cases:
        if only in ("", case.id):
            yield f"  {case.id}{'' if case.required else ' (variant)'}, from profile {case.profile}: {case.sees}"
    for cell in matrix.cells:
        if cell.capability == name:
            states = [f"{each.state.value}{_because(each.reason)}" for each in cell.cases if each.case == only]
            yield f"{cell.environment}{_bracket(cell.label)}: {states[0] if states else _status(cell)}"


def _cell(matrix: Matrix, cell: Cell, only: str) -> Iterable[str]:
    """Every case of it or, with `only`, that one."""
    column = matrix.column(cell.environment, cell.label)
    yield f"{cell.capability} in {cell.environment}{_bracket(cell.label)}: {_status(cell)}"
    for note in cell.notes:
        yield f"  note: {note}"
    for name, version in sorted(column.versions.items()):
        yield f"  with {name} {version}"
    for case in cell.cases:
        if only not in ("", case.case):
            continue
        yield f"  {case.case}{'' if case.required else ' (variant)'}: {case.state.value}{_because(case.reason)}"
        for attempt in case.attempts:
            level = attempt.level.value if attempt.level else "no evidence"
            seen = f" on {', '.join(attempt.device_observed)}" if attempt.device_observed else ""
            took = f", {attempt.duration:.2f} s" if attempt.duration is not None else ""
            shown = f"{attempt.outcome.value}, {level}{seen}{took}"
            yield f"    attempt {attempt.attempt}: {shown}{_because(attempt.message)}"
            for name, figure in sorted(attempt.figures.items()):
                yield f"      {name} = {_figure(figure)}"
            for kind, named in attempt.details.items():
                for name, text in named.items():
                    yield f"      {kind}: {name}: {text}"
            if attempt.finding:
                yield f"      known finding: {attempt.finding}"
    for proof in matrix.proofs:
        here = (proof.environment, proof.label, proof.capability) == (cell.environment, cell.label, cell.capability)
        if here and only in ("", proof.case):
            word = "falls" if proof.killed else "DOES NOT FALL"
            yield f"  proof: {proof.case} {word} under {proof.sabotage}{_because(proof.message)}"
    yield f"  again with: {cell.rerun}{f':{only}' if only else ''}"


def _claim(row: ClaimRow) -> Iterable[str]:
    from fwconformance.report import rule_in_words

    yield f"{row.id} ({row.kind}, {row.source}, {row.section}; revision {row.revision}): {row.paraphrase}"
    yield f"  rule, decided by evidence of level {row.level.value} or better, headline on {row.device}:"
    yield textwrap.indent(rule_in_words(row.rule), "    ")
    for verdict in row.verdicts:
        yield from _verdict(verdict)


def _verdict(verdict: Verdict) -> Iterable[str]:
    from fwconformance.report import answer_in_words

    level = f", {verdict.level.value}" if verdict.level else ""
    where = f" in {verdict.environment}{_bracket(verdict.label)}" if verdict.environment else ""
    of = f"{'' if verdict.headline else 'beside it, '}era {verdict.era.value}, {verdict.device}{where}"
    yield f"  {of}: {answer_in_words(verdict)}{level}: {verdict.reason}"
    if verdict.missing:
        yield f"    missing: {verdict.missing}"
    for word, parts in (
        ("for", verdict.parts_true),
        ("against", verdict.parts_false),
        ("not known", verdict.parts_unknown),
    ):
        for part in parts:
            status = f" {part.status.value}" if part.status else ""
            at = f"@{part.environment}" if part.environment else ""
            yield f"    {word}: {part.name}{at}{status}{_because(part.reason)}"
    for name, figure in sorted(verdict.figures.items()):
        yield f"    {name} = {_figure(figure)}"
    for record in verdict.records:
        yield f"    record: {record}"


def _status(cell: Cell) -> str:
    return cell.status.value + (f", {cell.level.value}" if cell.level else "") + _because(cell.reason)


def _figure(figure: Figure) -> str:
    """With its interval, and its unit unless it is a pure number."""
    interval = f" [{figure.low:g}, {figure.high:g}]" if figure.low is not None and figure.high is not None else ""
    return f"{figure.value:g}{interval}{'' if figure.unit == '1' else ' ' + figure.unit}"


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def _bracket(label: str) -> str:
    return f" ({label})" if label else ""
