"""Which verdicts a claim gets, and of which column each speaks."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.evidence import Era, Figure, Level, Outcome
from fwconformance.matrix import PAIRED_TIME, build_matrix
from fwconformance.registry import Primary, parse_rule
from fwconformance.verdicts import Answer, Indication, MeasuredRatio

FAILED = {"outcome": Outcome.FAILED, "message": "outputs differ"}
LATER = "2026-11-22T21:00:00Z"


def test_the_headline_speaks_of_the_primary_environment_alone(world):
    """A better result on another backend does not help."""
    shards = [world.shard(outcomes={("train.sgd", "three-steps"): FAILED}), world.shard("keras-jax-cpu")]
    claim = build_matrix(shards, world.registry).claim("keras.layers")
    headline = claim.headline("current")
    assert (headline.answer, headline.environment, headline.scope) == (Answer.PARTLY, "keras-cpu", ("keras-cpu",))
    (beside,) = claim.beside("current")
    assert (beside.answer, beside.environment, beside.headline) == (Answer.CONFIRMED, "keras-jax-cpu", False)


def test_an_environment_of_a_library_says_nothing_of_the_framework(world):
    """It pins the framework: the framework's claims look elsewhere, those about the library look there."""
    library = attrs.evolve(world.registry.environments["keras-jax-cpu"], subject="overall")
    small = world.with_registry(environments={**world.registry.environments, library.name: library})
    matrix = build_matrix([small.shard(), small.shard("keras-jax-cpu")], small.registry)
    assert matrix.claim("keras.layers").beside("current") == ()


def test_every_claim_has_one_headline_in_each_era(world):
    """Never none, never two."""
    matrix = build_matrix([world.shard(), world.shard("torch-2020-cpu")], world.registry)
    for claim in matrix.claims:
        assert [verdict.era for verdict in claim.verdicts if verdict.headline] == [Era.Y2020, Era.CURRENT]


def test_an_era_without_an_environment_says_so(world):
    """Keras has none of 2020 here."""
    verdict = build_matrix([world.shard()], world.registry).claim("keras.layers").headline("2020")
    assert (verdict.answer, verdict.reason) == (Answer.UNTESTED, "no environment of that era yet")


def test_an_era_without_an_environment_is_still_decided_by_records(world):
    """History needs no interpreter."""
    claim = build_matrix([], world.registry).claim("keras.origin")
    assert claim.headline("2020").answer is Answer.CONFIRMED
    assert claim.headline("2020").records == ("keras.origin/2020/1",)
    assert claim.headline("current").reason == "no record"


def test_a_claim_decided_by_records_has_no_verdict_beside_it(world):
    """Records speak of no environment."""
    matrix = build_matrix([world.shard(), world.shard("keras-jax-cpu")], world.registry)
    assert matrix.claim("keras.origin").beside("current") == ()


def test_a_primary_environment_without_a_shard_is_named(world):
    """Whether it was expected or not."""
    for expected in ([], ["keras-cpu"]):
        matrix = build_matrix([], world.registry, expected_environments=expected)
        assert matrix.claim("keras.layers").headline("current").reason == "no report from keras-cpu"


def test_a_planned_capability_leaves_the_claim_without_a_test(world):
    """The missing test is what to do next, with or without a shard."""
    for shards in ([], [world.shard()]):
        matrix = build_matrix(shards, world.registry)
        assert matrix.claim("keras.many").headline("current").reason == "no test yet"


def test_a_rule_may_name_an_environment(world):
    """Beside the primary one of the claim's subject."""
    verdict = build_matrix([world.shard(), world.shard("keras-jax-cpu")], world.registry).claim("keras.on-jax")
    assert verdict.headline("current").answer is Answer.CONFIRMED
    assert verdict.headline("current").scope == ("keras-cpu", "keras-jax-cpu")


