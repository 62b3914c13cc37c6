"""The cells on the Markdown page."""

from __future__ import annotations

import attrs

from fwconformance.evidence import Status
from fwconformance.matrix import build_matrix
from fwconformance.report import render_markdown


def test_every_cell_that_is_not_supported_has_its_reason_and_command(matrix, page, section):
    """Whoever doubts it can run it."""
    part = section(page, "Cells that are not supported, and how to run them again")
    active = {row.id for row in matrix.capabilities if row.status == "active"}
    assert "its environment's own interpreter" in part
    doubtful = [
        cell
        for cell in matrix.cells
        if cell.capability in active and cell.status not in (Status.SUPPORTED, Status.INAPPLICABLE)
    ]
    reported = [cell for cell in doubtful if matrix.column(cell.environment).reported]
    assert reported
    for cell in reported:
        assert f"| `{cell.capability}` | {cell.status.value} |" in part
        assert f"`{cell.rerun}`" in part
    assert "Every cell is untested: no report from torch-cpu." in part


def test_statuses_are_words(matrix, page, section):
    """Not symbols or colours alone."""
    rows = section(page, "Capabilities by environment")
    assert "| `layers.dense` | The layers.dense | failing | supported |" in rows
    assert "| `train.sgd` | The train.sgd | partial | supported |" in rows


def test_a_column_that_nobody_reported_is_named_once(page, world, tables, section):
    """It would be as wide as the others, and say nothing."""
    rows = section(page, "Capabilities by environment")
    assert "no report of them was merged: `torch-cpu`." in rows
    assert rows.count("torch-cpu") == 1
    nothing = render_markdown(build_matrix([], world.registry, expected_environments=["torch-cpu"]))
    assert not tables(section(nothing, "Capabilities by environment"))


def test_what_was_not_asked_for_is_one_line_a_column(world, tables, section):
    """With its number and a command; what was asked for and is not known keeps its row."""
    asked = {"only": ["train.sgd"], "outcomes": {("train.sgd", "three-steps"): "started"}, "ended": None}
    page = render_markdown(build_matrix([world.shard(**asked), world.shard("keras-jax-cpu")], world.registry))
    part = section(page, "Cells that are not supported, and how to run them again")
    keras, jax = part.split("### ")[1:]
    assert [row[0].strip() for row in tables(keras)[0][2:]] == ["`train.sgd`"]
    assert (
        "2 capabilities were not asked for: what ran was limited to others. "
        "`fwconformance run --framework keras --backend tensorflow --only CAPABILITY` runs one of them."
    ) in keras
    assert "not asked for" not in jax


def test_what_means_nothing_there_is_one_row_a_reason(world, section):
    """Areas that have nothing else in one word, and nothing to run again."""
    one = world.registry.capabilities["backend.own"]
    names = ("binding.java.save", "binding.java.load", "binding.go.save", "export.onnx")
    more = {name: attrs.evolve(one, id=name) for name in names}
    alive = attrs.evolve(one, id="binding.go.load", inapplicable=())
    registry = attrs.evolve(world.registry, capabilities={**more, alive.id: alive}, claims={})
    small = world.with_registry(capabilities=registry.capabilities)
    page = render_markdown(build_matrix([small.shard("torch-cpu")], registry))
    part = section(page, "Cells that are not supported, and how to run them again")
    assert "| `binding.java.*`, `binding.go.save`, `export.onnx` | inapplicable | - | it is its own | - |" in part


def test_what_nobody_has_seen_for_one_reason_is_one_row(world, section):
    """With a command for any of them; alone, it keeps its own."""
    one = world.registry.capabilities["layers.dense"]
    names = ("binding.java.save", "binding.java.load", "export.onnx", "layers.dense")
    registry = attrs.evolve(
        world.registry, capabilities={name: attrs.evolve(one, id=name) for name in names}, claims={}
    )
    small = world.with_registry(capabilities=registry.capabilities)
    matrix = build_matrix([small.shard("torch-cpu")], registry)
    reasons = ["no such tool", "no such tool", "no such tool", "another one"]
    cells = [
        attrs.evolve(cell, status=Status.UNTESTED, level=None, reason=reason)
        for cell, reason in zip(matrix.cells, reasons)
    ]
    page = render_markdown(attrs.evolve(matrix, cells=tuple(cells)))
    other = cells[-1]
    part = section(page, "Cells that are not supported, and how to run them again")
    command = cells[0].rerun.replace(cells[0].capability, "CAPABILITY")
    assert f"| `binding.java.*`, `export.onnx` | untested | - | {cells[0].reason} | `{command}` |" in part
    assert f"| `{other.capability}` | untested | - | another one | `{other.rerun}` |" in part


def test_what_happened_on_the_way_is_noted(page):
    """A crash that did not come again."""
    assert "three-steps: crashed (SIGSEGV) in the run, passed alone" in page
