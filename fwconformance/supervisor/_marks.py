"""A pytest plugin for `collect_marks`: writes down how each collected test function is marked."""

from __future__ import annotations

import json
import os
import pathlib

import pytest

_found: dict[object, list[str]] = {}


def pytest_itemcollected(item: pytest.Item) -> None:
    """Of each test, also of those that are taken out later since they mean nothing for the reference."""
    for mark in item.iter_markers("capability"):
        function = getattr(item, "function", item)
        _found[id(function), mark.args] = list(mark.args)


def pytest_collection_finish() -> None:
    """Once all is collected: a list of (capability, case), one for each function."""
    pathlib.Path(os.environ["FWCONFORMANCE_MARKS"]).write_text(json.dumps(sorted(_found.values())), encoding="utf-8")
