"""What cases saw of many single things, on the Markdown page."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Outcome
from fwconformance.matrix import build_matrix, matrix_from_json
from fwconformance.report import render_markdown

MANY = {f"Op{number:03}": "by a function" for number in range(60)}


@pytest.fixture
def built(world):
    """A matrix of two environments, of which one says more."""
    seen = {
        "keras-cpu": {"right": MANY, "lacking": {"Tile": "other | values", "Celu": "no such name"}},
        "torch-cpu": {"right": dict(list(MANY.items())[:12])},
    }
    shards = [
        world.shard(name, {("layers.dense", "forward"): {"outcome": Outcome.PASSED, "details": details}})
        for name, details in seen.items()
    ]
    return build_matrix(shards, world.registry)


def test_each_kind_is_counted_and_its_names_are_given_unless_they_are_many(built, section, tables):
    part = section(render_markdown(built), "One by one")
    assert "### `layers.dense:forward`" in part
    ((titles, _, *rows),) = tables(part)
    assert [cell.strip() for cell in titles] == ["environment", "lacking", "right"]
    twelve = ", ".join(list(MANY)[:12])
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["keras-cpu", "2: Celu, Tile", "60"],
        ["torch-cpu", "0", f"12: {twelve}"],
    ]


def test_a_case_that_looks_at_few_things_has_no_table(world):
    """They stand in its cell."""
    outcomes = {("layers.dense", "forward"): {"outcome": Outcome.PASSED, "details": {"official": {"a": "says 1.0"}}}}
    assert "One by one" not in render_markdown(build_matrix([world.shard(outcomes=outcomes)], world.registry))


def test_cases_that_saw_the_same_share_a_table(world, section, tables):
    outcomes = {
        ("layers.dense", case): {"outcome": Outcome.PASSED, "details": {"right": MANY}}
        for case in ("forward", "gradients")
    }
    part = section(render_markdown(build_matrix([world.shard(outcomes=outcomes)], world.registry)), "One by one")
    assert "### `layers.dense:forward`, `layers.dense:gradients`" in part
    assert len(tables(part)) == 1


def test_how_each_was_seen_survives_the_document(built):
    again = matrix_from_json(built.to_json())
    assert again == built
    (forward,) = [case for case in again.cell("layers.dense", "keras-cpu").cases if case.case == "forward"]
    assert forward.details["lacking"] == {"Celu": "no such name", "Tile": "other | values"}
