"""Merging shards: duplicates, conflicts, and shards that are unfit."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.evidence import CaseState, Outcome, Status
from fwconformance.matrix import MatrixError, MergeError, Suite, build_matrix

LATER = "2026-11-22T21:00:00Z"
FAILS = {("train.sgd", "three-steps"): {"outcome": Outcome.FAILED, "message": "outputs differ"}}


def problems(world, shards, **options):
    with pytest.raises(MergeError) as caught:
        build_matrix(shards, world.registry, **options)
    return caught.value.problems


def test_an_equal_result_of_the_same_run_is_taken_once(world):
    """The same shard under two names."""
    shards = [world.shard(path="one.jsonl"), world.shard(path="two.jsonl")]
    assert build_matrix(shards, world.registry) == build_matrix(shards[:1], world.registry)


def test_parts_of_one_run_go_together(world):
    """Two halves make the whole."""
    whole = world.shard()
    halves = [attrs.evolve(whole, path=f"{place}.jsonl", observations=whole.observations[place::2]) for place in (0, 1)]
    assert build_matrix(halves, world.registry) == build_matrix([whole], world.registry)


def test_different_results_of_different_runs_are_a_conflict(world):
    """It names both files, their lines, and the case."""
    shards = [world.shard(path="one.jsonl", only=["train.sgd"])]
    shards.append(world.shard(outcomes=FAILS, path="two.jsonl", run="2", started=LATER, only=["train.sgd"]))
    said = problems(world, shards)
    assert len(said) == 2
    assert said[1].startswith("one.jsonl:2 and two.jsonl:2: both report train.sgd:three-steps")
    assert "--latest" in said[1]


def test_even_equal_results_of_different_runs_are_a_conflict(world):
    """Two runs are two pieces of evidence, and nobody said which is meant."""
    shards = [world.shard(), world.shard(run="2", started=LATER)]
    assert "from different runs" in problems(world, shards)[0]


@pytest.mark.parametrize("reverse", [False, True])
def test_latest_takes_the_later_run(world, reverse):
    """Whatever the order that they are given in."""
    shards = [world.shard(), world.shard(outcomes=FAILS, run="2", started=LATER)]
    matrix = build_matrix(shards[::-1] if reverse else shards, world.registry, latest=True)
    assert matrix.cell("train.sgd", "keras-cpu").status is Status.FAILING
    assert [run.run for run in matrix.column("keras-cpu").runs] == ["run of keras-cpu", "2"]


def test_latest_keeps_what_only_the_earlier_run_has(world):
    """A later run of one capability does not blank the rest."""
    shards = [world.shard(), world.shard(outcomes=FAILS, run="2", started=LATER, only=["train.sgd"])]
    matrix = build_matrix(shards, world.registry, latest=True)
    assert matrix.cell("train.sgd", "keras-cpu").status is Status.FAILING
    assert matrix.cell("layers.dense", "keras-cpu").status is Status.SUPPORTED


def test_a_wider_run_of_one_capability_asks_for_no_others(world):
    """What the first run's profile leaves out is not missing since a full run of something else was merged."""
    shards = [
        world.shard(only=["layers.dense", "rnn.lstm"]),
        world.shard(profile="full", run="2", started=LATER, only=["train.sgd"]),
    ]
    cell = build_matrix(shards, world.registry).cell("layers.dense", "keras-cpu")
    assert cell.status is Status.SUPPORTED
    assert [case.state for case in cell.cases] == [CaseState.PASSED, CaseState.PASSED, CaseState.NOT_IN_PROFILE]
    assert build_matrix(shards, world.registry).cell("train.sgd", "keras-cpu").status is Status.SUPPORTED


def test_latest_never_mixes_the_attempts_of_two_runs(world):
    """The later run's single attempt replaces both of the earlier."""
    twice = {("train.sgd", "three-steps"): [Outcome.CRASHED, Outcome.PASSED]}
    shards = [world.shard(outcomes=twice), world.shard(run="2", started=LATER)]
    cell = build_matrix(shards, world.registry, latest=True).cell("train.sgd", "keras-cpu")
    assert cell.notes == ()
    assert [len(case.attempts) for case in cell.cases] == [1, 1]


