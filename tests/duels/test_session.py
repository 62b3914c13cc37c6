"""Sessions: in order, resumable, going on after what cannot be held."""

from __future__ import annotations

import pytest

from fwconformance.duels import Block, DuelError, Plan, bouts, hold, read


class Watch:
    def __init__(self):
        self.said = []

    def begins(self, bout, number, of):
        self.said.append(("begins", bout.name, number, of))

    def ends(self, bout, duel):
        self.said.append(("ends", bout.name))

    def fails(self, bout, error):
        self.said.append(("fails", bout.name, str(error)))


@pytest.fixture
def fighting(duel, contestant):
    """Stands in for `fight`: says how often it was called, and fails or is interrupted on request."""

    def fight(a, b, work, plan, watch):
        fight.held.append((a.name, b.name, work.id))
        if work.id == fight.failing:
            raise DuelError("cannot")
        return duel(
            work=work.id,
            seed=plan.seed,
            a=contestant(a.environment),
            b=contestant(b.environment),
            blocks=[Block(order="ABBA", seconds=(2.0, 1.0, 1.0, 2.0), build=1, process=fight.process)],
            stopped="interrupted" if work.id == fight.interrupted else "width",
        )

    fight.held, fight.failing, fight.interrupted, fight.process = [], "", "", 1
    return fight


@pytest.fixture
def session(player):
    pairs = [(player(environment="x"), player(environment="y")), (player(environment="x"), player(environment="z"))]
    return list(bouts(pairs, ["mlp-train", "lenet5-train"]))


def test_a_session_ends_with_controls(session):
    assert [(each.a.name, each.b.name, each.work.id) for each in session] == [
        ("x", "y", "mlp-train"),
        ("x", "z", "mlp-train"),
        ("x", "y", "lenet5-train"),
        ("x", "z", "lenet5-train"),
        ("x", "x", "mlp-train"),
        ("x", "x", "lenet5-train"),
    ]


def test_what_was_held_is_not_held_again(tmp_path, session, fighting):
    path = tmp_path / "duels.jsonl"
    assert hold(session[:2], Plan(), path, Watch(), fighting) == (2, 0)
    assert hold(session, Plan(), path, Watch(), fighting) == (4, 0)
    assert hold(session, Plan(), path, Watch(), fighting) == (0, 0)
    duels, limits = read([path])
    assert [each.work for each in duels].count("mlp-train") == 3
    assert len(duels) == 6
    assert len(limits) == 2
    assert min(limits[0].products, limits[0].copying) > 1e8


def test_the_best_mode_is_known_again_by_the_one_it_stood_for(tmp_path, player, duel, contestant):
    """And is not taken for the default, nor the default for it."""
    path, held = tmp_path / "duels.jsonl", []

    def fight(a, b, work, plan, _watch):
        held.append((a.name, b.name))
        sides = [
            contestant(each.environment, mode="compile" if each.mode == "best" else each.mode, best=each.mode == "best")
            for each in (a, b)
        ]
        blocks = [Block(order="ABBA", seconds=(2.0, 1.0, 1.0, 2.0), build=1, process=1)]
        return duel(work=work.id, seed=plan.seed, a=sides[0], b=sides[1], blocks=blocks)

    for mode in ("best", "default", "best", "compile"):
        pairs = [(player(environment="x", mode=mode), player(environment="y", mode=mode))]
        hold(list(bouts(pairs, ["mlp-train"]))[:1], Plan(), path, Watch(), fight)
    assert held == [("x:best", "y:best"), ("x", "y")]


def test_what_was_started_once_is_held_again(tmp_path, session, fighting):
    path = tmp_path / "duels.jsonl"
    fighting.process = 0
    hold(session[:1], Plan(), path, Watch(), fighting)
    assert hold(session[:1], Plan(), path, Watch(), fighting) == (1, 0)


def test_another_seed_is_another_session(tmp_path, session, fighting):
    path = tmp_path / "duels.jsonl"
    hold(session[:1], Plan(seed=1), path, Watch(), fighting)
    assert hold(session[:1], Plan(seed=2), path, Watch(), fighting) == (1, 0)


def test_a_duel_that_cannot_be_held_does_not_end_the_session(tmp_path, session, fighting):
    fighting.failing = "mlp-train"
    watch = Watch()
    assert hold(session, Plan(), tmp_path / "d", watch, fighting) == (3, 3)
    assert ("fails", "x against y, mlp-train", "cannot") in watch.said


def test_an_interrupted_duel_is_written_down_and_held_again(tmp_path, session, fighting):
    path = tmp_path / "duels.jsonl"
    fighting.interrupted = "mlp-train"
    with pytest.raises(KeyboardInterrupt):
        hold(session, Plan(), path, Watch(), fighting)
    assert [each.stopped for each in read([path])[0]] == ["interrupted"]
    fighting.interrupted = ""
    assert hold(session, Plan(), path, Watch(), fighting) == (6, 0)


def test_progress_counts_what_is_left(tmp_path, session, fighting):
    path = tmp_path / "duels.jsonl"
    hold(session[:2], Plan(), path, Watch(), fighting)
    watch = Watch()
    hold(session, Plan(), path, watch, fighting)
    assert [each[2:] for each in watch.said if each[0] == "begins"] == [(n, 4) for n in (1, 2, 3, 4)]
