"""The claims on the Markdown page."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.evidence import Era
from fwconformance.matrix import build_matrix
from fwconformance.registry import parse_rule
from fwconformance.report import render_markdown


def test_every_claim_has_its_answer_in_both_eras(matrix, page, section):
    """With what it says and why."""
    claims = section(page, "Claims")
    for claim in matrix.claims:
        assert claims.count(f"| `{claim.id}` |") == 2
    assert "| `keras.origin` | confirmed (by record) | 2020 | as above |" in claims


def test_the_answer_stands_beside_the_claim(world, tables, section):
    """On a narrow screen the rest is out of sight."""
    page = render_markdown(build_matrix([world.shard(), world.shard("keras-jax-cpu")], world.registry))
    for title in ("Claims", "The same claims in other environments"):
        rows = tables(section(page, title))[-1]
        assert [cell.strip() for cell in rows[0][:2]] == ["claim", "answer"]


def test_a_reason_that_was_cut_can_be_read_whole(page, section):
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
