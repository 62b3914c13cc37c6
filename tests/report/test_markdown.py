"""The Markdown page."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fwconformance.evidence import Figure, Outcome, Profile, Status
from fwconformance.matrix import Suite, build_matrix
from fwconformance.registry import Capability, Case
from fwconformance.report import render_markdown
from fwconformance.report._tables import escape, link, table

FAILED = {"outcome": Outcome.FAILED, "message": "outputs differ at [0, 1] | <b>far</b>"}
EXCUSED = {**FAILED, "finding": "keras-dense-nan"}
PROOFS = [
    {"sabotage": "ignored-bias", "capability": "layers.dense", "case": "forward", "killed": True, "message": "it fell"},
    {"sabotage": "no-step", "capability": "train.sgd", "case": "three-steps", "killed": False, "message": "it stood"},
]
FINDING = {"id": "keras-dense-nan", "reproduced": True, "message": "NaN"}


@pytest.fixture
def matrix(world):
    outcomes = {
        ("layers.dense", "gradients"): EXCUSED,
        ("train.sgd", "three-steps"): [{"outcome": Outcome.CRASHED, "message": "SIGSEGV"}, Outcome.PASSED],
        ("train.sgd", "nesterov"): FAILED,
        ("backend.own", "tensors"): Outcome.BROKEN,
    }
    shards = [
        world.shard(outcomes=outcomes, proofs=PROOFS, findings=[FINDING]),
        world.shard("keras-jax-cpu", versions={"keras": "3.0.0"}),
    ]
    return build_matrix(shards, world.registry, expected_environments=["torch-cpu"])


@pytest.fixture
def page(matrix):
    return render_markdown(matrix)


def tables(page):
    """The tables of a page, each as rows of cells; bars that are escaped belong to their cell."""
    blocks = re.findall(r"(?:^\|.*\|$\n?)+", page, re.MULTILINE)
    return [[re.split(r"(?<!\\)\|", row)[1:-1] for row in block.strip().split("\n")] for block in blocks]


def section(page, title):
    return page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_row_has_as_many_cells_as_its_heading(page):
    """Bars in reasons and texts do not break a table."""
    assert len(tables(page)) > 8
    for rows in tables(page):
        assert {len(row) for row in rows} == {len(rows[0])}


def test_every_claim_has_its_answer_in_both_eras(matrix, page):
    """With what it says and why."""
    claims = section(page, "Claims")
    for claim in matrix.claims:
        assert claims.count(f"| `{claim.id}` |") == 2
    assert "| `keras.origin` | as above | 2020 | confirmed (by record) |" in claims


def test_every_cell_that_is_not_supported_has_its_reason_and_command(matrix, page):
    """Whoever doubts it can run it."""
    part = section(page, "Cells that are not supported, and how to run them again")
    active = {row.id for row in matrix.capabilities if row.status == "active"}
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


def test_statuses_are_words(matrix, page):
    """Not symbols or colours alone."""
    rows = section(page, "Capabilities by environment")
    assert "| `layers.dense` | The layers.dense | failing | supported | untested |" in rows
    assert "| `train.sgd` | The train.sgd | partial | supported | untested |" in rows


def test_each_column_says_versions_date_machine_profile_and_seed(world, page):
    """And whether it decides claims."""
    environments = section(page, "Environments")
    for words in ("keras 3.15.1", "2026-11-22T20:00:00Z", escape(world.label), "profile standard", "seed 20200101"):
        assert words in environments
    assert "pinned, decides no claim: keras is 3.0.0, keras-jax-cpu expects 3.15.1" in environments
    assert "no report from torch-cpu" in environments


def test_a_run_that_did_not_end_is_said_to_be_so(world):
    """Its column is not the whole."""
    assert "did not come to its end" in render_markdown(build_matrix([world.shard(ended=None)], world.registry))


def test_what_html_and_markdown_would_read_is_escaped(page):
    """A message cannot change the page."""
    assert "<b>" not in page
    assert r"outputs differ at \[0, 1\] \| &lt;b&gt;far&lt;/b&gt;" in page


def test_what_happened_on_the_way_is_noted(page):
    """A crash that did not come again."""
    assert "three-steps: crashed (SIGSEGV) in the run, passed alone" in page


def test_known_findings_name_their_program_and_whether_it_still_shows_them(page):
    """And the cell names the finding."""
    assert "known finding: keras-dense-nan" in page
    part = section(page, "Known findings")
    assert "`fixtures/findings/keras_dense_nan.py`<br>keras-cpu: still there" in part


def test_a_fault_that_was_not_caught_is_named(page):
    """It means that a test cannot fail."""
    assert "| keras-cpu | 2 | 1 | no-step by train.sgd:three-steps (it stood) |" in page


def test_records_have_their_sources(page):
    """With a link and both dates."""
    part = section(page, "Records")
    assert "[Keras' repository](https://example.org/keras) (2015-03-27)" in part
    assert "| supports, strong |" in part


def test_new_faults_are_announced_at_the_top(page):
    """Two: the variant and the broken case; the excused one is known."""
    assert "**2 new cases failed, broke, crashed or timed out**" in page


def test_a_mixed_column_is_marked(world):
    """Where revisions of the suites were mixed."""
    old = world.shard("torch-cpu", suite_content="sha256:" + "1" * 64)
    new = world.shard(started="2026-11-22T21:00:00Z")
    page = render_markdown(build_matrix([old, new], world.registry, allow_mixed=True))
    assert "**Mixed suites.**" in page
    assert "**mixed**: made by suite revision" in page


def test_the_top_names_the_runs_revision_and_the_judging_one_where_they_differ(world):
    """And only one where they are the same."""
    judge = Suite(version="0.1.0", content="sha256:" + "1" * 64)
    page = render_markdown(build_matrix([world.shard()], world.registry, allow_mixed=True, judged_by=judge))
    runs, judging = "0.1.0 (sha256:000000000000)", "0.1.0 (sha256:111111111111)"
    assert f"Suite revision of the runs: {runs}. Judged by revision: {judging}." in page
    assert f"**mixed**: run with suites {runs}, judged by {judging}" in page
    same = Suite(version="0.1.0", content=world.suite)
    page = render_markdown(build_matrix([world.shard()], world.registry, judged_by=same))
    assert f"Suite revision: {runs}." in page
    assert "Judged by" not in page


def test_timings_stand_by_environment_with_their_units_and_rank_nothing(world):
    """Each figure of the area `speed`, as it was read; other areas' figures are no timings."""
    case = Case(id="forward", required=True, profile=Profile.SMOKE, sees="a time")
    speed = Capability(
        id="speed.smoke",
        title="Smoke",
        acceptance="Timed.",
        active=True,
        tolerance=None,
        cases=(case,),
        inapplicable=(),
    )
    timed = world.with_registry(capabilities={**world.registry.capabilities, "speed.smoke": speed})
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


