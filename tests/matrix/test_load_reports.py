"""Reading what older versions wrote: every published report, and documents without the fields that came later."""

from __future__ import annotations

import copy
from pathlib import Path

import attrs
import pytest

from fwconformance.evidence import Figure, Outcome
from fwconformance.matrix import (
    CampaignRow,
    DuelRow,
    LimitRow,
    RateRow,
    Side,
    ThroughputRow,
    build_matrix,
    load_matrix,
    matrix_from_json,
)
from fwconformance.report import render_markdown, summary
from fwconformance.schema import matrix_schema

REPORTS = sorted(path.parent for path in (Path(__file__).parents[2] / "reports").glob("*/matrix.json"))


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_every_published_report_can_be_read_and_rendered(report):
    """By today's code, whatever wrote it; every claim has its answers."""
    matrix = load_matrix(report)
    page = render_markdown(matrix)
    for claim in matrix.claims:
        assert page.count(f"| `{claim.id}` |") >= 2
    assert summary(matrix).startswith("environment")


def test_there_are_published_reports():
    """The test above looks at some."""
    assert len(REPORTS) >= 6


@pytest.fixture
def document(world):
    """One with something in every list."""
    failed = {
        "outcome": Outcome.FAILED,
        "message": "it failed",
        "finding": "keras-dense-nan",
        "details": {"a": {"b": "c"}},
    }
    shard = world.shard(
        outcomes={("layers.dense", "gradients"): failed},
        proofs=[{"sabotage": "s", "capability": "train.sgd", "case": "three-steps", "killed": True, "message": "m"}],
        findings=[{"id": "keras-dense-nan", "reproduced": True, "message": "NaN"}],
    )
    side = Side(
        environment="keras-cpu",
        framework="keras",
        backend="",
        device="cpu",
        mode="default",
        means="as it comes",
        best=False,
        versions={"keras": "3.15.1"},
        threads=2,
        median=0.5,
    )
    duel = DuelRow(
        work="mlp-train",
        a=side,
        b=side,
        ratio=Figure(value=1.0, unit="1"),
        confidence=0.99,
        rounds=20,
        stopped="width",
        control=True,
        machine="a machine",
        started="2026-01-31T12:00:00Z",
    )
    rate = RateRow(hits=1, duels=100, at_least=0.0005, at_most=0.047)
    matrix = attrs.evolve(
        build_matrix([shard], world.registry),
        duels=(duel,),
        campaigns=(
            CampaignRow(contestant="a", work="mlp-train", slowdown=0.0, different=rate, threshold=rate, unpaired=rate),
        ),
        throughputs=(ThroughputRow(work="mlp-train", contestant="a", examples=1.5, share=None),),
        limits=(LimitRow(products=1e11, copying=1e10, threads=2, started="2026-01-31T12:00:00Z", by="NumPy"),),
    )
    return matrix.to_json()


def optional_fields():
    """(where, field) of everything that the schema describes and does not require."""
    schema = matrix_schema()
    named = {"the document": schema, **schema["$defs"]}
    return sorted(
        (name, field)
        for name, form in named.items()
        if "required" in form
        for field in set(form["properties"]) - set(form["required"])
    )


def _objects(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _objects(inner)


@pytest.mark.parametrize(("where", "field"), optional_fields(), ids="-".join)
def test_what_the_schema_does_not_require_may_be_missing(document, where, field):
    """Minor versions only add fields: what an older one wrote is without them."""
    form = matrix_schema() if where == "the document" else matrix_schema()["$defs"][where]
    whole = copy.deepcopy(document)
    fits = [each for each in _objects(document) if set(form["required"]) <= set(each) <= set(form["properties"])]
    assert fits, f"no {where} in the document of this test"
    for each in fits:
        each.pop(field, None)
    assert document != whole or where == "figure"
    assert matrix_from_json(document)