def test_one_run_that_contradicts_itself_is_refused_even_with_latest(world):
    """One of the files was edited."""
    shards = [world.shard(path="one.jsonl"), world.shard(outcomes=FAILS, path="two.jsonl")]
    assert "of one run, and differ" in problems(world, shards, latest=True)[0]


def test_one_run_with_two_headers_is_refused(world):
    """A header cannot change within a run."""
    shards = [world.shard(path="one.jsonl"), world.shard(path="two.jsonl", seed=1)]
    assert "headers differ" in problems(world, shards)[0]


def test_a_mutants_shard_is_refused(world):
    """It is no evidence about the framework."""
    (said,) = problems(world, [world.shard(mutant="lstm-ignores-forget-gate", path="m.jsonl")])
    assert said.startswith("m.jsonl: was made with the fault 'lstm-ignores-forget-gate' switched on")


@pytest.mark.parametrize(
    ("capability", "case", "words"),
    [
        ("layers.none", "forward", "unknown capability 'layers.none'"),
        ("layers.dense", "sideways", "layers.dense has no case 'sideways', only forward, gradients, wide"),
        ("device.many", "forward", "device.many, which is planned"),
    ],
)
def test_what_the_registry_does_not_know_is_named_with_file_and_line(world, capability, case, words):
    """With what to do."""
    shard = world.shard(path="one.jsonl", only=["train.sgd"])
    odd = world.observation(shard.header.key(capability, case), Outcome.PASSED)
    shard = attrs.evolve(
        shard, observations=(*shard.observations, odd), lines={**shard.lines, (capability, case, 1): 7}
    )
    (said,) = problems(world, [shard])
    assert said.startswith("one.jsonl:7: ")
    assert words in said


def test_an_unknown_finding_is_an_error(world):
    """A failure cannot be excused by nothing."""
    outcomes = {("train.sgd", "three-steps"): {"outcome": Outcome.FAILED, "finding": "no-such"}}
    assert "unknown finding 'no-such'" in problems(world, [world.shard(outcomes=outcomes)])[0]


def test_an_unknown_profile_is_an_error(world):
    """A header says what was run."""
    shard = world.shard()
    shard = attrs.evolve(shard, header=attrs.evolve(shard.header, profile="huge"))
    assert "unknown profile 'huge'" in problems(world, [shard])[0]


def test_mixed_suites_need_to_be_allowed_and_mark_the_column(world):
    """The older column says that it is of another revision."""
    old = world.shard("torch-cpu", path="old.jsonl", suite_content="sha256:" + "1" * 64)
    new = world.shard(path="new.jsonl", started=LATER)
    (said,) = problems(world, [old, new])
    assert "old.jsonl and new.jsonl: were made by different suites" in said
    assert "--allow-mixed" in said
    matrix = build_matrix([old, new], world.registry, allow_mixed=True)
    assert matrix.column("keras-cpu").mixed == ""
    assert "not by that of the newest run" in matrix.column("torch-cpu").mixed
    assert len(matrix.suites) == 2


def test_one_column_of_two_revisions_says_so(world):
    """Where a later run filled a part of it."""
    old = world.shard(suite_content="sha256:" + "1" * 64)
    new = world.shard(run="2", started=LATER, only=["train.sgd"])
    matrix = build_matrix([old, new], world.registry, allow_mixed=True, latest=True)
    assert "several suite revisions" in matrix.column("keras-cpu").mixed


def test_one_revision_that_is_not_this_registrys_is_kept(world):
    """The matrix says which suites made it; nothing is reinterpreted."""
    matrix = build_matrix([world.shard(suite_version="0.0.9")], world.registry)
    assert [suite.version for suite in matrix.suites] == ["0.0.9"]


