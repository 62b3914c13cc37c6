"""Requirements: which cells meet them, and the run that fails for want of one."""

from __future__ import annotations

import pytest

from fwconformance.evidence import CellFold, Level, Status
from fwconformance.plugin import parse_requirement, unmet


def cell(status, level=None, reason=""):
    return CellFold(status=Status(status), level=Level(level) if level else None, reason=reason)


CELLS = {
    "a.good": cell("supported", "hardware"),
    "a.weak": cell("supported", "simulated"),
    "a.bad": cell("failing", "hardware", "outputs differ"),
}


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        (("a.good", Level.HARDWARE), []),
        (("a.weak", Level.SIMULATED), []),
        (("a.weak", Level.DECLARED), []),
        (("a.weak", Level.HARDWARE), ["a.weak: required at level hardware, supported at level simulated only"]),
        (("a.bad", Level.DECLARED), ["a.bad: required, failing: outputs differ"]),
        (("a.none", Level.DECLARED), ["a.none: required, untested: not run"]),
        (("hardware", Level.HARDWARE), ["hardware: a.weak is supported at level simulated only"]),
    ],
)
def test_unmet(requirement, said):
    """Each cell that does not meet it is named, with what it is instead."""
    assert unmet([requirement], CELLS) == said


def test_hardware_needs_a_supported_cell():
    """Where nothing is supported, `hardware` is not met; a reason that all share is told."""
    cells = {name: cell("untested", reason="no CUDA device") for name in ("a.b", "a.c")}
    assert unmet([("hardware", Level.HARDWARE)], cells) == ["hardware: no cell is supported (no CUDA device)"]


def test_hardware_is_met_by_real_cells():
    assert unmet([("hardware", Level.HARDWARE)], {"a.good": CELLS["a.good"], "a.bad": CELLS["a.bad"]}) == []


def test_parsed(world):
    """Capability with and without level, and `hardware`."""
    parsed = [parse_requirement(text, world.registry) for text in ("hardware", "train.sgd", "train.sgd:simulated")]
    assert parsed == [
        ("hardware", Level.HARDWARE),
        ("train.sgd", Level.DECLARED),
        ("train.sgd", Level.SIMULATED),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [("train.x", "no capability"), ("train.sgd:gold", "no evidence level"), ("device.many", "planned")],
)
def test_wrong_requirement_says_what_there_is(world, text, said):
    with pytest.raises(ValueError, match=said):
        parse_requirement(text, world.registry)


def test_unmet_requirement_fails_the_run(plain):
    """Under pytest an unmet requirement is exit code 1 and names the cell."""
    done = plain.conformance("--fw-require=plain.one:hardware", "--fw-device=cuda", CUDA_VISIBLE_DEVICES="")
    assert done.code == 1
    assert "plain.one: required at level hardware, untested: no CUDA device" in done.output


def test_requirement_from_the_environment(plain):
    """FWCONFORMANCE_REQUIRE holds as well; met, it changes nothing."""
    assert plain.conformance(FWCONFORMANCE_REQUIRE="plain.one:hardware, hardware").code == 0
