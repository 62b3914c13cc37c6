"""Duels on the page, and their picture."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import attrs
import pytest

from fwconformance.evidence import Figure
from fwconformance.matrix import (
    CampaignRow,
    DuelRow,
    LimitRow,
    Matrix,
    RateRow,
    Side,
    ThroughputRow,
    matrix_from_json,
)
from fwconformance.report import render_forest
from fwconformance.report._duels import duels_section

EMPTY = Matrix(suites=(), columns=(), capabilities=(), cells=(), claims=(), records=(), findings=(), proofs=())


def side(environment, **changed):
    fields = {"framework": "keras", "backend": "", "device": "cpu", "mode": "default", "means": "as it | comes"}
    fields.update(best=False, versions={"keras": "3.15.1"}, threads=2, median=0.0125)
    return Side(environment=environment, **{**fields, **changed})


def row(work="mlp-train", a="keras-cpu", b="torch-cpu", ratio=(1.5, 1.4, 1.6), **changed):
    value, low, high = ratio
    fields = {"confidence": 0.99, "rounds": 20, "builds": 15, "processes": 7, "stopped": "width", "control": a == b}
    fields.update(machine="a processor, 2 processors", started="2026-01-31T12:00:00Z")
    figure = Figure(value=value, unit="1", low=low, high=high)
    return DuelRow(work=work, a=side(a), b=side(b), ratio=figure, **{**fields, **changed})


def matrix(*rows):
    return attrs.evolve(EMPTY, duels=rows)


def test_without_duels_there_is_no_section():
    assert not duels_section(EMPTY)


def test_a_row_says_ratio_interval_and_times():
    page = duels_section(matrix(row()))
    assert (
        "| `mlp-train` | keras-cpu | torch-cpu | 2 | 1.500 [1.400, 1.600] | 12.5 ms | 12.5 ms | 20 | 15 | 7 | width |"
        in page
    )
    assert "a processor, 2 processors" in page
    assert "### Controls" not in page


def test_controls_stand_by_themselves():
    before, _, after = duels_section(matrix(row(), row(a="torch-cpu"))).partition("### Controls")
    assert "| torch-cpu | torch-cpu |" not in before
    assert "| torch-cpu | torch-cpu |" in after


def test_controls_alone_are_no_comparison():
    """No empty picture and no count of nothing: the page says what there is."""
    page = duels_section(matrix(row(a="torch-cpu")))
    assert "duels.svg" not in page
    assert "No two contestants were compared" in page
    assert "| torch-cpu | torch-cpu |" in page.partition("### Controls")[2]
    assert "No two contestants" not in duels_section(matrix(row()))


def by_hand():
    """The suite against a program in the same environment."""
    return attrs.evolve(row(a="keras-cpu", b="keras-cpu", control=False), b=side("keras-cpu", script="keras.py"))


def test_what_the_suite_costs_stands_by_itself():
    """And is no comparison of frameworks: neither in their table nor in their picture."""
    before, _, after = duels_section(matrix(row(), by_hand())).partition("### What the suite itself costs")
    assert "by keras.py" not in before
    assert "| `mlp-train` | keras-cpu | keras-cpu by keras.py | 2 | 1.500 [1.400, 1.600] |" in after
    assert "1 duel at 1 work;" in before


def test_a_matrix_from_before_there_were_programs_by_hand_is_read():
    document = matrix(row()).to_json()
    since = ("script", "layout", "arithmetic", "start_seconds", "build_seconds", "first_seconds", "peak_bytes")
    for who in ("a", "b"):
        for name in since:
            del document["duels"][0][who][name]
    assert matrix_from_json(document) == matrix(row())


def test_what_was_run_is_told_without_breaking_the_table():
    page = duels_section(matrix(row(), row(a="torch-cpu", b="torch-cpu")))
    assert r"| keras-cpu | as it \| comes | keras 3.15.1 | - | - | cpu | 2 |" in page
    told = side("keras-cpu", layout="channels last", arithmetic="Eigen, oneDNN")
    page = duels_section(matrix(attrs.evolve(row(), a=told)))
    assert "| keras 3.15.1 | Eigen, oneDNN | channels last | cpu | 2 |" in page


def test_contestants_on_other_numbers_of_threads_are_told_apart():
    """In each duel, beside the turns, and where it says what was run."""
    alone = {"threads": 1, "start_seconds": 9.0}
    fewer = attrs.evolve(
        row(started="2026-02-01T12:00:00Z"), a=side("keras-cpu", **alone), b=side("torch-cpu", **alone)
    )
    more = attrs.evolve(row(), a=side("keras-cpu", start_seconds=1.0), b=side("torch-cpu", start_seconds=1.0))
    page = duels_section(matrix(more, fewer))
    for threads, start in ((1, "9 s"), (2, "1 s")):
        assert f"| `mlp-train` | keras-cpu | torch-cpu | {threads} |" in page
        assert f"| `mlp-train` | keras-cpu | {threads} | {start} |" in page
        assert rf"| keras-cpu | as it \| comes | keras 3.15.1 | - | - | cpu | {threads} |" in page


def test_what_the_turns_do_not_show_stands_beside_them():
    """The median over duels; nothing where nothing was measured."""
    assert "### Beside the turns" not in duels_section(matrix(row()))
    costs = [{"start_seconds": start, "build_seconds": 0.5, "first_seconds": 2.0} for start in (1.0, 3.0, 1.5)]
    sides = [side("keras-cpu", peak_bytes=3 * 2**20, **each) for each in costs]
    page = duels_section(matrix(*(attrs.evolve(row(started=str(n)), a=each) for n, each in enumerate(sides))))
    assert "| `mlp-train` | keras-cpu | 2 | 1.5 s | 500 ms | 2 s | 12.5 ms | 3 MiB |" in page
    assert "| `mlp-train` | torch-cpu | " not in page.partition("### Beside")[2].partition("### What was run")[0]


def test_a_matrix_with_duels_is_read_again():
    document = matrix(row(), row(a="torch-cpu")).to_json()
    assert matrix_from_json(document).duels == (row(), row(a="torch-cpu"))


RATE = RateRow(hits=1, duels=100, at_least=0.0005, at_most=0.047)
CAMPAIGN = CampaignRow(
    contestant="torch-cpu", work="mlp-train", slowdown=0.05, different=RATE, threshold=RATE, unpaired=RATE, threads=2
)
LIMIT = LimitRow(products=1.85e11, copying=2.4e10, threads=2, started="2026-01-31T12:00:00Z", by="NumPy")


def test_campaigns_are_told_by_rates_and_bounds():
    page = duels_section(attrs.evolve(matrix(row()), campaigns=(CAMPAIGN,)))
    assert "| torch-cpu | 2 | `mlp-train` | 5% | 100 | 1: 1.0% (from 0.1% to 4.7%) |" in page
    assert "![100 intervals at a slowdown of 5%](campaigns.svg)" in page
    assert "### How often the instrument is wrong" in duels_section(attrs.evolve(EMPTY, campaigns=(CAMPAIGN,)))
    assert "### How often" not in duels_section(matrix(row()))


def test_throughput_is_told_with_its_share_of_the_limit():
    rows = [
        ThroughputRow(work="mlp-train", contestant=name, examples=1234.5, share=share)
        for name, share in (("a", 0.25), ("b", None))
    ]
    page = duels_section(attrs.evolve(matrix(row()), throughputs=tuple(rows), limits=(LIMIT,)))
    assert "| `mlp-train` | a | 1,234 | 25.0% |" in page
    assert "| `mlp-train` | b | 1,234 | - |" in page
    assert "185 GFLOP/s in float32 matrix products and 24 GB/s in copying, with 2 threads" in page


def test_campaigns_throughputs_and_limits_are_read_again():
    throughput = ThroughputRow(work="mlp-train", contestant="a", examples=1.5, share=None)
    whole = attrs.evolve(matrix(row()), campaigns=(CAMPAIGN,), throughputs=(throughput,), limits=(LIMIT,))
    assert matrix_from_json(whole.to_json()) == whole


def test_a_matrix_of_before_duels_is_read():
    document = EMPTY.to_json()
    for name in ("duels", "campaigns", "throughputs", "limits"):
        del document[name]
    assert matrix_from_json(document) == EMPTY


@pytest.fixture
def picture():
    pytest.importorskip("matplotlib", reason="the extra `duels` brings it")

    def render(*rows):
        return render_forest(matrix(*rows)).decode()

    return render


def test_the_picture_is_one_and_the_same_each_time(picture):
    rows = (row(), row("lenet5-train", ratio=(0.7, 0.6, 0.8)))
    assert picture(*rows) == picture(*rows)
    assert ET.fromstring(picture(*rows)).tag.endswith("svg")


def test_the_picture_names_pairs_and_works_and_no_controls(picture):
    shown = picture(row(), row("lenet5-train", b="mxnet-cpu"), row("lstm-lm-train", a="torch-cpu"))
    texts = re.findall(r">([^<>]+)</text>", shown)
    assert {"keras-cpu over torch-cpu", "keras-cpu over mxnet-cpu", "mlp-train", "lenet5-train"} <= set(texts)
    assert "lstm-lm-train" not in texts


def test_the_picture_can_be_read_on_a_dark_page(picture):
    assert "prefers-color-scheme: dark" in picture(row())


def test_a_wider_interval_is_drawn_wider(picture):
    """The line of the interval, in the picture's own units."""

    def width(ratio):
        lines = re.findall(
            r'd="M ([\d.]+) ([\d.]+) \nL ([\d.]+) ([\d.]+) \n?" [^>]*stroke: #2f6db5',
            picture(row(ratio=ratio), row("z", ratio=(1, 0.1, 10))),
        )
        spans = sorted(float(right) - float(left) for left, _, right, _ in lines)
        return spans[0] / spans[-1]

    assert 0 < width((1.0, 0.9, 1.1)) < width((1.0, 0.5, 2.0)) < 1


def test_what_others_did_meanwhile_and_when_it_was_held_is_shown():
    """Nobody looked in files of before."""
    page = duels_section(matrix(row(others=0.034), row(work="lenet5-train")))
    assert "| width | 0.03 | 2026-01-31 12:00 |" in page
    assert "| width | - | 2026-01-31 12:00 |" in page
