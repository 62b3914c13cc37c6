"""Building the matrix: cells, columns, eras, and what it says of what is not there."""

from __future__ import annotations

import json
import random

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.evidence import CaseState, Era, Level, Outcome, Profile, ShownBy, Status
from fwconformance.matrix import PAIRED_TIME, MergeError, build_matrix, matrix_from_json, new_faults, stale_findings
from fwconformance.registry import Inapplicable

FAILED = {"outcome": Outcome.FAILED, "message": "outputs differ"}


def test_each_case_that_passes_makes_its_cells_supported(world):
    """The plain case."""
    matrix = build_matrix([world.shard()], world.registry)
    cell = matrix.cell("layers.dense", "keras-cpu")
    assert (cell.status, cell.level, cell.reason) == (Status.SUPPORTED, Level.HARDWARE, "")
    assert [case.state for case in cell.cases] == [CaseState.PASSED, CaseState.PASSED, CaseState.NOT_IN_PROFILE]


def test_a_cell_keeps_figures_attempts_and_messages(world):
    """What earned it can be looked up."""
    outcomes = {("train.sgd", "three-steps"): [{"outcome": Outcome.CRASHED, "message": "SIGSEGV"}, Outcome.PASSED]}
    cell = build_matrix([world.shard(outcomes=outcomes)], world.registry).cell("train.sgd", "keras-cpu")
    case = next(case for case in cell.cases if case.case == "three-steps")
    assert [attempt.outcome for attempt in case.attempts] == [Outcome.CRASHED, Outcome.PASSED]
    assert case.attempts[0].message == "SIGSEGV"
    assert case.figures["largest error"].unit == "1"
    assert cell.notes == ("three-steps: crashed (SIGSEGV) in the run, passed alone",)


def test_a_planned_capability_has_no_test_yet(world):
    """In every column."""
    cell = build_matrix([world.shard()], world.registry).cell("device.many", "keras-cpu")
    assert (cell.status, cell.reason, cell.cases) == (Status.UNTESTED, "no test yet", ())


def test_what_duels_compare_is_not_without_a_test(world):
    """No case shows it, in any column."""
    paired = attrs.evolve(world.registry.capabilities["device.many"], id=PAIRED_TIME)
    small = world.with_registry(capabilities={**world.registry.capabilities, PAIRED_TIME: paired})
    cell = build_matrix([small.shard()], small.registry).cell(PAIRED_TIME, "keras-cpu")
    assert (cell.status, cell.cases) == (Status.UNTESTED, ())
    assert cell.reason == "compared by duels, not by a case: see the claims that rest on it"


@pytest.mark.parametrize("shown_by", list(ShownBy))
def test_a_capability_says_which_of_its_cases_show_it(world, shown_by):
    """As the registry does."""
    changed = attrs.evolve(world.registry.capabilities["train.sgd"], shown_by=shown_by)
    registry = attrs.evolve(world.registry, capabilities={"train.sgd": changed}, claims={})
    (row,) = build_matrix([], registry).capabilities
    assert row.shown_by == shown_by.value


def test_an_inapplicable_cell_has_the_registrys_reason(world):
    """Declared there, not by an adapter."""
    cell = build_matrix([world.shard("torch-cpu")], world.registry).cell("backend.own", "torch-cpu")
    assert (cell.status, cell.reason) == (Status.INAPPLICABLE, "it is its own")


def test_a_variant_that_is_inapplicable_is_not_missed(world):
    """The cell is that of the other cases, and does not list it."""
    shard, entry = world.shard(outcomes={("train.sgd", "nesterov"): None}), world.registry.capabilities["train.sgd"]
    assert build_matrix([shard], world.registry).cell("train.sgd", "keras-cpu").status is Status.PARTIAL
    without = Inapplicable(framework="keras", backend=None, reason="not there", case="nesterov")
    registry = attrs.evolve(
        world.registry,
        capabilities={**world.registry.capabilities, entry.id: attrs.evolve(entry, inapplicable=(without,))},
    )
    cell = build_matrix([shard], registry).cell("train.sgd", "keras-cpu")
    assert (cell.status, [case.case for case in cell.cases]) == (Status.SUPPORTED, ["three-steps"])


