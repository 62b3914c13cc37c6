"""Real duels, of the reference with itself."""

from __future__ import annotations

import pathlib
import signal
import sys
import threading

import pytest

from fwconformance.duels import DuelError, Plan, Refused, differs, fight, interval_of
from fwconformance.registry import fixtures_dir
from fwconformance.works import WORKS

QUICK = Plan(seed=3, budget=0.5, fewest=2, threads=1)
WORK = WORKS["lenet5-train"]


def test_a_duel_keeps_every_round_and_who_fought(player):
    found = fight(player(), player(), WORK, QUICK)
    assert found.is_control
    assert found.processes >= 2
    assert {each.process for each in found.blocks} == set(range(1, found.processes + 1))
    assert {each.build for each in found.blocks} == set(range(1, found.builds + 1))
    assert len({(each.process, each.build) for each in found.blocks}) == found.builds
    assert all(each.order in {"ABBA", "BAAB"} and min(each.seconds) > 0 for each in found.blocks)
    assert found.stopped in {"budget", "width"}
    assert 0 < found.low <= found.ratio <= found.high
    assert found.a.means == "NumPy, float64, operation by operation"
    assert found.a.versions["python"] == sys.version.split()[0]
    assert found.a.peak_bytes > 2**20
    assert min(found.a.start_seconds, found.a.build_seconds, found.a.first_seconds) > 0
    assert found.a.layout == "channels first"
    assert found.a.arithmetic
    assert 0 <= found.a.largest_error < 1e-3
    assert not found.shared
    assert found.others is None or 0 <= found.others < 100


def test_a_planted_slowdown_is_seen(player):
    """Four times the calls: found whatever else the machine does."""
    slow = player(extra=3.0)
    found = fight(slow, player(), WORKS["lenet5-inference"], Plan(seed=3, budget=4.0, threads=1))
    assert differs(interval_of(found))
    assert 2.0 < found.ratio < 8.0


BY_HAND = pathlib.Path(fixtures_dir(), "performance", "reference.py")


@pytest.mark.parametrize("work", ["mlp-inference-1", "mlp-train"])
def test_a_program_by_hand_takes_turns_with_the_suite(player, work):
    """It says which one it is, and its results are held against the oracle's as well."""
    found = fight(player(), player(script=BY_HAND), WORKS[work], QUICK)
    assert (found.a.name, found.b.name) == ("reference", "reference by reference.py")
    assert not found.is_control
    assert 0 <= found.b.largest_error < 1e-3
    # In one process, whose imports and memory are of both.
    assert found.shared
    assert found.calls[0] == found.calls[1]
    assert {side.peak_bytes for side in (found.a, found.b)} == {0}
    assert (player().was(found.a), player().was(found.b), player(script=BY_HAND).was(found.b)) == (True, False, True)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("-np.log(", "-0.9 * np.log(", "step of mlp-train is"),
        ("moves[name] + slope", "moves[name] + 1.1 * slope", "first step of mlp-train moves 0.kernel otherwise"),
        ("momentum * moves[name]", "0.8 * moves[name]", "second step of mlp-train moves 0.kernel otherwise"),
    ],
    ids=["another-loss", "another-step", "another-momentum"],
)
def test_a_program_that_does_something_else_is_not_timed(player, tmp_path, old, new, says):
    text = BY_HAND.read_text(encoding="utf-8")
    assert old in text
    other = tmp_path / "other.py"
    other.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DuelError, match=says):
        fight(player(), player(script=other), WORKS["mlp-train"], QUICK)


def test_what_a_framework_refuses_is_said(player):
    with pytest.raises(DuelError, match=r"reference has no mode 'compile'; it has default, best"):
        fight(player(mode="compile"), player(), WORK, QUICK)


def test_best_is_the_mode_that_the_framework_recommends(player):
    assert fight(player(mode="best"), player(), WORK, QUICK).a.mode == "default"


def test_an_interpreter_without_the_framework_is_said(player):
    with pytest.raises((DuelError, Refused), match=r"torch-cpu \(a\): .*torch"):
        fight(player(environment="torch-cpu", framework="pytorch"), player(), WORK, QUICK)


def test_a_process_that_dies_is_said_with_what_it_printed(player, tmp_path):
    dying = tmp_path / "python"
    dying.write_text("#!/bin/sh\necho no such library >&2\nexit 3\n")
    dying.chmod(0o755)
    with pytest.raises(DuelError, match=r"(?s)reference \(a\) exit code 3.*no such library"):
        fight(player(python=dying), player(), WORK, QUICK)


@pytest.fixture
def interruptible():
    """Ctrl-C raises, as it does unless whoever started Python had it ignored (a shell's background job)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_keeps_what_was_measured(player):
    """After the second pair of processes the interrupt comes; the rounds until then are there, no process is left."""
    seen = []

    def watch(pairs, so_far, spent):
        seen.append(pairs)
        if pairs == 2:
            signal.raise_signal(signal.SIGINT)

    found = fight(player(), player(), WORK, Plan(seed=3, budget=60.0, threads=1), watch)
    assert found.stopped == "interrupted"
    assert found.processes == 2 == seen[-1]


def test_whoever_is_not_at_work_is_halted(player, monkeypatch):
    """While one works, the other's process is stopped, as the system says."""
    from fwconformance.duels import _player

    states = []
    original = _player.Started.turn
    started = []

    def turn(self, calls, warm):
        if self not in started:
            started.append(self)
        done = threading.Event()

        def look():
            # A signal needs a moment to be delivered.
            seen = []
            while len(started) == 2 and seen != ["T"] and not done.wait(0.001):
                seen = [
                    pathlib.Path(f"/proc/{each._dialogue.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
                    for each in started
                    if each is not self
                ]
            if seen:
                states.append(seen)

        watching = threading.Thread(target=look)
        watching.start()
        try:
            return original(self, calls, warm)
        finally:
            done.set()
            watching.join()

    monkeypatch.setattr(_player.Started, "turn", turn)
    fight(player(), player(), WORK, QUICK)
    assert states
    assert all(each == ["T"] for each in states)


def test_calls_go_before_each_turn_uncounted(player, monkeypatch):
    """More where the other was at work, since caches are the other's then, than in the middle of a block."""
    from fwconformance.duels import _player

    asked = []
    original = _player.Started.turn

    def turn(self, calls, warm):
        asked.append((calls, warm))
        return original(self, calls, warm)

    monkeypatch.setattr(_player.Started, "turn", turn)
    found = fight(player(), player(), WORKS["mlp-inference-1"], QUICK)
    assert min(found.calls) >= 10
    before = asked[-4:]
    assert [calls for calls, _ in before] == [found.calls["AB".index(who)] for who in found.blocks[-1].order]
    assert [warm for _, warm in before] == [
        round(calls * share) for (calls, _), share in zip(before, (0.4, 0.4, 0.2, 0.4))
    ]


def test_what_was_imported_is_kept_out_of_collections(player, tmp_path):
    """A collection that looks at a framework's objects takes longer than a turn."""
    counting = tmp_path / "counting.py"
    text, begins = BY_HAND.read_text(encoding="utf-8"), "    own = {"
    assert begins in text
    asks = f"    import gc\n    assert gc.get_freeze_count() > len(gc.get_objects())\n{begins}"
    counting.write_text(text.replace(begins, asks, 1), encoding="utf-8")
    assert fight(player(), player(script=counting), WORKS["mlp-inference-1"], QUICK).blocks


def test_more_processors_than_asked_for_are_not_used(player):
    assert fight(player(), player(), WORK, QUICK).a.threads == 1
