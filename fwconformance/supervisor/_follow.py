"""Following a journal while another process writes it: what is done, and what is under way."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Mapping, Tuple

from fwconformance.evidence import Outcome

Attempt = Tuple[str, str, int]  # capability, case, attempt

_REPEATED = (Outcome.CRASHED.value, Outcome.TIMEOUT.value)


class Follower:
    """Reads the complete lines of the journal at `path` as they come.

    Attributes:
        header: the header's record, None before it is there.
        results: each observation's record by (capability, case, attempt).
        open: the attempt that was started last and has no observation, else None.
        ended: whether an end record came after the last start.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path
        self._offset = 0
        self.header: dict[str, Any] | None = None
        self.results: dict[Attempt, dict[str, Any]] = {}
        self.open: Attempt | None = None
        self.ended = False

    def poll(self) -> list[dict[str, Any]]:
        """The records that came since the last call."""
        records = self._new_records()
        for record in records:
            self._take(record)
        return records

    def outcome(self, capability: str, case: str) -> tuple[int, str] | None:
        """(last attempt, its outcome) of a case, None where nothing was observed."""
        found = [(key[2], record["outcome"]) for key, record in self.results.items() if key[:2] == (capability, case)]
        return max(found, default=None)

    def to_repeat(self, capability: str, case: str) -> bool:
        """Whether it crashed or timed out and was not yet run once more alone."""
        last = self.outcome(capability, case)
        return last is not None and last[0] == 1 and last[1] in _REPEATED

    def _forget(self) -> None:
        self._offset = 0
        self.header = None
        self.results = {}
        self.open = None
        self.ended = False

    def _new_records(self) -> list[dict[str, Any]]:
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, 2)
                if size < self._offset:  # replaced, or cut back to its last whole line
                    self._forget()
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        complete = data.rfind(b"\n") + 1
        if not complete:
            return []
        records = [_parsed(line) for line in data[:complete].splitlines()]
        self._offset += complete
        return [record for record in records if record]

    def _take(self, record: Mapping[str, Any]) -> None:
        kind = record.get("record")
        if kind == "header":
            self.header = dict(record)
        elif kind == "start":
            self.open = (record["capability"], record["case"], record.get("attempt", 1))
            self.ended = False
        elif kind == "observation":
            key = (record["capability"], record["case"], record.get("attempt", 1))
            self.results[key] = dict(record)
            if self.open == key:
                self.open = None
        elif kind == "resumed":
            self.open = None  # what was interrupted then is run again
        elif kind == "end":
            self.ended = True


def _parsed(line: bytes) -> dict[str, Any]:
    """{} for a line that cannot be read: the reader that everything else goes through says so, with file and line."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