def test_costs_stand_one_a_row(world):
    """Cases of the area `costs` have figures of their own names: a table with a column each would be empty mostly."""
    case = Case(id="import", required=True, profile=Profile.SMOKE, sees="a time")
    costs = Capability(
        id="costs.start", title="Start", acceptance="Read.", active=True, tolerance=None, cases=(case,),
        inapplicable=(),
    )  # fmt: skip
    read = world.with_registry(capabilities={**world.registry.capabilities, "costs.start": costs})
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
    case = Case(id="forward", required=True, profile=Profile.SMOKE, sees="a time")
    speed = Capability(
        id="speed.smoke", title="Smoke", acceptance="Timed.", active=True, tolerance=None, cases=(case,),
        inapplicable=(),
    )  # fmt: skip
    timed = world.with_registry(capabilities={**world.registry.capabilities, "speed.smoke": speed})
    shard = timed.shard(outcomes={("speed.smoke", "forward"): {"outcome": Outcome.PASSED, "figures": figures}})
    assert "Smoke timings" not in render_markdown(build_matrix([shard], timed.registry))


def test_without_timings_there_is_no_table_of_them(page):
    """An empty one would say nothing."""
    assert "Smoke timings" not in page


@pytest.mark.parametrize(
    ("reported", "words"),
    [
        ([], "0 environments"),
        (["a box"], "1 environment"),
        (["a box", "another box"], "1 environment"),
    ],
)
def test_the_environments_that_reported_are_counted(world, reported, words):
    """Not those that were expected only, and one environment on two machines once."""
    shards = [world.shard(label=label, run=label) for label in reported]
    page = render_markdown(build_matrix(shards, world.registry, expected_environments=["torch-cpu"]))
    assert f"6 claims and 4 capabilities were judged in {words}." in page


def test_one_claim_is_not_called_claims(world):
    """Nor one capability capabilities."""
    registry = world.registry
    few = world.with_registry(
        capabilities={"train.sgd": registry.capabilities["train.sgd"]},
        claims={"keras.origin": registry.claims["keras.origin"]},
    )
    assert "1 claim and 1 capability were judged in 0 environments." in render_markdown(build_matrix([], few.registry))


def test_there_is_no_ranking(page):
    """No score, no percentage, no winner."""
    assert "There is no score and no ranking" in page
    assert "%" not in page


def test_the_same_matrix_gives_the_same_page(matrix, page):
    """It reads no clock."""
    assert render_markdown(matrix) == page


def test_a_matrix_of_nothing_still_renders(world):
    """Every claim is there, untested."""
    page = render_markdown(build_matrix([], world.registry))
    assert "| `keras.layers` |" in page
    assert "no report from keras-cpu" in page


@given(st.text())
@example("\\|")
def test_no_text_breaks_out_of_a_table_cell(text):
    """One line; every bar escaped by an odd number of backslashes; no tag."""
    cell = escape(text)
    assert "\n" not in cell
    assert "<" not in cell
    for bar in re.finditer(r"(\\*)\|", cell):
        assert len(bar.group(1)) % 2 == 1


@given(st.text(min_size=1), st.integers(2, 60))
def test_a_cut_reason_is_no_longer_than_asked(text, length):
    """Before escaping, the cut text is at most that long, and says that it was cut."""
    words = escape(text, length)
    plain = words.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    assert len(re.sub(r"\\(.)", r"\1", plain)) <= length


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://example.org/a b", "https://e.org/)|x", ""])
def test_what_is_no_plain_address_is_no_link(url):
    """It is shown, not linked."""
    assert "](" not in link("title", url)


def test_a_table_aligns_what_it_is_told_to():
    """Numbers to the right."""
    assert table(["a", "b"], [["x", "1"]], right=[1]) == "| a | b |\n| --- | ---: |\n| x | 1 |"
