"""The JSON Schemas, against real documents, both ways."""

from __future__ import annotations

import copy
import json

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.evidence import Level, Outcome
from fwconformance.matrix import SCHEMA as MATRIX
from fwconformance.matrix import build_matrix
from fwconformance.schema import matrix_schema, shard_schema
from fwconformance.shards import SCHEMA as SHARD
from fwconformance.shards import open_journal

jsonschema = pytest.importorskip("jsonschema", reason="the extra `report` brings it")

PROOF = {"sabotage": "s", "capability": "train.sgd", "case": "three-steps", "killed": True, "message": "it fell"}
FINDING = {"id": "keras-dense-nan", "reproduced": True, "message": "NaN"}
FAILED = {"outcome": Outcome.FAILED, "message": "outputs differ", "finding": "keras-dense-nan"}


def validator(schema):
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize(("schema", "name"), [(matrix_schema(), MATRIX), (shard_schema(), SHARD)])
def test_each_schema_is_one_and_names_its_major_version(schema, name):
    """In `$id`, as in the payload."""
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    kind, major = name.replace("fwconformance.", "").split("/")
    assert schema["$id"].endswith(f"{kind}-{major}")


@pytest.fixture
def document(world):
    compiled = {"outcome": Outcome.PASSED, "level": Level.COMPILED}
    shards = [
        world.shard(outcomes={("layers.dense", "gradients"): FAILED}, proofs=[PROOF], findings=[FINDING]),
        world.shard("keras-jax-cpu", {("train.sgd", "three-steps"): compiled}),
    ]
    return build_matrix(shards, world.registry, expected_environments=["torch-cpu"]).to_json()


def test_a_built_matrix_is_valid(document):
    """One with a failure, a finding, a proof, weak evidence and a missing report."""
    validator(matrix_schema()).validate(document)


MATRIX_FAULTS = {
    "no schema": lambda document: document.pop("schema"),
    "another major version": lambda document: document.update(schema="fwconformance.matrix/2"),
    "no claims": lambda document: document.pop("claims"),
    "a status that is none": lambda document: document["cells"][0].update(status="green"),
    "a cell without a reason": lambda document: document["cells"][0].update(status="untested", reason=""),
    "an answer that is none": lambda document: document["claims"][0]["verdicts"][0].update(answer="yes"),
    "an answer without a reason": lambda document: document["claims"][0]["verdicts"][0].update(reason=""),
    "an untested claim with a basis": lambda document: _untested(document).update(basis="measured"),
    "an indication without one": lambda document: _untested(document).update(answer="indicated", basis="measured"),
    "a claim without headlines": lambda document: document["claims"][0].update(verdicts=[]),
    "a time that is none": lambda document: document["columns"][0]["runs"][0].update(started="yesterday"),
    "a level that is none": lambda document: document["cells"][0].update(level="guessed"),
    "a figure without a unit": lambda document: _figures(document).update(odd={"value": 1.0}),
    "a figure that is no number": lambda document: _figures(document).update(odd={"value": "1", "unit": "1"}),
    "details that are no texts": lambda document: _attempt(document).update(details={"lacking": {"Celu": 1}}),
    "a negative duration": lambda document: _attempt(document).update(duration=-1),
    "an era that is none": lambda document: document["columns"][0].update(era="1990"),
    "a hash that is none": lambda document: document["suites"][0].update(content="main"),
}


def _untested(document):
    verdicts = (verdict for claim in document["claims"] for verdict in claim["verdicts"])
    return next(verdict for verdict in verdicts if verdict["answer"] == "untested")


def _attempt(document):
    return next(case["attempts"][0] for cell in document["cells"] for case in cell["cases"] if case["attempts"])


def _figures(document):
    return _attempt(document)["figures"]


@pytest.mark.parametrize("fault", MATRIX_FAULTS.values(), ids=MATRIX_FAULTS)
def test_a_violating_matrix_is_refused(document, fault):
    """Each fault on its own."""
    broken = copy.deepcopy(document)
    fault(broken)
    assert broken != document
    assert not validator(matrix_schema()).is_valid(broken)


