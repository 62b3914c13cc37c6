"""Reading a journal. What it takes in, it understood; anything else is an error that names file and line."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path
from typing import Any, Mapping, NoReturn

import attrs

from fwconformance.evidence import Header, Observation, environment_name
from fwconformance.shards._lines import SCHEMA
from fwconformance.shards._text import encodable, printable

_NAME, _, _MAJOR = SCHEMA.partition("/")


class ShardError(Exception):
    """A journal that cannot be taken; the message names the file, the line where there is one, and what to do."""


@attrs.frozen(kw_only=True)
class Start:
    """A case that began."""

    capability: str
    case: str
    attempt: int


@attrs.frozen(kw_only=True)
class FindingRecord:
    """Whether the program of a known finding still shows the fault."""

    id: str
    reproduced: bool
    message: str


@attrs.frozen(kw_only=True)
class ProofRecord:
    """Whether a test fell over the fault planted for it."""

    sabotage: str
    capability: str
    case: str
    killed: bool
    message: str


@attrs.frozen(kw_only=True)
class Shard:
    """A journal, read.

    Attributes:
        path: of the file.
        header: its first record.
        observations: in the order written; no two of one capability, case and attempt.
        unfinished: starts without an observation: the run was interrupted there (or the case still runs).
        findings, proofs: in the order written.
        ended: exit status of the (last) end record after the last start; None where the run never came to its end.
        resumed: how often the run was continued.
        warnings: what was left out, and why.
        whole_bytes: size of the file up to the end of its last whole line.
        lines: where each observation stands, by capability, case and attempt: for errors that name the line.
    """

    path: str
    header: Header
    observations: tuple[Observation, ...] = ()
    unfinished: tuple[Start, ...] = ()
    findings: tuple[FindingRecord, ...] = ()
    proofs: tuple[ProofRecord, ...] = ()
    ended: int | None = None
    resumed: int = 0
    warnings: tuple[str, ...] = ()
    whole_bytes: int = 0
    lines: Mapping[tuple[str, str, int], int] = attrs.field(factory=dict, eq=False, repr=False)


def read_shard(path: str | os.PathLike[str]) -> Shard:
    """The journal at `path`. A torn last line is left out, with a warning; record kinds that are not known are ignored.

    Raises ShardError.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ShardError(f"{path}: cannot be read: {error.strerror or error}") from error
    return _Reading(str(path)).read(data)


