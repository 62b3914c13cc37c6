"""A pytest plugin for `collect_marks`: writes down which (capability, case) each collected test function is marked
with.
"""

from __future__ import annotations

import json
import os
import pathlib

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First, since the plugin takes out what is not to run."""
    functions = {}
    for item in items:
        for mark in item.iter_markers("capability"):
            function = getattr(item, "function", item)
            functions[id(function), mark.args] = list(mark.args)
    pathlib.Path(os.environ["FWCONFORMANCE_MARKS"]).write_text(json.dumps(sorted(functions.values())), encoding="utf-8")