def test_unknown_fields_of_a_matrix_are_allowed(document):
    """A newer minor version only adds some."""
    document.update(extra=1, schema="fwconformance.matrix/1.2")
    document["cells"][0]["extra"] = 1
    validator(matrix_schema()).validate(document)


OUTCOMES = st.lists(st.sampled_from([*Outcome, "started", None]), min_size=6, max_size=6)
DRAWN = st.dictionaries(
    st.sampled_from(["keras-cpu", "keras-jax-cpu", "keras-gpu", "torch-cpu", "torch-2020-cpu"]), OUTCOMES
)
COMPILED = validator(matrix_schema())


@settings(max_examples=25, deadline=None)
@given(DRAWN, st.booleans())
def test_any_built_matrix_is_valid(small_world, drawn, expect):
    """Whatever was reported, and whatever was not."""
    pairs = [(one.id, case.id) for one in small_world.registry.active() for case in one.cases]
    shards = [small_world.shard(name, dict(zip(pairs, outcomes))) for name, outcomes in drawn.items()]
    expected = ["keras-cpu", "torch-cpu"] if expect else []
    matrix = build_matrix(shards, small_world.registry, expected_environments=expected)
    COMPILED.validate(json.loads(matrix.dumps()))


@pytest.fixture
def journal(world, tmp_path):
    """Every kind of record, as they are written."""
    shard = world.shard(outcomes={("layers.dense", "gradients"): FAILED, ("train.sgd", "nesterov"): Outcome.CRASHED})
    path = tmp_path / "shard.jsonl"
    with open_journal(path, shard.header) as written:
        for each in shard.observations:
            written.start(each.key.capability, each.key.case, each.attempt)
            written.observe(each)
    with open_journal(path, attrs.evolve(shard.header), resume=True) as written:
        written.finding(FINDING["id"], reproduced=True, message="NaN")
        written.proof("s", "train.sgd", "three-steps", killed=True, message="it fell")
        written.end(0)
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_line_of_a_journal_is_valid(journal):
    """Of each kind that is written."""
    kinds = {line["record"] for line in journal}
    assert kinds == {"header", "start", "observation", "resumed", "finding", "proof", "end"}
    for line in journal:
        validator(shard_schema()).validate(line)


def test_a_line_without_one_of_its_fields_is_refused(journal):
    """Each field of each kind of record is required, `mutant` and the defaults of an observation included.

    Not those that a minor version added: published shards are without.
    """
    for line in {line["record"]: line for line in journal}.values():
        for name in line:
            less = {key: value for key, value in line.items() if key != name}
            added = (line["record"], name) == ("header", "only")
            assert validator(shard_schema()).is_valid(less) == added, (line["record"], name)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("header", {"schema": "fwconformance.shard/2"}),
        ("header", {"seed": "one"}),
        ("header", {"started": "today"}),
        ("start", {"attempt": 0}),
        ("observation", {"outcome": "ok"}),
        ("observation", {"level": "guessed"}),
        ("observation", {"outcome": "passed", "level": None}),
        ("observation", {"duration": -0.5}),
        ("observation", {"figures": {"x": 1}}),
        ("observation", {"details": {"lacking": "Celu"}}),
        ("finding", {"reproduced": "yes"}),
        ("proof", {"killed": 1}),
        ("end", {"status": None}),
    ],
)
def test_a_violating_line_is_refused(journal, kind, change):
    """Each fault on its own."""
    line = next(line for line in journal if line["record"] == kind)
    assert not validator(shard_schema()).is_valid({**line, **change})


@pytest.mark.parametrize("outcome", ["broken", "crashed", "timeout", "unavailable"])
def test_only_a_passed_observation_must_have_a_level(journal, outcome):
    """Where nothing was shown there is none."""
    line = next(line for line in journal if line["record"] == "observation")
    validator(shard_schema()).validate({**line, "outcome": outcome, "level": None})


def test_kinds_of_record_that_are_not_known_are_allowed():
    """A newer minor version only adds some."""
    validator(shard_schema()).validate({"record": "weather", "sunny": True})
