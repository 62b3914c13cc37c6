"""What is written can be read again, and what cannot be read is named."""

from __future__ import annotations

import fcntl
import json
import threading

import attrs
import pytest

from fwconformance.duels import Block, Duel, Limits, NoDuels, RecordError, append, dumps, read

LIMITS = Limits(products=1e11, copying=1e10, threads=2, started="2026-01-31T12:00:00Z", by="NumPy")


def test_what_is_appended_is_read_again(tmp_path, duel):
    path = tmp_path / "duels.jsonl"
    for record in (LIMITS, duel(), duel(work="lenet5-train")):
        append(path, record)
    assert read([path]) == ((duel(), duel(work="lenet5-train")), (LIMITS,))


def test_a_line_that_was_cut_off_is_left_out(tmp_path, duel):
    path = tmp_path / "duels.jsonl"
    append(path, duel())
    whole = path.read_text()
    path.write_text(whole + whole[:50])
    warnings = []
    assert read([path], warn=warnings.append)[0] == (duel(),)
    assert warnings == [f"{path}:2: the last line is incomplete (its writer was interrupted): left out"]


@pytest.mark.parametrize("length", [1, 2, 50, -2])
def test_a_line_that_was_cut_off_goes_before_another_is_added(tmp_path, duel, length):
    path = tmp_path / "duels.jsonl"
    append(path, duel())
    whole = path.read_text()
    path.write_text(whole + whole[:length])
    append(path, duel(work="lenet5-train"))
    warnings = []
    assert read([path], warn=warnings.append)[0] == (duel(), duel(work="lenet5-train"))
    assert warnings == []


def test_a_record_that_lacks_only_its_end_is_kept(tmp_path, duel):
    path = tmp_path / "duels.jsonl"
    path.write_text(dumps(duel()).rstrip("\n"))
    assert read([path])[0] == (duel(),)
    append(path, LIMITS)
    assert read([path]) == ((duel(),), (LIMITS,))


@pytest.mark.parametrize("text", ["# A project", "# A project\nwithout an end", "\xff\xfe", '{"a": 1}'])
def test_nobody_elses_file_is_cut(tmp_path, duel, text):
    path = tmp_path / "README.md"
    path.write_text(text, encoding="latin-1")
    before = path.read_bytes()
    with pytest.raises(NoDuels, match=r"README.md:1: .*: the file is none of duels"):
        append(path, duel())
    assert path.read_bytes() == before


def test_rounds_of_a_file_from_before_builds_and_processes_were_numbered_are_of_none(tmp_path, duel):
    path = tmp_path / "duels.jsonl"
    found = duel(blocks=(Block(order="ABBA", seconds=(1.0, 1.0, 1.0, 1.0)),) * 2)
    path.write_text(dumps(found).replace('"build": 0, ', "").replace('"process": 0, ', ""))
    assert '"build":' not in path.read_text()
    assert '"process":' not in path.read_text()
    assert read([path])[0] == (found,)
    assert found.builds == found.processes == 0


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "Expecting property name"),
        ('{"record": "shard"}', "not a duel of format 1: record 'shard'"),
        ('{"record": "duel", "format": 2}', "not a duel of format 1"),
        ('{"record": "duel", "format": 1, "work": "mlp-train"}', "lacks a field"),
        ('{"record": "limits", "format": 1}', "products"),
        ("[]", "no record: list in place of an object"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path, line, says):
    path = tmp_path / "duels.jsonl"
    path.write_text("\n" + line + "\n")
    with pytest.raises(RecordError, match=rf"duels.jsonl:2: .*{says}"):
        read([path])


def test_a_control_is_one_with_itself(duel, contestant):
    seen = contestant(peak_bytes=5, largest_error=0.5)
    assert duel(a=contestant(), b=seen).is_control
    assert not duel().is_control
    assert not duel(a=contestant(), b=attrs.evolve(contestant(), mode="compile")).is_control
    assert not duel(a=contestant(), b=contestant(extra=0.05)).is_control


def test_a_mode_of_its_own_is_part_of_the_name(contestant):
    assert contestant().name == "torch-cpu"
    assert contestant(mode="compile").name == "torch-cpu:compile"


def test_who_else_appends_waits(tmp_path, duel):
    """While somebody holds the file, nothing is cut off or written; then the line is there."""
    path = tmp_path / "duels.jsonl"
    path.write_bytes(b'{"record": "du')
    with path.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        appending = threading.Thread(target=append, args=(path, duel()))
        appending.start()
        appending.join(0.3)
        assert appending.is_alive()
        assert path.read_bytes() == b'{"record": "du'
    appending.join(20)
    assert read([path])[0] == (duel(),)


def test_what_others_did_is_kept_where_somebody_looked(duel):
    """Records of before are written as they were; the same with one process for both."""
    assert not {"others", "shared"} & set(duel().to_json())
    seen = duel(others=0.25, shared=True)
    assert Duel.from_json(json.loads(json.dumps(seen.to_json()))) == seen
