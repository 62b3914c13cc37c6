"""The records on the Markdown page."""

from __future__ import annotations

import attrs

from fwconformance.evidence import Era
from fwconformance.matrix import build_matrix
from fwconformance.registry import parse_rule
from fwconformance.report import render_markdown


def test_records_have_their_sources(page, section):
    """With a link and both dates."""
    part = section(page, "Records")
    assert "[Keras' repository](https://example.org/keras) (2015-03-27)" in part
    assert "| supports, strong |" in part
    assert "not counted |" not in part


def test_a_record_beside_a_rule_that_tests_decide_is_said_to_be_beside_it(world, section):
    """It is shown, and changes nothing."""
    (record,) = world.registry.records["keras.origin", Era.Y2020]
    rule = {"all": ["train.sgd", {"any": ["layers.dense", "backend.own"]}]}
    claim = attrs.evolve(world.registry.claims["keras.origin"], rule=parse_rule(rule))
    small = world.with_registry(claims={claim.id: claim}, records={(claim.id, record.era): (record,)})
    part = section(render_markdown(build_matrix([], small.registry)), "Records")
    assert "| supports, strong<br>beside the rule: shown, not counted |" in part