def test_a_named_environment_of_another_era_says_nothing(world):
    """What runs today is no evidence of 2020."""
    shards = [world.shard(), world.shard("keras-jax-cpu")]
    verdict = build_matrix(shards, world.registry).claim("keras.on-jax").headline("2020")
    assert "keras-jax-cpu speaks for another era, and has no counterpart in this one yet" in verdict.reason


def test_what_ran_on_a_cpu_is_no_evidence_about_a_gpu(world):
    """However well it ran."""
    claim = build_matrix([world.shard()], world.registry).claim("keras.gpu")
    assert claim.headline("current").reason == "no report from keras-gpu"
    assert claim.beside("current") == ()


def test_what_was_compiled_on_a_cpu_indicates_for_a_gpu(world):
    """Where nothing ran on one, the CPU's primary environment has the headline, with what is missing."""
    compiled = {"outcome": Outcome.PASSED, "level": Level.COMPILED}
    shard = world.shard(outcomes={("train.sgd", "three-steps"): compiled})
    claim = build_matrix([shard], world.registry).claim("keras.gpu")
    headline = claim.headline("current")
    assert (headline.answer, headline.indication, headline.environment) == (
        Answer.INDICATED,
        Indication.RIGHT,
        "keras-cpu",
    )
    assert headline.missing == "hardware evidence for train.sgd (seen: compiled)"
    assert claim.beside("current") == ()


def test_weaker_evidence_of_another_backend_stays_beside(world):
    """The headline is no best-of."""
    compiled = {"outcome": Outcome.PASSED, "level": Level.COMPILED}
    shards = [world.shard(), world.shard("keras-jax-cpu", outcomes={("train.sgd", "three-steps"): compiled})]
    claim = build_matrix(shards, world.registry).claim("keras.gpu")
    assert claim.headline("current").reason == "no report from keras-gpu"
    (beside,) = claim.beside("current")
    assert (beside.environment, beside.answer) == ("keras-jax-cpu", Answer.INDICATED)


def test_what_ran_on_the_gpu_goes_before_what_was_compiled(world):
    """Each has its verdict, and the hardware has the headline."""
    compiled = {"outcome": Outcome.PASSED, "level": Level.COMPILED}
    shards = [world.shard(outcomes={("train.sgd", "three-steps"): compiled}), world.shard("keras-gpu")]
    claim = build_matrix(shards, world.registry).claim("keras.gpu")
    assert (claim.headline("current").environment, claim.headline("current").answer) == ("keras-gpu", Answer.CONFIRMED)
    (beside,) = claim.beside("current")
    assert (beside.environment, beside.answer) == ("keras-cpu", Answer.INDICATED)


def test_what_ran_on_the_gpu_decides_about_it(world):
    """And stands beside the claims about a CPU."""
    matrix = build_matrix([world.shard("keras-gpu")], world.registry)
    assert matrix.claim("keras.gpu").headline("current").answer is Answer.CONFIRMED
    (beside,) = matrix.claim("keras.layers").beside("current")
    assert (beside.environment, beside.device, beside.answer) == ("keras-gpu", "cuda", Answer.CONFIRMED)


def test_several_machines_each_have_their_verdict(world):
    """The first by label is the headline's; the failure on the other is not hidden."""
    other = world.shard(outcomes={("train.sgd", "three-steps"): FAILED}, label="zz another box", run="2", started=LATER)
    claim = build_matrix([other, world.shard()], world.registry).claim("keras.layers")
    assert (claim.headline("current").label, claim.headline("current").answer) == (world.label, Answer.CONFIRMED)
    (beside,) = claim.beside("current")
    assert (beside.label, beside.answer) == ("zz another box", Answer.PARTLY)


def test_a_pinned_column_gets_no_verdict(world):
    """Neither the headline nor one beside it."""
    shards = [world.shard(), world.shard("keras-jax-cpu", versions={"keras": "3.0.0"})]
    assert build_matrix(shards, world.registry).claim("keras.layers").beside("current") == ()


