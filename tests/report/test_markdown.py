"""The Markdown page."""

from __future__ import annotations

import datetime as dt
import time

import attrs
import pytest

from fwconformance.evidence import Era, Outcome
from fwconformance.matrix import PAIRED_TIME, Suite, build_matrix
from fwconformance.report import render_markdown
from fwconformance.report._tables import escape


def test_every_row_has_as_many_cells_as_its_heading(page, tables):
    """Bars in reasons and texts do not break a table."""
    assert len(tables(page)) > 8
    for rows in tables(page):
        assert {len(row) for row in rows} == {len(rows[0])}


def test_each_column_says_versions_date_machine_profile_and_seed(world, page, section):
    """And whether it decides claims."""
    environments = section(page, "Environments")
    for words in ("keras 3.15.1", "2026-11-22T20:00:00Z", escape(world.label), "profile standard", "seed 20200101"):
        assert words in environments
    assert "pinned, decides no claim: keras is 3.0.0, keras-jax-cpu expects 3.15.1" in environments
    assert "no report from torch-cpu" in environments


def test_a_column_of_a_library_is_not_taken_for_its_frameworks(world, section):
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


def test_a_pinned_column_of_an_older_document_may_not_say_why(world, section):
    """Then nothing stands there that was cut off."""
    matrix = build_matrix([world.shard("keras-jax-cpu", versions={"keras": "3.0.0"})], world.registry)
    (column,) = matrix.columns
    page = render_markdown(attrs.evolve(matrix, columns=(attrs.evolve(column, era_reason=""),)))
    assert "pinned, decides no claim |" in section(page, "Environments")


def test_a_run_that_was_limited_is_said_to_be_so(world, section):
    """Its profile alone would say that it ran everything."""
    page = render_markdown(build_matrix([world.shard(only=("train.sgd", "layers.dense:forward"))], world.registry))
    assert "profile standard, limited to 2 capabilities or cases, seed" in section(page, "Environments")
    assert "limited to" not in render_markdown(build_matrix([world.shard()], world.registry))


def test_a_run_that_did_not_end_is_said_to_be_so(world):
    """Its column is not the whole."""
    assert "did not come to its end" in render_markdown(build_matrix([world.shard(ended=None)], world.registry))


def test_what_html_and_markdown_would_read_is_escaped(page):
    """A message cannot change the page."""
    assert "<b>" not in page
    assert r"outputs differ at \[0, 1\] \| &lt;b&gt;far&lt;/b&gt;" in page


def test_known_findings_name_their_program_and_whether_it_still_shows_them(page, section):
    """And the cell names the finding."""
    assert "known finding: keras-dense-nan" in page
    part = section(page, "Known findings")
    assert "`fixtures/findings/keras_dense_nan.py`<br>keras-cpu: still there" in part


def test_a_fault_that_was_not_caught_is_named(page):
    """It means that a test cannot fail."""
    assert "| keras-cpu | 2 | 1 | no-step by train.sgd:three-steps (it stood) |" in page


def test_where_no_faults_were_planted_the_proofs_say_so(page, world, section):
    """The reader does not have to compare two lists; what was not run needs none."""
    part = section(page, "Proof that the tests can fail")
    assert "| keras-jax-cpu | none planted | - | - |" in part
    assert "torch-cpu" not in part
    plain = section(render_markdown(build_matrix([world.shard()], world.registry)), "Proof that the tests can fail")
    assert "| keras-cpu | none planted | - | - |" in plain


def test_what_duels_compare_is_not_listed_without_a_test(world, section):
    """Its ratios are measured, by no case."""
    paired = attrs.evolve(world.registry.capabilities["device.many"], id=PAIRED_TIME)
    small = world.with_registry(capabilities={**world.registry.capabilities, PAIRED_TIME: paired})
    part = section(render_markdown(build_matrix([], small.registry)), "Capabilities without a test yet")
    assert "`device.many`" in part
    assert PAIRED_TIME not in part


def test_new_faults_are_announced_at_the_top(page):
    """Two, by name: the variant and the broken case; the excused one is known."""
    top = page.split("\n## ", 1)[0]
    assert "**2 new cases failed, broke, crashed or timed out**" in top
    assert "- keras-cpu: `backend.own:tensors`\n- keras-cpu: `train.sgd:nesterov`" in top


def test_of_many_new_faults_twenty_are_named(world):
    names = [f"train.sgd{number:02}" for number in range(22)]
    one = world.registry.capabilities["backend.own"]
    small = world.with_registry(capabilities={name: attrs.evolve(one, id=name) for name in names}, claims={})
    broken = {(name, "tensors"): Outcome.BROKEN for name in names}
    top = render_markdown(build_matrix([small.shard(outcomes=broken)], small.registry)).split("\n## ", 1)[0]
    assert "**22 new cases" in top
    assert top.count("- keras-cpu: `") == 20
    assert "\n- and 2 more" in top


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
    assert f"6 claims and 3 capabilities were judged in {words}." in page


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


def test_the_same_matrix_gives_the_same_page(matrix, page, monkeypatch):
    """It reads no clock."""

    def refused(*_):
        raise AssertionError("a clock was read")

    for name in ("time", "gmtime", "localtime", "strftime"):
        monkeypatch.setattr(time, name, refused)
    monkeypatch.setattr(dt, "datetime", None)
    monkeypatch.setattr(dt, "date", None)
    assert render_markdown(matrix) == page


def test_a_matrix_of_nothing_still_renders(world):
    """Every claim is there, untested."""
    page = render_markdown(build_matrix([], world.registry))
    assert "| `keras.layers` |" in page
    assert "no report from keras-cpu" in page
