"""The Markdown page."""

from __future__ import annotations

import re

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fwconformance.evidence import Era, Figure, Outcome, Profile, Status
from fwconformance.matrix import PAIRED_TIME, Suite, build_matrix
from fwconformance.registry import Capability, Case, parse_rule
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
    assert "| `keras.origin` | confirmed (by record) | 2020 | as above |" in claims


def test_the_answer_stands_beside_the_claim(world):
    """On a narrow screen the rest is out of sight."""
    page = render_markdown(build_matrix([world.shard(), world.shard("keras-jax-cpu")], world.registry))
    for title in ("Claims", "The same claims in other environments"):
        rows = tables(section(page, title))[-1]
        assert [cell.strip() for cell in rows[0][:2]] == ["claim", "answer"]


def test_a_reason_that_was_cut_can_be_read_whole(page):
    """By the command that the section names."""
    assert "`fwconformance show CLAIM --matrix matrix.json`" in section(page, "Claims")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"record": True}, "confirmed (by record)"),
        ({"all": ["train.sgd", {"record": True}]}, "confirmed (by record and measured)"),
        ({"any": ["train.sgd", {"record": True}]}, "confirmed"),
    ],
)
def test_an_answer_says_whether_it_was_measured_too(world, rule, words):
    """By record alone nothing was run."""
    (record,) = world.registry.records["keras.origin", Era.Y2020]
    claim = attrs.evolve(world.registry.claims["keras.origin"], rule=parse_rule(rule))
    small = world.with_registry(
        claims={claim.id: claim},
        records={(claim.id, Era.CURRENT): (attrs.evolve(record, era=Era.CURRENT),)},
    )
    page = render_markdown(build_matrix([small.shard()], small.registry))
    assert f"| `keras.origin` | {words} | current |" in page


def test_every_cell_that_is_not_supported_has_its_reason_and_command(matrix, page):
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


def test_statuses_are_words(matrix, page):
    """Not symbols or colours alone."""
    rows = section(page, "Capabilities by environment")
    assert "| `layers.dense` | The layers.dense | failing | supported |" in rows
    assert "| `train.sgd` | The train.sgd | partial | supported |" in rows


def test_a_column_that_nobody_reported_is_named_once(page, world):
    """It would be as wide as the others, and say nothing."""
    rows = section(page, "Capabilities by environment")
    assert "no report of them was merged: `torch-cpu`." in rows
    assert rows.count("torch-cpu") == 1
    nothing = render_markdown(build_matrix([], world.registry, expected_environments=["torch-cpu"]))
    assert not tables(section(nothing, "Capabilities by environment"))


def test_what_was_not_asked_for_is_one_line_a_column(world):
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


def test_what_means_nothing_there_is_one_row_a_reason(world):
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


def test_each_column_says_versions_date_machine_profile_and_seed(world, page):
    """And whether it decides claims."""
    environments = section(page, "Environments")
    for words in ("keras 3.15.1", "2026-11-22T20:00:00Z", escape(world.label), "profile standard", "seed 20200101"):
        assert words in environments
    assert "pinned, decides no claim: keras is 3.0.0, keras-jax-cpu expects 3.15.1" in environments
    assert "no report from torch-cpu" in environments


def test_a_column_of_a_library_is_not_taken_for_its_frameworks(world):
    """The era is the library's, whatever framework it needs; a pinned one says why."""
    environments = dict(world.registry.environments)
    for name, changes in {
        "search-cpu": {},
        "search-today-cpu": {"era": Era.PINNED, "note": "Beside | today's."},
    }.items():
        environments[name] = attrs.evolve(environments["keras-cpu"], name=name, subject="overall", **changes)
    small = world.with_registry(environments=environments)
    matrix = build_matrix([small.shard(name) for name in ("search-cpu", "search-today-cpu")], small.registry)
    environments = section(render_markdown(matrix), "Environments")
    assert "| search-cpu | overall (current) on keras on tensorflow (cpu)<br>" in environments
    assert r"pinned, decides no claim: Beside \| today's." in environments


def test_a_pinned_column_of_an_older_document_may_not_say_why(world):
    """Then nothing stands there that was cut off."""
    matrix = build_matrix([world.shard("keras-jax-cpu", versions={"keras": "3.0.0"})], world.registry)
    (column,) = matrix.columns
    page = render_markdown(attrs.evolve(matrix, columns=(attrs.evolve(column, era_reason=""),)))
    assert "pinned, decides no claim |" in section(page, "Environments")


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


def test_where_no_faults_were_planted_the_proofs_say_so(page, world):
    """The reader does not have to compare two lists; what was not run needs none."""
    part = section(page, "Proof that the tests can fail")
    assert "| keras-jax-cpu | none planted | - | - |" in part
    assert "torch-cpu" not in part
    plain = section(render_markdown(build_matrix([world.shard()], world.registry)), "Proof that the tests can fail")
    assert "| keras-cpu | none planted | - | - |" in plain


def test_records_have_their_sources(page):
    """With a link and both dates."""
    part = section(page, "Records")
    assert "[Keras' repository](https://example.org/keras) (2015-03-27)" in part
    assert "| supports, strong |" in part
    assert "not counted |" not in part


def test_a_record_beside_a_rule_that_tests_decide_is_said_to_be_beside_it(world):
    """It is shown, and changes nothing."""
    (record,) = world.registry.records["keras.origin", Era.Y2020]
    rule = {"all": ["train.sgd", {"any": ["layers.dense", "backend.own"]}]}
    claim = attrs.evolve(world.registry.claims["keras.origin"], rule=parse_rule(rule))
    small = world.with_registry(claims={claim.id: claim}, records={(claim.id, record.era): (record,)})
    part = section(render_markdown(build_matrix([], small.registry)), "Records")
    assert "| supports, strong<br>beside the rule: shown, not counted |" in part


def test_what_duels_compare_is_not_listed_without_a_test(world):
    """Its ratios are measured, by no case."""
    paired = attrs.evolve(world.registry.capabilities["device.many"], id=PAIRED_TIME)
    small = world.with_registry(capabilities={**world.registry.capabilities, PAIRED_TIME: paired})
    part = section(render_markdown(build_matrix([], small.registry)), "Capabilities without a test yet")
    assert "`device.many`" in part
    assert PAIRED_TIME not in part


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
