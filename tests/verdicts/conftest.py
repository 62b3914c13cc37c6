"""Made-up claims about Keras, and what is decided of them."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Era, Level, Status
from fwconformance.registry import Claim, Record, parse_rule
from fwconformance.verdicts import CellEvidence, Evidence, decide

_NOT_SHOWN = (Status.UNTESTED, Status.INAPPLICABLE)


def _claim(rule, level=Level.HARDWARE):
    return Claim(
        id="keras.thing",
        source="article-2020",
        subject="keras",
        section="features",
        paraphrase="Keras has the thing.",
        kind="capability",
        revision=1,
        level=level,
        device="cpu",
        rule=parse_rule(rule),
    )


def _cell(status, level=Level.HARDWARE):
    return CellEvidence(
        environment="keras-cpu",
        status=status,
        level=None if status in _NOT_SHOWN else level,
        reason="" if status is Status.SUPPORTED else f"it is {status.value}",
    )


@pytest.fixture(scope="session")
def claim():
    """A claim by its rule and the level that it asks for."""
    return _claim


@pytest.fixture(scope="session")
def cell():
    """What is known of a capability of Keras: status and level."""
    return _cell


@pytest.fixture(scope="session")
def record():
    """A record by its stance and strength."""

    def make(stance, strength="strong"):
        fields = {"claim": "keras.thing", "era": Era.CURRENT, "date": "2020-07-15", "read": "2026-11-22", "sources": ()}
        return Record(stance=stance, strength=strength, text="It says so.", **fields)

    return make


@pytest.fixture(scope="session")
def judge():
    """The verdict on a rule. `cells`: by capability, a status, or a status with its level (else "hardware")."""

    def verdict(rule, cells=None, records=(), ratios=(), missing=(), level=Level.HARDWARE):
        found = {name: _cell(*each) if isinstance(each, tuple) else _cell(each) for name, each in (cells or {}).items()}
        evidence = Evidence(
            cell=lambda atom: found[atom.capability],
            records=[(f"keras.thing/current/{number}", each) for number, each in enumerate(records, start=1)],
            ratios=ratios,
            missing=missing,
        )
        return decide(_claim(rule, level), Era.CURRENT, evidence, environment="keras-cpu", label="a box", headline=True)

    return verdict