class _Reading:
    """One pass over the lines of a journal."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.line = 0
        self.header: Header | None = None
        self.observations: dict[tuple[str, str, int], Observation] = {}
        self.written_at: dict[tuple[str, str, int], int] = {}
        self.starts: dict[tuple[str, str, int], Start] = {}
        self.findings: list[FindingRecord] = []
        self.proofs: list[ProofRecord] = []
        self.ended: int | None = None
        self.resumed = 0
        self.warnings: list[str] = []

    def read(self, data: bytes) -> Shard:
        whole = data.rfind(b"\n") + 1
        lines = data[:whole].split(b"\n")[:-1]
        if data[whole:]:
            said = (
                f"{self.path}:{len(lines) + 1}: the last line is incomplete (its writer was interrupted) and was "
                "left out"
            )
            self.warnings.append(said)
        for self.line, line in enumerate(lines, start=1):
            self._take(line)
        if self.header is None:
            if not b'{"'.startswith(data[:2]):
                self._refuse_foreign("holds one line, without its end")
            self.line = 0
            what = "holds no whole line" if data else "is empty"
            self._fail(f"{what}: the run ended before it began; run it again")
        return Shard(
            path=self.path,
            header=self.header,
            observations=tuple(self.observations.values()),
            unfinished=tuple(start for key, start in self.starts.items() if key not in self.observations),
            findings=tuple(self.findings),
            proofs=tuple(self.proofs),
            ended=self.ended,
            resumed=self.resumed,
            warnings=tuple(self.warnings),
            whole_bytes=whole,
            lines=dict(self.written_at),
        )

    def _take(self, line: bytes) -> None:
        try:
            record = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
        except ValueError as error:
            if self.header is None:
                self._refuse_foreign(f"is no JSON ({error})")
            self._fail(f"is no JSON ({error}); the file was damaged: remove it and run again")
        if not isinstance(record, dict) or not isinstance(record.get("record"), str):
            what = 'is no record: a JSON object with a field "record" was expected'
            if self.header is None:
                self._refuse_foreign(what)
            self._fail(f"{what}; the file was damaged: remove it and run again")
        kind = record["record"]
        if self.header is None and kind != "header":
            self._refuse_foreign(f'is a record "{kind}" where the header was expected')
        if isinstance(record.get("message"), str):
            record["message"] = printable(record["message"])
        # Nearly every line is told from the escape alone; characters that need two of them are paired by now.
        if b"\\u" in line and not encodable(record):
            self._fail(
                f"the {kind} holds half a character (a lone surrogate, \\ud800 to \\udfff), which cannot be published; "
                "the file was damaged: remove it and run again"
            )
        if self.header is None:
            self._take_header(record)
            return
        take = getattr(self, f"_take_{kind}", None)
        if take is None:
            return  # a newer minor version may add kinds
        if kind == "header":
            self._fail("is a second header: two journals were written into one file; separate them")
        try:
            take(record)
        except KeyError as error:
            self._fail(f"the {kind} lacks the field {error}")
        except (TypeError, ValueError, AttributeError) as error:
            self._fail(f"the {kind} is not as it should be: {error}")

    def _take_header(self, record: dict[str, Any]) -> None:
        schema = record.get("schema")
        match = re.fullmatch(re.escape(_NAME) + r"/(\d+)(\.\d+)?", schema) if isinstance(schema, str) else None
        if match is None:
            self._refuse_foreign(f"the schema is {schema!r}, {SCHEMA!r} was expected")
        if int(match.group(1)) > int(_MAJOR):
            self._fail(
                f"was written by a newer fwconformance ({schema}; this one reads {SCHEMA}): pip install --upgrade "
                "fwconformance"
            )
        try:
            for name in ("versions", "platform"):
                _strings(record[name], name)
            for name in (
                "run",
                "environment",
                "label",
                "framework",
                "backend",
                "device",
                "profile",
                "python",
                "started",
            ):
                _text(record, name)
            environment_name(record["environment"])
            _whole(record, "seed")
            self.header = Header.from_json(record)
        except KeyError as error:
            self._fail(f"the header lacks the field {error}")
        except (TypeError, ValueError) as error:
            self._fail(f"the header is not as it should be: {error}")

    def _take_start(self, record: Mapping[str, Any]) -> None:
        start = Start(
            capability=_text(record, "capability"), case=_text(record, "case"), attempt=_whole(record, "attempt")
        )
        self.starts[start.capability, start.case, start.attempt] = start
        self.ended = None

    def _take_observation(self, record: Mapping[str, Any]) -> None:
        key = (_text(record, "capability"), _text(record, "case"), _whole({"attempt": 1, **record}, "attempt"))
        if key in self.observations:
            self._fail(
                f"observes {key[0]}:{key[1]}, attempt {key[2]}, a second time (first on line {self.written_at[key]}); "
                "two runs were written into one file: run again into a fresh one"
            )
        if not isinstance(record.get("message", ""), str):
            raise TypeError("message is no string")
        if not all(isinstance(device, str) for device in record.get("device_observed", ())):
            raise TypeError("device_observed is no list of strings")
        _number(record.get("duration"), "duration")
        for name, figure in record.get("figures", {}).items():
            if not isinstance(figure["unit"], str) or figure["value"] is None:
                raise TypeError(f"figure {name!r} has no value or unit")
            for part in ("value", "low", "high"):
                _number(figure.get(part), f"{part} of figure {name!r}")
        for kind, named in record.get("details", {}).items():
            if not all(isinstance(text, str) for text in named.values()):
                raise TypeError(f"details of kind {kind!r} are no texts by name")
        assert self.header is not None
        self.observations[key] = Observation.from_json(record, self.header)
        self.written_at[key] = self.line

    def _take_finding(self, record: Mapping[str, Any]) -> None:
        message = _text(record, "message")
        self.findings.append(
            FindingRecord(id=_text(record, "id"), reproduced=_flag(record, "reproduced"), message=message)
        )

    def _take_proof(self, record: Mapping[str, Any]) -> None:
        names = ("sabotage", "capability", "case", "message")
        self.proofs.append(ProofRecord(killed=_flag(record, "killed"), **{name: _text(record, name) for name in names}))

    def _take_resumed(self, record: Mapping[str, Any]) -> None:
        self.resumed += 1
        self.ended = None

    def _take_end(self, record: Mapping[str, Any]) -> None:
        self.ended = _whole(record, "status")

    def _refuse_foreign(self, what: str) -> NoReturn:
        """Without a header the file may be anybody's."""
        self._fail(f"{what}: the file is no journal of fwconformance; name another")

    def _fail(self, what: str) -> NoReturn:
        where = f"{self.path}:{self.line}" if self.line else self.path
        raise ShardError(f"{where}: {what}")


def _text(record: Mapping[str, Any], name: str) -> str:
    if not isinstance(record[name], str):
        raise TypeError(f"{name} is no string")
    return str(record[name])


def _whole(record: Mapping[str, Any], name: str) -> int:
    if not isinstance(record[name], int) or isinstance(record[name], bool):
        raise TypeError(f"{name} is no whole number")
    return int(record[name])


def _flag(record: Mapping[str, Any], name: str) -> bool:
    if not isinstance(record[name], bool):
        raise TypeError(f"{name} is neither true nor false")
    return bool(record[name])


def _number(value: Any, name: str) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise TypeError(f"{name} is no number")
    if value is not None and not math.isfinite(value):
        raise ValueError(f"{name} is not finite")


def _strings(value: Any, name: str) -> None:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise TypeError(f"{name} is no table of strings")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
