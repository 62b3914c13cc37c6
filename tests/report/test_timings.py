"""The timings on the Markdown page."""

from __future__ import annotations

from fwconformance.evidence import Figure, Outcome, Profile
from fwconformance.matrix import build_matrix
from fwconformance.registry import Capability, Case
from fwconformance.report import render_markdown


def with_case(world, capability, case):
    """The world with one more capability, of one case."""
    one = Case(id=case, required=True, profile=Profile.SMOKE, sees="a time")
    more = Capability(
        id=capability, title="Read", acceptance="Read.", active=True, tolerance=None, cases=(one,), inapplicable=()
    )
    return world.with_registry(capabilities={**world.registry.capabilities, capability: more})


def test_timings_stand_by_environment_with_their_units_and_rank_nothing(world, tables, section):
    """Each figure of the area `speed`, as it was read; other areas' figures are no timings."""
    timed = with_case(world, "speed.smoke", "forward")
    figures = {
        "median": Figure(value=0.00523376, unit="s", low=0.005, high=0.0061),
        "rounds": Figure(value=10.0, unit="1"),
        "throughput": Figure(value=12228.288, unit="examples/s"),
    }
    measured = {("speed.smoke", "forward"): {"outcome": Outcome.PASSED, "figures": figures}}
    less = {("speed.smoke", "forward"): {"outcome": Outcome.PASSED, "figures": {"median": Figure(value=0.1, unit="s")}}}
    broken = {("speed.smoke", "forward"): Outcome.BROKEN}
    shards = [timed.shard("torch-cpu", broken), timed.shard("keras-jax-cpu", less), timed.shard(outcomes=measured)]
    part = section(render_markdown(build_matrix(shards, timed.registry)), "Smoke timings (not comparisons)")
    (rows,) = tables(part)
    titles, _, *found = [[cell.strip() for cell in row] for row in rows]
    assert titles == ["environment", "case", "median, s", "throughput, examples/s"]
    assert found == [
        ["keras-cpu", "`speed.smoke:forward`", "0.005234 (0.005 to 0.0061) s", "12228 examples/s"],
        ["keras-jax-cpu", "`speed.smoke:forward`", "0.1 s", "-"],
    ]
    assert "Single readings" in part
    assert "rank nothing" in part


def test_costs_stand_one_a_row(world, tables, section):
    """Cases of the area `costs` have figures of their own names: a table with a column each would be empty mostly."""
    read = with_case(world, "costs.start", "import")
    figures = {
        "memory after import": Figure(value=450.2, unit="MB", low=450.0, high=451.0),
        "import": Figure(value=2.5, unit="s", low=2.25, high=3.0),
        "readings": Figure(value=3.0, unit="1"),
    }
    shard = read.shard(outcomes={("costs.start", "import"): {"outcome": Outcome.PASSED, "figures": figures}})
    part = section(
        render_markdown(build_matrix([shard], read.registry)), "What is waited for beside the work (not comparisons)"
    )
    ((_, _, *found),) = tables(part)
    assert [[cell.strip() for cell in row] for row in found] == [
        ["keras-cpu", "`costs.start:import`", "import", "2.5 (2.25 to 3) s"],
        ["keras-cpu", "`costs.start:import`", "memory after import", "450.2 (450 to 451) MB"],
    ]


def test_pure_numbers_are_no_timings(world):
    """Largest errors and counts of rounds of a timed case stand in the matrix, not in the table of timings."""
    figures = {"largest-error": Figure(value=1e-7, unit="1"), "rounds": Figure(value=10.0, unit="1")}
    timed = with_case(world, "speed.smoke", "forward")
    shard = timed.shard(outcomes={("speed.smoke", "forward"): {"outcome": Outcome.PASSED, "figures": figures}})
    assert "Smoke timings" not in render_markdown(build_matrix([shard], timed.registry))


def test_without_timings_there_is_no_table_of_them(page):
    """An empty one would say nothing."""
    assert "Smoke timings" not in page
