"""`fwconformance show`: what stands behind one entry of a matrix."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.cli import Exit, main
from fwconformance.evidence import Figure, Outcome
from fwconformance.matrix import build_matrix

PROOFS = [
    {"sabotage": "no-bias", "capability": "layers.dense", "case": case, "killed": True, "message": "it fell"}
    for case in ("forward", "gradients")
]


@pytest.fixture
def matrix(world):
    return build_matrix([world.shard(proofs=PROOFS), world.shard("torch-cpu")], world.registry)


@pytest.fixture
def show(matrix, tmp_path, capsys):
    """(exit code, output, errors) of `show WHAT`, of the matrix or of a changed one."""

    def run(what, of=matrix):
        path = tmp_path / "matrix.json"
        path.write_text(of.dumps(), encoding="utf-8")
        code = main(["show", what, "--matrix", str(path)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_one_case_of_a_cell_is_shown_alone(show):
    """With its proof, and the command for it."""
    code, out, _ = show("layers.dense:forward@keras-cpu")
    assert code == Exit.MEASURED
    assert "  forward: passed\n" in out
    assert "  proof: forward falls under no-bias: it fell\n" in out
    assert "gradients" not in out
    assert out.endswith("--only layers.dense:forward\n")


def test_one_case_is_shown_in_every_environment(show):
    """As its state there."""
    _, out, _ = show("layers.dense:wide")
    assert "keras-cpu (a box, Linux x86_64): not-in-profile: not in profile standard\n" in out
    assert "  wide (variant), from profile full" in out
    assert "gradients" not in out


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (
            "layers.dense:backward@keras-cpu",
            "layers.dense has no case 'backward'; its cases are: forward, gradients, wide",
        ),
        ("device.many:any", "device.many has no case 'any'; its cases are: none, since it has no test yet"),
        ("layers.dens@keras-cpu", "has no capability 'layers.dens' (did you mean layers.dense?)"),
        ("layers.dens:forward@keras-cpu", "has no capability 'layers.dens' (did you mean layers.dense?)"),
        ("keras.layers:forward", "has no capability 'keras.layers'"),
        ("layers.dense@keras-gpu", "its environments are: keras-cpu, torch-cpu"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(show, what, words):
    """In the words of the command line, not of the Python interface."""
    code, _, errors = show(what)
    assert code == Exit.USAGE
    assert words in errors
    assert "Matrix." not in errors


def test_a_claims_rule_is_an_outline(show):
    """No dict."""
    _, out, _ = show("keras.layers")
    assert "headline on cpu:\n    all of:\n      layers.dense\n      train.sgd\n  era 2020" in out


def test_pure_numbers_have_no_unit(show, matrix):
    """A ratio is one; a time keeps its seconds."""
    claim = matrix.claim("keras.layers")
    figures = {"ratio": Figure(value=0.8082, unit="1", low=0.5, high=1.5), "time": Figure(value=2.5, unit="s")}
    verdicts = tuple(attrs.evolve(verdict, figures=figures) for verdict in claim.verdicts)
    changed = attrs.evolve(matrix, claims=(attrs.evolve(claim, verdicts=verdicts),))
    _, out, _ = show("keras.layers", changed)
    assert "    ratio = 0.8082 [0.5, 1.5]\n" in out
    assert "    time = 2.5 s\n" in out


def test_what_was_seen_of_single_things_is_shown(show, world):
    """Line by line, with how it was seen."""
    seen = {"lacking": {"Celu": "of 9 names none has celu"}, "right": {"Abs": "keras.ops.abs"}}
    outcomes = {("layers.dense", "forward"): {"outcome": Outcome.PASSED, "details": seen}}
    matrix = build_matrix([world.shard(outcomes=outcomes)], world.registry)
    _, out, _ = show("layers.dense:forward@keras-cpu", matrix)
    assert "      lacking: Celu: of 9 names none has celu\n      right: Abs: keras.ops.abs\n" in out


def test_an_answer_reads_as_on_the_page(show, matrix):
    """By record, where nothing was run."""
    _, out, _ = show("keras.origin")
    assert "  era 2020, cpu: confirmed (by record): records: supports, strong (2015-03-27)\n" in out
    _, out, _ = show("keras.layers")
    assert "era current, cpu in keras-cpu (a box, Linux x86_64): confirmed, hardware: supported: " in out