def test_one_column_of_different_versions_is_refused(world):
    """A column is one set of versions."""
    other = world.shard(run="2", started=LATER, only=["train.sgd"], versions={"keras": "3.15.1", "numpy": "1.26.4"})
    said = problems(world, [world.shard(), other], latest=True)
    assert "numpy 2.3.5 and 1.26.4" in said[0]


def test_proofs_that_disagree_are_a_conflict(world):
    """Unless the latest was asked for."""
    proof = {"sabotage": "s", "capability": "train.sgd", "case": "three-steps", "killed": True, "message": ""}
    one = world.shard(path="one.jsonl", proofs=[proof])
    other = world.shard(path="two.jsonl", run="2", started=LATER, only=["-"], proofs=[{**proof, "killed": False}])
    assert "disagree on whether s is caught by train.sgd:three-steps" in problems(world, [one, other])[0]
    (kept,) = build_matrix([one, other], world.registry, latest=True).proofs
    assert kept.killed is False


def test_every_problem_is_said_at_once_and_the_rest_counted(world):
    """Nobody wants to learn of them one by one; nor of thousands."""
    shard = world.shard(only=["-"])
    odd = tuple(world.observation(shard.header.key(f"x.y{n}", "z"), Outcome.PASSED) for n in range(50))
    with pytest.raises(MatrixError) as caught:
        build_matrix([attrs.evolve(shard, observations=odd)], world.registry)
    assert len(caught.value.problems) == 50
    assert str(caught.value).splitlines()[-1] == "... and 30 more"


NEW = Suite(version="0.1.0", content="sha256:" + "2" * 64)


def test_shards_of_another_revision_than_the_judging_one_need_to_be_allowed(world):
    """Even where all shards are of one revision: the rules that judge them are others."""
    shards = [world.shard(path="one.jsonl"), world.shard("torch-cpu", path="two.jsonl")]
    said = problems(world, shards, judged_by=NEW)
    assert [words.split(": ")[0] for words in said] == ["one.jsonl", "two.jsonl"]
    assert (
        "was run with suites 0.1.0 (sha256:000000000000) and would be judged by 0.1.0 (sha256:222222222222)" in said[0]
    )
    assert said[0].endswith("run it again, or allow it with --allow-mixed")


def test_a_column_of_another_revision_than_the_judging_one_is_marked(world):
    """And one of the judging revision is not, whichever run is the newest."""
    old = world.shard("torch-cpu", started=LATER)
    new = world.shard(suite_content=NEW.content)
    matrix = build_matrix([old, new], world.registry, allow_mixed=True, judged_by=NEW)
    assert matrix.judged_by == NEW
    assert matrix.column("keras-cpu").mixed == ""
    words = "run with suites 0.1.0 (sha256:000000000000), judged by 0.1.0 (sha256:222222222222)"
    assert matrix.column("torch-cpu").mixed == words


def test_shards_of_the_judging_revision_are_not_marked(world):
    """Nor need they be allowed; the matrix says who judged."""
    judge = Suite(version="0.1.0", content=world.suite)
    matrix = build_matrix([world.shard()], world.registry, judged_by=judge)
    assert (matrix.judged_by, matrix.suites, matrix.column("keras-cpu").mixed) == (judge, (judge,), "")


def test_another_version_of_the_program_is_another_revision(world):
    """Its rules may differ though its suites do not."""
    judge = Suite(version="0.2.0", content=world.suite)
    assert "judged by 0.2.0" in problems(world, [world.shard()], judged_by=judge)[0]


def test_a_passed_observation_without_a_level_is_refused_with_file_and_line(world):
    """It would make a supported cell that says nothing of its evidence."""
    shard = world.shard(
        path="one.jsonl", outcomes={("train.sgd", "nesterov"): {"outcome": Outcome.PASSED, "level": None}}
    )
    (said,) = problems(world, [shard])
    line = shard.lines["train.sgd", "nesterov", 1]
    assert said.startswith(f"one.jsonl:{line}: train.sgd:nesterov passed, and has no level")
    assert "a passed observation must say how strong the evidence is" in said
