"""JSON Schema 2020-12 of the documents that leave the program. The major version stands in `$id` and in the payload."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent


def matrix_schema() -> dict[str, Any]:
    """The schema of a matrix document."""
    return _read("matrix-1.schema.json")


def shard_schema() -> dict[str, Any]:
    """The schema of one line of a shard."""
    return _read("shard-1.schema.json")


def _read(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return schema
