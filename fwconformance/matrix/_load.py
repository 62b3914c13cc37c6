"""Reading a matrix document back into typed objects."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Callable, Iterable, Mapping, NoReturn, TypeVar

import attrs

from fwconformance.evidence import CaseState, Era, Figure, Level, Outcome, Status
from fwconformance.matrix import _model as model
from fwconformance.matrix._consistency import inconsistencies
from fwconformance.matrix._duels import CampaignRow, DuelRow, LimitRow, RateRow, Side, ThroughputRow
from fwconformance.matrix._model import SCHEMA, Matrix, MatrixError
from fwconformance.verdicts import Verdict

_NAME, _, _MAJOR = SCHEMA.partition("/")
_T = TypeVar("_T")

MATRIX_FILE = "matrix.json"  # its name in a report folder


def load_matrix(path: str | os.PathLike[str]) -> Matrix:
    """The matrix in the JSON file at `path`, or in the report folder there, as its matrix.json. Fields that this
    version does not know are ignored.

    Raises MatrixError where it cannot be read, is damaged or incomplete, is no matrix, or is of a newer major version.
    """
    path = Path(path)
    if path.is_dir():
        path /= MATRIX_FILE
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MatrixError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        document = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except ValueError as error:
        raise MatrixError(
            f"{path}: is no JSON, or a part of it ({error}); copy it again, or make it again with fwconformance merge"
        ) from error
    return matrix_from_json(document, str(path))


def matrix_from_json(document: Any, where: str = "the document") -> Matrix:
    """The matrix that `document` (as `json.load` gives it) holds. Raises MatrixError, naming `where`."""
    schema = document.get("schema") if isinstance(document, dict) else None
    match = re.fullmatch(re.escape(_NAME) + r"/(\d+)(\.\d+)?", schema) if isinstance(schema, str) else None
    if match is None:
        raise MatrixError(f"{where}: is no matrix of fwconformance: its schema is {schema!r}, {SCHEMA!r} was expected")
    if int(match.group(1)) > int(_MAJOR):
        raise MatrixError(
            f"{where}: was made by a newer fwconformance ({schema}; this one reads {SCHEMA}); "
            "upgrade: pip install --upgrade fwconformance"
        )
    try:
        matrix = _matrix(document)
    except KeyError as error:
        raise MatrixError(
            f"{where}: is incomplete: the field {error} is missing; make it again with fwconformance merge"
        ) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise MatrixError(
            f"{where}: is not as a matrix should be: {error}; make it again with fwconformance merge"
        ) from error
    faults = inconsistencies(matrix)
    if faults:
        raise MatrixError(f"{where}: contradicts itself: {'; '.join(faults)}; make it again with fwconformance merge")
    return matrix


def _matrix(document: Mapping[str, Any]) -> Matrix:
    return Matrix(
        suites=_each(document["suites"], _suite),
        columns=_each(document["columns"], _column),
        capabilities=_each(document["capabilities"], _capability),
        cells=_each(document["cells"], _cell),
        claims=_each(document["claims"], _claim),
        records=_each(document["records"], _record),
        findings=_each(document["findings"], _finding),
        proofs=_each(document["proofs"], lambda payload: model.Proof(**_known(model.Proof, payload))),
        judged_by=_suite(document["judged_by"]) if document.get("judged_by") is not None else None,
        duels=_each(document.get("duels", []), _duel),
        campaigns=_each(document.get("campaigns", []), _campaign),
        throughputs=_each(
            document.get("throughputs", []), lambda payload: ThroughputRow(**_known(ThroughputRow, payload))
        ),
        limits=_each(document.get("limits", []), lambda payload: LimitRow(**_known(LimitRow, payload))),
    )


def _duel(payload: Mapping[str, Any]) -> DuelRow:
    sides = {name: Side(**_known(Side, payload[name])) for name in ("a", "b")}
    return DuelRow(**_known(DuelRow, payload, ratio=Figure.from_json(payload["ratio"]), **sides))


def _campaign(payload: Mapping[str, Any]) -> CampaignRow:
    rates = {name: RateRow(**_known(RateRow, payload[name])) for name in ("different", "threshold", "unpaired")}
    return CampaignRow(**_known(CampaignRow, payload, **rates))


def _each(payloads: Iterable[Any], make: Callable[[Mapping[str, Any]], _T]) -> tuple[_T, ...]:
    if not isinstance(payloads, list):
        raise TypeError(f"a list was expected, not {type(payloads).__name__}")
    return tuple(make(payload) for payload in payloads)


def _known(of: type, payload: Mapping[str, Any], **converted: Any) -> dict[str, Any]:
    """The fields of `payload` that `of` has, those in `converted` replaced. One that came later has a default in the
    class, and older documents lack it; any other that is missing raises KeyError.
    """
    found = {}
    for field in attrs.fields(of):
        if field.name in converted:
            found[field.name] = converted[field.name]
        elif field.init and (field.name in payload or field.default is attrs.NOTHING):
            found[field.name] = payload[field.name]
    return found


def _suite(payload: Mapping[str, Any]) -> model.Suite:
    return model.Suite(**_known(model.Suite, payload))


def _column(payload: Mapping[str, Any]) -> model.Column:
    return model.Column(**_known(model.Column, payload, era=Era(payload["era"]), runs=_each(payload["runs"], _run)))


def _run(payload: Mapping[str, Any]) -> model.Run:
    converted = {name: dict(payload[name]) for name in ("versions", "platform")}
    return model.Run(**_known(model.Run, payload, suite=_suite(payload["suite"]), **converted))


def _capability(payload: Mapping[str, Any]) -> model.CapabilityRow:
    cases = _each(payload["cases"], lambda case: model.CaseRow(**_known(model.CaseRow, case)))
    return model.CapabilityRow(**_known(model.CapabilityRow, payload, cases=cases))


def _cell(payload: Mapping[str, Any]) -> model.Cell:
    return model.Cell(
        **_known(
            model.Cell,
            payload,
            status=Status(payload["status"]),
            level=_level(payload),
            notes=tuple(payload["notes"]),
            cases=_each(payload["cases"], _case),
        )
    )


def _case(payload: Mapping[str, Any]) -> model.CellCase:
    return model.CellCase(
        **_known(
            model.CellCase,
            payload,
            state=CaseState(payload["state"]),
            level=_level(payload),
            attempts=_each(payload["attempts"], _attempt),
        )
    )


def _attempt(payload: Mapping[str, Any]) -> model.Attempt:
    return model.Attempt(
        **_known(
            model.Attempt,
            payload,
            outcome=Outcome(payload["outcome"]),
            level=_level(payload),
            device_observed=tuple(payload["device_observed"]),
            figures={name: Figure.from_json(figure) for name, figure in payload["figures"].items()},
        )
    )


def _claim(payload: Mapping[str, Any]) -> model.ClaimRow:
    verdicts = _each(payload["verdicts"], lambda verdict: Verdict.from_json(payload["id"], verdict))
    return model.ClaimRow(**_known(model.ClaimRow, payload, level=Level(payload["level"]), verdicts=verdicts))


def _record(payload: Mapping[str, Any]) -> model.RecordRow:
    sources = _each(payload["sources"], lambda source: model.SourceRow(**_known(model.SourceRow, source)))
    return model.RecordRow(**_known(model.RecordRow, payload, era=Era(payload["era"]), sources=sources))


def _finding(payload: Mapping[str, Any]) -> model.FindingRow:
    checks = _each(payload["checks"], lambda check: model.FindingCheck(**_known(model.FindingCheck, check)))
    return model.FindingRow(**_known(model.FindingRow, payload, cases=tuple(payload["cases"]), checks=checks))


def _level(payload: Mapping[str, Any]) -> Level | None:
    return Level(payload["level"]) if payload["level"] is not None else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
