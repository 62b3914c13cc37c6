"""Writing: append-only, one write a record, and nothing lost when the disk is full."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import fwconformance
from fwconformance.evidence import Observation, Outcome
from fwconformance.shards import JournalError, ShardError, open_journal, read_shard

HOME = Path(fwconformance.__file__).resolve().parent.parent


def observe(journal, case="forward", **fields):
    key = journal.header.key("layers.dense", case)
    journal.start("layers.dense", case)
    journal.observe(Observation(key=key, **{"outcome": Outcome.PASSED, **fields}))


def test_what_is_written_is_read(tmp_path, header):
    """Header, starts, observations, findings, proofs and end come back as they were."""
    with open_journal(tmp_path / "deep" / "j.jsonl", header) as journal:
        observe(journal)
        journal.start("layers.dense", "gradients")
        journal.finding("f1", reproduced=True, message="still there")
        journal.proof("drops-bias", "layers.dense", "forward", killed=True, message="outputs differ")
        journal.end(0)
    shard = read_shard(tmp_path / "deep" / "j.jsonl")
    assert shard.header == header
    assert [each.key.case for each in shard.observations] == ["forward"]
    assert [each.case for each in shard.unfinished] == ["gradients"]
    assert (shard.findings[0].id, shard.findings[0].reproduced) == ("f1", True)
    assert (shard.proofs[0].sabotage, shard.proofs[0].killed) == ("drops-bias", True)
    assert (shard.ended, shard.warnings) == (0, ())


def test_every_record_is_one_write(tmp_path, header, monkeypatch):
    """A record reaches the file whole or not at all."""
    written = []
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: written.append(data) or write(descriptor, data))
    with open_journal(tmp_path / "j.jsonl", header) as journal:
        observe(journal)
    assert len(written) == 3
    assert all(data.endswith(b"\n") and data.count(b"\n") == 1 for data in written)


def test_existing_journal_is_not_overwritten(tmp_path, header):
    """Without resume a journal that is there is refused, and left as it is."""
    path = tmp_path / "j.jsonl"
    open_journal(path, header).close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="--fw-resume"):
        open_journal(path, header)
    assert path.read_bytes() == before


def test_resume_keeps_run_and_start(tmp_path, header):
    """A continued journal keeps the identity that it began with, and says that it was continued."""
    path = tmp_path / "j.jsonl"
    with open_journal(path, header) as journal:
        observe(journal)
        journal.end(1)
    later = attrs.evolve(header, run="other", started="2026-11-23T00:00:00Z")
    with open_journal(path, later, resume=True) as journal:
        assert journal.header == header
        assert [each.key.case for each in journal.before.observations] == ["forward"]
        observe(journal, "gradients")
    shard = read_shard(path)
    assert (shard.resumed, shard.ended, len(shard.observations)) == (1, None, 2)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("seed", 1, "seed is 20200101 there and 1 now"),
        ("backend", "jax", "backend is none there and jax now"),
        ("versions", {"torch": "2.16.0", "numpy": "2.4.6"}, "torch: 2.15.0 there, 2.16.0 now"),
        ("mutant", "m", "mutant is none there and m now"),
    ],
)
def test_resume_refuses_another_header(tmp_path, header, field, value, said):
    """What differs is named, and the file stays as it was."""
    path = tmp_path / "j.jsonl"
    open_journal(path, header).close()
    before = path.read_bytes()
    with pytest.raises(JournalError) as caught:
        open_journal(path, attrs.evolve(header, **{field: value}), resume=True)
    assert said in str(caught.value)
    assert path.read_bytes() == before


def test_a_run_of_a_few_cases_goes_on_with_others_and_keeps_what_it_was_limited_to(tmp_path, header):
    """A case is tried again alone in the journal of the whole run."""
    path = tmp_path / "shard.jsonl"
    open_journal(path, attrs.evolve(header, only=["rnn.lstm"])).close()
    open_journal(path, attrs.evolve(header, only=["rnn.lstm:forward"]), resume=True).close()
    kept = read_shard(path).header
    assert kept.only == ("rnn.lstm",)
    assert kept.asked_for("rnn.lstm", "forward")
    assert not kept.asked_for("rnn.gru", "forward")
    assert header.asked_for("rnn.gru", "forward")


def test_resume_cuts_a_torn_line_off(tmp_path, header):
    """What was half-written goes, and the next record stands on a line of its own."""
    path = tmp_path / "j.jsonl"
    with open_journal(path, header) as journal:
        observe(journal)
    with path.open("ab") as file:
        file.write(b'{"record":"observ')
    with open_journal(path, header, resume=True) as journal:
        observe(journal, "gradients")
    assert [each.key.case for each in read_shard(path).observations] == ["forward", "gradients"]
    for line in path.read_text().splitlines():
        json.loads(line)


def test_resume_begins_what_is_not_there(tmp_path, header):
    """A missing or empty file is begun."""
    (tmp_path / "empty.jsonl").touch()
    for name in ("missing.jsonl", "empty.jsonl"):
        with open_journal(tmp_path / name, header, resume=True) as journal:
            assert journal.before is None
        assert read_shard(tmp_path / name).header == header


def test_resume_refuses_a_damaged_journal(tmp_path, header):
    path = tmp_path / "j.jsonl"
    path.write_text("nonsense\n")
    with pytest.raises(ShardError, match=r"j\.jsonl:1"):
        open_journal(path, header, resume=True)


@pytest.mark.parametrize("name", ["", "file/below.jsonl"])
def test_unwritable_path_is_told_before_anything_runs(tmp_path, header, name):
    """A folder, or a path below a file, is refused with what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="Name a file in a folder that can be written"):
        open_journal(tmp_path / name, header)


FILL = """
import resource, signal, sys
from fwconformance.evidence import Header, Observation, Outcome
from fwconformance.shards import JournalError, open_journal
import json
header = Header(**json.loads(sys.argv[2]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
journal = open_journal(sys.argv[1], header)
count = 0
try:
    while True:
        journal.observe(Observation(key=header.key("a.b", f"c{count}"), outcome=Outcome.PASSED))
        count += 1
except JournalError as error:
    print(count)
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit on file sizes to stand in for a full disk")
def test_full_disk_keeps_what_was_made(tmp_path, header):
    """When nothing more can be written, the message says what is kept, and what is kept is whole and can be
    continued.
    """
    path = tmp_path / "j.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path), json.dumps(header.to_json())],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        check=True,
    )
    count, said = done.stdout.decode().split("\n", 1)
    assert f"keeps the {count} observations made before" in said
    assert "--fw-resume" in said
    assert path.read_bytes().endswith(b"\n")
    assert len(read_shard(path).observations) == int(count) > 5
    with open_journal(path, header, resume=True) as journal:
        observe(journal)
    assert len(read_shard(path).observations) == int(count) + 1


def test_somebodys_file_is_not_called_a_run(tmp_path, header):
    path = tmp_path / "README.md"
    path.write_text("# A project\n")
    with pytest.raises(ShardError, match=r"README.md:1: .* no journal of fwconformance; name another"):
        open_journal(path, header)
    assert path.read_text() == "# A project\n"