def test_a_comparison_speaks_of_each_subjects_primary_environment(world):
    """And names them."""
    absent = {("train.sgd", case): Outcome.UNSUPPORTED for case in ("three-steps", "nesterov")}
    torch = world.shard("torch-cpu", absent)
    verdict = build_matrix([world.shard(), torch], world.registry).claim("overall.more").headline("current")
    assert (verdict.answer, verdict.scope) == (Answer.CONFIRMED, ("keras-cpu", "torch-cpu"))


RATIO = {
    "measure": "device.many",
    "of": "keras",
    "over": ["pytorch"],
    "works": ["mlp"],
    "quantity": "time",
    "above": 1.05,
}


@pytest.mark.parametrize(
    ("era", "wanted"), [("current", Answer.CONFIRMED), ("2020", Answer.UNTESTED)], ids=["its era", "another era"]
)
def test_a_measured_ratio_decides_in_its_era(world, era, wanted):
    """And in no other."""
    claim = attrs.evolve(world.registry.claims["keras.layers"], rule=parse_rule({"ratio": RATIO}))
    ratio = MeasuredRatio(
        measure="device.many",
        quantity="time",
        of="keras",
        over="pytorch",
        mode="default",
        works=("mlp",),
        era=Era.CURRENT,
        device="cpu",
        figure=Figure(value=1.2, unit="1", low=1.1, high=1.3),
        level=Level.HARDWARE,
        environments=("keras-cpu", "torch-cpu"),
    )
    small = world.with_registry(claims={claim.id: claim})
    matrix = build_matrix([small.shard()], small.registry, ratios=[ratio])
    assert matrix.claim(claim.id).headline(era).answer is wanted


@pytest.mark.parametrize("reported", [True, False])
@pytest.mark.parametrize(("works", "named"), [(["mlp"], "no duels of mlp"), (["mlp", "lenet5"], "no duels")])
def test_a_ratio_of_times_without_duels_says_how_to_get_them(world, works, named, reported):
    """And of which work, where it asks for one: duels measure it, no case does, so the capability is not without a
    test. Without an environment of the era, that.
    """
    paired = attrs.evolve(world.registry.capabilities["device.many"], id=PAIRED_TIME)
    claim = attrs.evolve(
        world.registry.claims["keras.layers"],
        rule=parse_rule({"ratio": {**RATIO, "measure": PAIRED_TIME, "works": works}}),
    )
    small = world.with_registry(
        capabilities={**world.registry.capabilities, PAIRED_TIME: paired}, claims={claim.id: claim}
    )
    verdicts = build_matrix([small.shard()] if reported else [], small.registry).claim(claim.id)
    assert verdicts.headline("current").answer is Answer.UNTESTED
    assert verdicts.headline("current").reason == (
        f"{named} that decide it were merged: fwconformance duels, then fwconformance merge --duels"
    )
    assert verdicts.headline("2020").reason == "no environment of that era yet"


def test_one_environment_speaks_in_both_eras_where_its_release_is_the_newest_of_both(world):
    """As of a retired project; and where it speaks only in its own, the other era stays untested."""
    subjects = dict(world.registry.subjects)
    both = tuple(Primary(era=era, device="cpu", environment="keras-cpu") for era in (Era.Y2020, Era.CURRENT))
    subjects["keras"] = attrs.evolve(subjects["keras"], primary=both)
    registry = attrs.evolve(world.registry, subjects=subjects)
    claim = build_matrix([world.shard()], registry).claim("keras.layers")
    for era in Era.Y2020, Era.CURRENT:
        assert (claim.headline(era).answer, claim.headline(era).environment) == (Answer.CONFIRMED, "keras-cpu")
    pinned = build_matrix([world.shard(versions={"keras": "3.0.0"})], registry).claim("keras.layers")
    assert pinned.headline("2020").answer is Answer.UNTESTED
