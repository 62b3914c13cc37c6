"""Reading one TOML table field by field, collecting every fault instead of stopping at the first."""

from __future__ import annotations

import datetime as dt
import difflib
import enum
import re
from typing import Any, Mapping, Sequence, TypeVar

E = TypeVar("E", bound=enum.Enum)

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
UNDATED = "undated"


class Fields:
    """A table of `file`, called `name` in messages. A getter returns a usable value even where it reports a fault."""

    def __init__(self, file: str, name: str, table: Any, problems: list[str]) -> None:
        self.file = file
        self.name = name
        self._problems = problems
        self._known: dict[str, None] = {}
        self._table: Mapping[str, Any] = table if isinstance(table, Mapping) else {}
        if not isinstance(table, Mapping):
            self.fault(f"must be a table, not {table!r}")

    def fault(self, text: str) -> None:
        """Report `text`: what is wrong, and what to do."""
        where = self.file if self.name == self.file else f"{self.file}: {self.name}"
        self._problems.append(f"{where}: {text}")

    def done(self) -> None:
        """Report the fields that nobody asked for."""
        for field in sorted(set(self._table) - set(self._known)):
            near = difflib.get_close_matches(field, list(self._known), 1)
            hint = f"did you mean {near[0]}?" if near else f"its fields are {', '.join(self._known)}"
            self.fault(f"has no field {field!r}; {hint}")

    def raw(self, field: str) -> Any:
        self._known[field] = None
        return self._table.get(field)

    def has(self, field: str) -> bool:
        return field in self._table

    def text(self, field: str, default: str | None = None) -> str:
        """A text; not empty unless `default` is ""."""
        found = self.raw(field)
        if found is None and default is not None:
            return default
        if not isinstance(found, str):
            self.fault(f"{field} is missing" if found is None else f"{field} must be text, not {found!r}")
            return default or ""
        if not found.strip() and default != "":
            self.fault(f"{field} is empty; write what it is")
        return found

    def choice(self, field: str, choices: Sequence[str], default: str | None = None) -> str:
        found = self.raw(field)
        if found is None and default is not None:
            return default
        if found not in choices:
            says = "is missing" if found is None else f"{found!r} is unknown"
            self.fault(f"{field} {says}; write one of {', '.join(choices)}")
            return default if default is not None else choices[0]
        return str(found)

    def member(self, field: str, kind: type[E], default: E | None = None) -> E:
        fallback = None if default is None else str(default.value)
        return kind(self.choice(field, [str(one.value) for one in kind], fallback))

    def flag(self, field: str, default: bool | None = None) -> bool:
        found = self.raw(field)
        if found is None and default is not None:
            return default
        if not isinstance(found, bool):
            says = "is missing; write" if found is None else f"is {found!r}; write"
            self.fault(f"{field} {says} true or false")
            return bool(default)
        return found

    def whole(self, field: str, least: int) -> int:
        found = self.raw(field)
        if isinstance(found, bool) or not isinstance(found, int) or found < least:
            self.fault(f"{field} must be a whole number from {least} on, not {found!r}")
            return least
        return found

    def number(self, field: str) -> float:
        """A number that is not negative and not infinite."""
        found = self.raw(field)
        if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found < float("inf"):
            self.fault(f"{field} must be a number from 0 on, not {found!r}")
            return 0.0
        return float(found)

    def date(self, field: str, *, undated: bool = False) -> str:
        """A date as text: "2020", "2020-12", "2020-12-31", and "undated" where that is allowed."""
        found = self.raw(field)
        if isinstance(found, dt.date) and not isinstance(found, dt.datetime):
            found = found.isoformat()
        if isinstance(found, str) and (_is_date(found) or (undated and found == UNDATED)):
            return found
        hint = f', or "{UNDATED}"' if undated else ""
        says = "is missing" if found is None else f"{found!r} is no date"
        self.fault(f'{field} {says}; write "2020-12-31", "2020-12" or "2020"{hint}')
        return UNDATED

    def texts(self, field: str, *, needed: bool = True) -> tuple[str, ...]:
        found = self.raw(field)
        if found is None and not needed:
            return ()
        texts = isinstance(found, list) and all(isinstance(one, str) and one for one in found)
        if not texts or (needed and not found):
            self.fault(f"{field} must be a list of texts, not {found!r}")
            return ()
        if len(set(found)) != len(found):
            self.fault(f"{field} names one thing twice; write it once")
        return tuple(found)

    def mapping(self, field: str) -> Mapping[str, str]:
        """A table of texts; empty where it is missing."""
        found = self.raw(field)
        if found is None:
            return {}
        if not isinstance(found, Mapping) or not all(isinstance(value, str) and value for value in found.values()):
            self.fault(f"{field} must be a table of texts, not {found!r}")
            return {}
        return dict(sorted(found.items()))

    def table(self, field: str) -> Fields | None:
        """The table in `field`; None where it is missing."""
        found = self.raw(field)
        return None if found is None else Fields(self.file, f"{self.name}: {field}", found, self._problems)

    def tables(self, field: str, label: str = "id") -> list[Fields]:
        """The list of tables in `field`, each called by its `label` field, or its place; empty where it is missing."""
        found = self.raw(field)
        if found is None:
            return []
        if not isinstance(found, list):
            self.fault(f"{field} must be a list of tables; write [[{field}]]")
            return []
        tables = []
        for index, one in enumerate(found):
            given = one.get(label) if isinstance(one, Mapping) else None
            own = given if isinstance(given, str) and given else f"{field} {index + 1}"
            name = own if self.name == self.file else f"{self.name}: {own}"
            tables.append(Fields(self.file, name, one, self._problems))
        return tables


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    padded = text + "-01" * (2 - text.count("-"))
    try:
        dt.date(*map(int, padded.split("-")))
    except ValueError:
        return False
    return True
