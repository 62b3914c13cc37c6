"""Pictures of raw duels."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from fwconformance.duels import Limits, render_rounds, render_throughput, throughputs
from fwconformance.works import WORKS, operations

pytest.importorskip("matplotlib", reason="the extra `duels` brings it")

LIMITS = Limits(products=1e11, copying=1e10, threads=2, started="2026-01-31T12:00:00Z", by="NumPy")


def texts(picture):
    return re.findall(r">([^<>]+)</text>", picture.decode())


def test_throughput_names_works_contestants_and_rates(duel):
    """Half a second a call of a batch of 16 is 32 examples a second."""
    shown = texts(render_throughput([duel(ratios=(0.5, 0.5)), duel(work="lenet5-train")], [LIMITS]))
    assert {"mlp-train", "lenet5-train", "torch-cpu", "mxnet-cpu"} <= set(shown)
    assert " 32" in shown


def test_the_limit_is_the_machines_products_over_the_works_operations(duel):
    most = 1e11 * 16 / operations(WORKS["mlp-train"])
    assert f"examples a second; dashed: {most:,.0f}, all that matrix products allow" in texts(
        render_throughput([duel()], [LIMITS])
    )
    rows = throughputs([duel(ratios=(0.5, 0.5))], [LIMITS])
    assert [(row.examples, row.share) for row in rows if row.contestant == "torch-cpu"] == [
        (32, pytest.approx(32 / most))
    ]
    assert {row.share for row in throughputs([duel()], [])} == {None}
    assert "examples a second" in texts(render_throughput([duel()], []))


def test_throughput_leaves_out_what_nobody_has(duel, contestant):
    """Programs by hand, planted slowdowns, and duels that were cut short."""
    odd = [
        duel(b=contestant(script="pytorch.py")),
        duel(b=contestant("keras-cpu", extra=0.05)),
        duel(b=contestant("caffe-cpu"), stopped="interrupted"),
    ]
    shown = " ".join(texts(render_throughput(odd, [])))
    assert "torch-cpu" in shown
    assert not any(name in shown for name in ("pytorch.py", "keras-cpu", "caffe-cpu"))


def test_throughput_leaves_out_the_suites_side_of_a_duel_with_a_program_by_hand(duel, contestant):
    """It was in one process with it, on as many threads as the tax was read on."""
    assert not throughputs([duel(b=contestant(script="pytorch.py"))], [LIMITS])


def test_throughput_on_other_numbers_of_threads_is_told_apart(duel, contestant):
    """And names them only then."""
    alone = duel(a=contestant(threads=1), b=contestant("mxnet-cpu", threads=1))
    assert {row.contestant for row in throughputs([duel(), alone], [])} == {
        f"{name} on {threads}" for name in ("torch-cpu", "mxnet-cpu") for threads in ("1 thread", "2 threads")
    }
    assert {row.contestant for row in throughputs([alone], [])} == {"torch-cpu", "mxnet-cpu"}


def test_every_round_is_drawn(duel):
    """A mark for each, and more of them where there are more rounds."""

    def marks(rounds):
        shown = render_rounds([duel(ratios=tuple(1.0 + 0.01 * number for number in range(rounds)))])
        return len(re.findall(rb"<use [^>]*fill: #2f6db5", shown))

    assert (marks(4), marks(12)) == (4, 12)


@pytest.mark.parametrize(
    ("ratios", "labels"),
    [
        ((0.5, 0.9, 2.0), ["0.5", "0.9", "2"]),
        ((0.557, 0.569, 2.0), ["0.557", "2"]),
        ((0.5, 1.9, 2.0), ["0.5", "2"]),
        ((0.557, 0.56, 0.569), ["0.56"]),
    ],
)
def test_the_labels_of_rounds_do_not_overlap(duel, ratios, labels):
    """On an axis that reaches to 1, the ratio of equals; where there is room for one, it is the middle one's."""
    shown = texts(render_rounds([duel(ratios=ratios, low=min(ratios), high=max(ratios))]))
    assert [text for text in shown if text in {f"{ratio:.3g}" for ratio in ratios}] == labels


def test_rounds_are_headed_by_who_fought(duel):
    shown = texts(render_rounds([duel(), duel(work="lenet5-train", stopped="interrupted")]))
    assert "mlp-train: torch-cpu over mxnet-cpu" in shown
    assert not any("lenet5" in text for text in shown)


@pytest.mark.parametrize("render", [render_rounds, lambda duels: render_throughput(duels, [LIMITS])])
def test_pictures_are_the_same_each_time_and_also_of_nothing(duel, render):
    assert render([duel()]) == render([duel()])
    assert b"prefers-color-scheme: dark" in render([duel()])
    assert ET.fromstring(render([])).tag.endswith("svg")