@pytest.mark.parametrize(
    ("outcome", "status", "reason"),
    [
        ("started", Status.UNTESTED, "three-steps: interrupted: it started and never ended"),
        (None, Status.UNTESTED, "three-steps: missing: the run reported nothing for it"),
        (Outcome.UNAVAILABLE, Status.UNTESTED, "three-steps: it unavailable"),
        (FAILED, Status.FAILING, "three-steps: failed: outputs differ"),
    ],
)
def test_what_is_not_supported_says_why(world, outcome, status, reason):
    """In words."""
    shard = world.shard(outcomes={("train.sgd", "three-steps"): outcome})
    cell = build_matrix([shard], world.registry).cell("train.sgd", "keras-cpu")
    assert (cell.status, cell.reason) == (status, reason.replace("three-steps: ", "", 1))


def test_what_an_unfinished_run_never_reached_says_so(world):
    """It may be run with `--resume`."""
    shard = world.shard(outcomes={("train.sgd", "three-steps"): None}, ended=None)
    cell = build_matrix([shard], world.registry).cell("train.sgd", "keras-cpu")
    assert cell.reason == "missing: the run did not come to its end"


def test_a_required_case_outside_the_profile_is_untested(world):
    """With the profile's name."""
    cell = build_matrix([world.shard(profile="smoke")], world.registry).cell("layers.dense", "keras-cpu")
    assert (cell.status, cell.reason) == (Status.UNTESTED, "gradients: not in profile smoke")


def test_an_expected_environment_without_a_shard_has_a_column(world):
    """Every cell of it untested: no report."""
    matrix = build_matrix([world.shard()], world.registry, expected_environments=["keras-cpu", "torch-cpu"])
    column = matrix.column("torch-cpu")
    assert (column.reported, column.framework, column.era) == (False, "pytorch", Era.CURRENT)
    cell = matrix.cell("train.sgd", "torch-cpu")
    assert (cell.status, cell.reason) == (Status.UNTESTED, "no report from torch-cpu")


def test_an_expected_environment_that_nobody_declared_is_an_error(world):
    """It names those that are."""
    with pytest.raises(MergeError, match=r"'torch-gpuu' is not declared; declared are: .*keras-cpu"):
        build_matrix([], world.registry, expected_environments=["torch-gpuu"])


def test_a_matrix_of_nothing_still_has_every_claim(world):
    """Each untested, with a reason."""
    matrix = build_matrix([], world.registry)
    assert {claim.id for claim in matrix.claims} == set(world.registry.claims)
    assert all(claim.headline(era).reason for claim in matrix.claims for era in ("2020", "current"))


@pytest.mark.parametrize(
    ("environment", "header", "command"),
    [
        ("keras-jax-cpu", {}, "fwconformance run --framework keras --backend jax --only train.sgd"),
        ("torch-cpu", {}, "fwconformance run --framework pytorch --only train.sgd"),
        (
            "keras-gpu",
            {"profile": "full"},
            "fwconformance run --framework keras --backend tensorflow --device cuda --only train.sgd",
        ),
        (
            "torch-cpu",
            {"profile": "smoke"},
            "fwconformance run --framework pytorch --profile smoke --only train.sgd",
        ),
    ],
)
def test_each_cell_names_the_command_that_runs_it_again(world, environment, header, command):
    """By ids, never by a path or a node id."""
    matrix = build_matrix([world.shard(environment, **header)], world.registry)
    assert matrix.cell("train.sgd", environment).rerun == command


@pytest.mark.parametrize(
    ("profiles", "named"),
    [
        (["standard"], ""),
        (["full"], " --profile full"),
        (["standard", "full"], " --profile full"),
        (["smoke"], " --profile smoke"),
    ],
)
def test_the_command_runs_every_case_that_was_run(world, profiles, named):
    """A variant of the profile full, say; what only smaller runs were to run is run by the profile that holds it."""
    only = [("layers.dense",) if profile == "full" else () for profile in profiles]
    shards = [
        world.shard("torch-cpu", run=f"run-{profile}", profile=profile, only=limited)
        for profile, limited in zip(profiles, only)
    ]
    command = build_matrix(shards, world.registry, latest=True).cell("layers.dense", "torch-cpu").rerun
    assert command == f"fwconformance run --framework pytorch{named} --only layers.dense"


def test_a_cell_that_nobody_asked_for_is_run_by_the_profile_that_holds_it(world):
    small = world.with_registry(
        capabilities={
            **world.registry.capabilities,
            "train.sgd": attrs.evolve(
                world.registry.capabilities["train.sgd"],
                cases=tuple(
                    attrs.evolve(case, profile=Profile.FULL) for case in world.registry.capabilities["train.sgd"].cases
                ),
            ),
        }
    )
    matrix = build_matrix([small.shard("torch-cpu")], small.registry)
    assert matrix.cell("train.sgd", "torch-cpu").rerun.endswith(" --profile full --only train.sgd")


