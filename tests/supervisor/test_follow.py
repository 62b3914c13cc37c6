"""Following a journal while it is written."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from fwconformance.supervisor._follow import Follower

RECORDS = [
    {"record": "header", "run": "1"},
    {"record": "start", "capability": "rnn.lstm", "case": "forward", "attempt": 1},
    {"record": "observation", "capability": "rnn.lstm", "case": "forward", "attempt": 1, "outcome": "passed"},
    {"record": "start", "capability": "rnn.gru", "case": "forward", "attempt": 1},
]
JOURNAL = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()


def state(follower: Follower) -> tuple:
    return follower.header, follower.results, follower.open, follower.ended


@given(cuts=st.lists(st.integers(0, len(JOURNAL)), max_size=8))
def test_however_a_journal_arrives_it_is_read_alike(tmp_path_factory, cuts):
    path = tmp_path_factory.mktemp("follow") / "s.jsonl"
    follower = Follower(path)
    assert follower.poll() == []
    begin = 0
    for cut in [*sorted(cuts), len(JOURNAL)]:
        with path.open("ab") as file:
            file.write(JOURNAL[begin:cut])
        begin = cut
        follower.poll()
    at_once = Follower(path)
    at_once.poll()
    assert state(follower) == state(at_once)
    assert follower.open == ("rnn.gru", "forward", 1)
    assert follower.outcome("rnn.lstm", "forward") == (1, "passed")
    assert follower.outcome("rnn.gru", "forward") is None


def test_a_torn_last_line_that_is_cut_off_and_written_again_is_read_once(tmp_path):
    path = tmp_path / "s.jsonl"
    path.write_bytes(JOURNAL + b'{"record":"obs')
    follower = Follower(path)
    follower.poll()
    path.write_bytes(JOURNAL + b'{"record":"resumed"}\n')
    follower.poll()
    assert follower.open is None
    assert len(follower.results) == 1


def test_a_crash_is_to_be_repeated_until_its_second_attempt_is_there(tmp_path):
    path = tmp_path / "s.jsonl"
    crash = {"record": "observation", "capability": "rnn.lstm", "case": "forward", "attempt": 1, "outcome": "crashed"}
    path.write_text(json.dumps(crash) + "\n")
    follower = Follower(path)
    follower.poll()
    assert follower.to_repeat("rnn.lstm", "forward")
    with path.open("a") as file:
        file.write(json.dumps({**crash, "attempt": 2}) + "\n")
    follower.poll()
    assert not follower.to_repeat("rnn.lstm", "forward")
    assert not follower.to_repeat("rnn.gru", "forward")
