"""Campaigns: rates, their bounds, and going on."""

from __future__ import annotations

import pytest

from fwconformance.duels import Block, Plan, Rate, append, campaign_rows, campaigns, hold_campaign, read, single_duels
from fwconformance.duels import _campaign as module
from fwconformance.works import WORKS

pytest.importorskip("scipy", reason="the extra `duels` brings it")


def test_bounds_are_those_of_the_binomial_distribution():
    """The rule of three, and the exact bounds of 5 of 100 as tables have them."""
    assert Rate(hits=0, duels=300).at_most == pytest.approx(1 - 0.05 ** (1 / 300))
    assert Rate(hits=0, duels=300).at_least == 0
    assert Rate(hits=100, duels=100).at_least == pytest.approx(0.05 ** (1 / 100))
    assert Rate(hits=100, duels=100).at_most == 1
    assert Rate(hits=5, duels=100).at_most == pytest.approx(0.1023, abs=1e-4)
    assert Rate(hits=5, duels=100).at_least == pytest.approx(0.0199, abs=1e-4)


@pytest.fixture
def held(duel, contestant):
    """A duel of one with itself, `low` to `high`; `extra` on a."""

    def make(low=0.99, high=1.005, extra=0.0, seconds=(1.0, 1.0, 1.0, 1.0), **changed):
        blocks = tuple(
            Block(order="ABBA", seconds=seconds, build=1 + number, process=1 + number) for number in range(10)
        )
        ratio = (low * high) ** 0.5
        a, b = contestant(extra=extra, peak_bytes=3), contestant()
        return duel(**{"a": a, "b": b, "low": low, "high": high, "ratio": ratio, "blocks": blocks, **changed})

    return make


def test_each_slowdown_is_a_campaign_of_its_own(held):
    duels = [held(), held(low=1.03, high=1.06), held(extra=0.05), held(extra=0.05, low=1.04, high=1.06)]
    same, slowed = campaigns(duels)
    assert (same.extra, same.different) == (0.0, Rate(hits=1, duels=2))
    assert (slowed.extra, slowed.different) == (0.05, Rate(hits=1, duels=2))


def test_so_is_each_contestant_in_each_mode_on_its_threads_and_each_work(held, contestant):
    """Rates of one say nothing of another."""
    compiled, pinned = contestant(mode="compile"), contestant(threads=1)
    duels = [held(), held(low=1.03, high=1.06), held(work="lenet5-train")]
    found = campaigns([*duels, held(a=pinned, b=pinned), held(a=compiled, b=compiled)])
    assert [(each.contestant, each.threads, each.work, each.different.duels) for each in found] == [
        ("torch-cpu", 1, "mlp-train", 1),
        ("torch-cpu", 2, "lenet5-train", 1),
        ("torch-cpu", 2, "mlp-train", 2),
        ("torch-cpu:compile", 2, "mlp-train", 1),
    ]


def test_controls_of_a_session_are_no_campaign(held):
    """Ten of one kind are, and so is every planted slowdown; what was cut short is neither."""
    controls, cut = [held() for _ in range(9)], held(stopped="interrupted")
    assert single_duels([*controls, cut]) == (*controls, cut)
    assert not campaign_rows(controls)
    slowed = held(extra=0.05)
    assert single_duels([*controls, slowed, held(work="lenet5-train")]) == (*controls, held(work="lenet5-train"))
    assert not single_duels([*controls, held()])


def test_the_matrix_has_rates_and_bounds(held):
    (row,) = campaign_rows([held(extra=0.05), held(extra=0.05, low=1.04, high=1.06)])
    assert (row.contestant, row.threads, row.work, row.slowdown) == ("torch-cpu", 2, "mlp-train", 0.05)
    assert (row.different.hits, row.different.duels) == (1, 2)
    assert 0 < row.different.at_least < 0.5 < row.different.at_most < 1


def test_another_mode_is_another_campaign_to_go_on_with(tmp_path, held, player, contestant, monkeypatch):
    """And "best" goes on with the mode that it stood for."""
    path, seeds = tmp_path / "c.jsonl", []

    def fight(a, _b, work, plan):
        seeds.append(plan.seed)
        mode = "compile" if a.mode == "best" else a.mode
        who = contestant("reference", mode=mode, best=mode == "compile")
        return held(seed=plan.seed, work=work.id, a=who, b=who)

    monkeypatch.setattr(module, "fight", fight)
    for mode in ("default", "best", "best", "compile"):
        hold_campaign(player(mode=mode), WORKS["mlp-train"], Plan(), path, count=2)
    assert seeds == [0, 1, 0, 1]


def test_a_duel_that_was_cut_short_is_kept_and_held_again(tmp_path, held, player, contestant, monkeypatch):
    path, ends = tmp_path / "c.jsonl", iter(["interrupted", "width"])
    who = contestant("reference")
    monkeypatch.setattr(
        module, "fight", lambda _a, _b, work, plan: held(seed=plan.seed, work=work.id, a=who, b=who, stopped=next(ends))
    )
    with pytest.raises(KeyboardInterrupt):
        hold_campaign(player(), WORKS["mlp-train"], Plan(), path, count=1)
    hold_campaign(player(), WORKS["mlp-train"], Plan(), path, count=1)
    assert [each.stopped for each in read([path])[0]] == ["interrupted", "width"]
    (found,) = campaigns(read([path])[0])
    assert found.different.duels == 1


def test_duels_of_others_and_those_cut_short_are_left_out(held, contestant):
    (only,) = campaigns([held(), held(b=contestant("mxnet-cpu")), held(stopped="interrupted")])
    assert only.different.duels == 1


def test_others_would_have_called_the_same_rounds_different(held):
    """A's turns are 6 % longer, without any noise: the medians' threshold and the unpaired test both say so."""
    (found,) = campaigns([held(seconds=(1.06, 1.0, 1.0, 1.06))])
    assert (found.threshold.hits, found.unpaired.hits, found.different.hits) == (1, 1, 0)


def test_a_campaign_goes_on_where_it_was(tmp_path, held, player, contestant, monkeypatch):
    path, seeds, sides = tmp_path / "c.jsonl", [], []

    def fight(a, b, work, plan):
        seeds.append(plan.seed)
        sides.append((a.extra, b.extra))
        return held(
            seed=plan.seed,
            work=work.id,
            a=contestant("reference", extra=a.extra),
            b=contestant("reference", extra=b.extra),
        )

    monkeypatch.setattr(module, "fight", fight)
    told = []
    hold_campaign(player(), WORKS["mlp-train"], Plan(), path, count=2, extra=0.05)
    hold_campaign(
        player(), WORKS["mlp-train"], Plan(), path, count=4, extra=0.05, tell=lambda seed, _: told.append(seed)
    )
    assert seeds == [0, 1, 2, 3]
    assert told == [2, 3]
    assert sides == [(0.0, 0.05), (0.05, 0.0)] * 2
    append(path, held(seed=9))
    assert len(read([path])[0]) == 5
    hold_campaign(player(), WORKS["lenet5-train"], Plan(), path, count=1, extra=0.05)
    assert seeds[4:] == [0]