def test_the_command_names_an_environment_that_is_not_the_default(world):
    """Of several with one framework, backend and device the command alone would take another's name."""
    environments = dict(world.registry.environments)
    for name, changes in {"search-cpu": {"subject": "overall"}, "keras-old-cpu": {"era": Era.PINNED}}.items():
        environments[name] = attrs.evolve(environments["keras-cpu"], name=name, **changes)
    small = world.with_registry(environments=environments)
    shards = [small.shard(name) for name in ("keras-cpu", "keras-jax-cpu", "search-cpu", "keras-old-cpu")]
    del environments["keras-jax-cpu"]  # somebody's own
    matrix = build_matrix(shards, attrs.evolve(small.registry, environments=environments, claims={}))
    commands = {
        name: matrix.cell("train.sgd", name).rerun for name in (column.environment for column in matrix.columns)
    }
    plain = "fwconformance run --framework keras --backend"
    assert commands == {
        "keras-cpu": f"{plain} tensorflow --only train.sgd",
        "keras-jax-cpu": f"{plain} jax --environment keras-jax-cpu --only train.sgd",
        "keras-old-cpu": f"{plain} tensorflow --environment keras-old-cpu --only train.sgd",
        "search-cpu": f"{plain} tensorflow --environment search-cpu --only train.sgd",
    }


def test_a_column_of_a_library_names_it(world):
    """Its era is the library's; reported or only expected."""
    library = attrs.evolve(world.registry.environments["keras-jax-cpu"], subject="overall")
    small = world.with_registry(environments={**world.registry.environments, library.name: library})
    for shards in ([], [small.shard(library.name)]):
        matrix = build_matrix(shards, small.registry, expected_environments=[library.name, "torch-cpu"])
        assert [column.subject for column in matrix.columns] == ["overall", ""]


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (
            "Export alone: it takes no Keras from 3.16 on. It decides no claim.",
            "Export alone: it takes no Keras from 3.16 on.",
        ),
        ("", "declared with keras 3.15.1"),
    ],
)
def test_a_column_that_is_declared_as_pinned_says_why(world, note, reason):
    """By the registry's note or, without one, by its versions; reported or only expected."""
    pinned = attrs.evolve(world.registry.environments["keras-jax-cpu"], era=Era.PINNED, note=note)
    small = world.with_registry(environments={**world.registry.environments, pinned.name: pinned})
    for shards in ([], [small.shard(pinned.name)]):
        column = build_matrix(shards, small.registry, expected_environments=[pinned.name]).column(pinned.name)
        assert (column.era, column.era_reason) == (Era.PINNED, reason)


def test_other_versions_than_declared_pin_the_column(world):
    """It decides no claim, and says why."""
    matrix = build_matrix([world.shard(versions={"keras": "3.0.0"})], world.registry)
    column = matrix.column("keras-cpu")
    assert (column.era, column.era_reason) == (Era.PINNED, "keras is 3.0.0, keras-cpu expects 3.15.1")
    verdict = matrix.claim("keras.layers").headline("current")
    assert verdict.answer.value == "untested"
    assert verdict.reason == f"keras-cpu decides no claim: {column.era_reason}"


def test_two_machines_are_two_columns(world):
    """A look-up then asks which."""
    shards = [world.shard(), world.shard(label="another box", run="2", path="two.jsonl")]
    matrix = build_matrix(shards, world.registry)
    assert [column.label for column in matrix.columns] == [world.label, "another box"]
    with pytest.raises(ValueError, match="name one of the labels"):
        matrix.cell("train.sgd", "keras-cpu")
    assert matrix.cell("train.sgd", "keras-cpu", "another box").status is Status.SUPPORTED


def test_one_environment_and_label_cannot_be_two_things(world):
    """The look-up would be of either."""
    shards = [world.shard(), world.shard(backend="jax", run="2")]
    with pytest.raises(MergeError, match="was reported as keras jax cpu and as keras tensorflow cpu"):
        build_matrix(shards, world.registry)


def test_new_faults_are_those_without_a_finding(world):
    """A known finding does not fail a run; a variant's failure does, and so does a crash."""
    outcomes = {
        ("layers.dense", "gradients"): {**FAILED, "finding": "keras-dense-nan"},
        ("train.sgd", "nesterov"): FAILED,
        ("backend.own", "tensors"): Outcome.CRASHED,
        ("train.sgd", "three-steps"): Outcome.UNSUPPORTED,
    }
    matrix = build_matrix([world.shard(outcomes=outcomes)], world.registry)
    faults = [(cell.capability, case.case) for cell, case in new_faults(matrix)]
    assert faults == [("backend.own", "tensors"), ("train.sgd", "nesterov")]
    assert matrix.cell("layers.dense", "keras-cpu").findings == ("keras-dense-nan",)


def test_a_crash_that_does_not_come_again_is_no_new_fault(world):
    """The run alone decides."""
    outcomes = {("train.sgd", "three-steps"): [Outcome.CRASHED, Outcome.PASSED]}
    assert new_faults(build_matrix([world.shard(outcomes=outcomes)], world.registry)) == ()


def test_proofs_and_findings_keep_where_they_are_from(world):
    """Each with its column."""
    proof = {
        "sabotage": "ignored-bias",
        "capability": "layers.dense",
        "case": "forward",
        "killed": True,
        "message": "m",
    }
    finding = {"id": "keras-dense-nan", "reproduced": False, "message": "it is gone"}
    matrix = build_matrix([world.shard(proofs=[proof], findings=[finding])], world.registry)
    assert [(each.environment, each.sabotage, each.killed) for each in matrix.proofs] == [
        ("keras-cpu", "ignored-bias", True)
    ]
    (row,) = matrix.findings
    assert [(check.environment, check.reproduced) for check in row.checks] == [("keras-cpu", False)]


@pytest.mark.parametrize("reproduced", [True, False])
def test_a_finding_that_no_longer_reproduces_is_stale(world, reproduced):
    """The ledger of known faults may not rot."""
    finding = {"id": "keras-dense-nan", "reproduced": reproduced, "message": "m"}
    stale = stale_findings(build_matrix([world.shard(findings=[finding])], world.registry))
    assert [(row.id, check.environment) for row, check in stale] == (
        [] if reproduced else [("keras-dense-nan", "keras-cpu")]
    )


def some_shards(world, drawn):
    """A shard of each environment, with the outcomes drawn."""
    pairs = [(capability.id, case.id) for capability in world.registry.active() for case in capability.cases]
    shards = []
    for number, (environment, outcomes) in enumerate(sorted(drawn.items())):
        given_outcomes = dict(zip(pairs, outcomes))
        started = f"2026-11-22T20:00:{number:02d}Z"
        shards.append(world.shard(environment, given_outcomes, started=started))
    return shards


OUTCOMES = st.lists(st.sampled_from([*Outcome, "started", None]), min_size=6, max_size=6)
DRAWN = st.dictionaries(st.sampled_from(["keras-cpu", "keras-jax-cpu", "torch-cpu", "torch-2020-cpu"]), OUTCOMES)


@settings(max_examples=40)
@given(DRAWN, st.randoms(use_true_random=False))
def test_the_bytes_depend_on_neither_order_nor_names(small_world, drawn, generator: random.Random):
    """Shuffled, renamed and given twice, the same shards give the same bytes."""
    shards = some_shards(small_world, drawn)
    text = build_matrix(shards, small_world.registry, expected_environments=["keras-cpu"]).dumps()
    others = [attrs.evolve(shard, path=f"elsewhere/{generator.random()}.jsonl") for shard in shards + shards[:1]]
    generator.shuffle(others)
    assert build_matrix(others, small_world.registry, expected_environments=["keras-cpu"]).dumps() == text


@settings(max_examples=40)
@given(DRAWN)
def test_a_matrix_reads_back_as_it_was(small_world, drawn):
    """JSON out and in gives an equal matrix and the same bytes."""
    matrix = build_matrix(some_shards(small_world, drawn), small_world.registry)
    again = matrix_from_json(json.loads(matrix.dumps()))
    assert again == matrix
    assert again.dumps() == matrix.dumps()


def test_the_document_has_sorted_keys_and_no_paths(world):
    """Nothing of the machine that merged gets in."""
    text = build_matrix([world.shard(path="/home/somebody/keras.jsonl")], world.registry).dumps()
    assert "somebody" not in text
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=1, ensure_ascii=False) + "\n"
