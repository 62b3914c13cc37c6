"""Reading: what it takes it understood; anything else names file and line."""

from __future__ import annotations

import json

import pytest

from fwconformance.shards import SCHEMA, ShardError, read_shard

OBSERVATION = {"record": "observation", "capability": "a.b", "case": "c", "attempt": 1, "outcome": "passed"}


@pytest.fixture
def write(tmp_path, header):
    def make(*records, head=True, end="\n", **changes):
        first = {"record": "header", "schema": SCHEMA, **header.to_json(), **changes}
        lines = [
            record if isinstance(record, str) else json.dumps(record) for record in ((first,) if head else ()) + records
        ]
        path = tmp_path / "j.jsonl"
        path.write_text("\n".join(lines) + end)
        return path

    return make


def test_unknown_kinds_and_fields_are_ignored(write):
    """A newer minor version may add both."""
    path = write({"record": "weather", "sky": "blue"}, {**OBSERVATION, "mood": "good"}, mood="good")
    assert len(read_shard(path).observations) == 1


def test_torn_last_line_is_left_out_with_a_warning(write):
    """Also where what is there of it happens to be JSON."""
    shard = read_shard(write(OBSERVATION, {**OBSERVATION, "case": "d"}, end=""))
    assert [each.key.case for each in shard.observations] == ["c"]
    assert shard.warnings[0].endswith(
        "j.jsonl:3: the last line is incomplete (its writer was interrupted) and was left out"
    )


def test_start_without_observation_is_unfinished(write):
    """By attempt: a second attempt that ended does not end the first."""
    starts = [{"record": "start", "capability": "a.b", "case": "c", "attempt": attempt} for attempt in (1, 2)]
    shard = read_shard(write(*starts, {**OBSERVATION, "attempt": 2}))
    assert [each.attempt for each in shard.unfinished] == [1]


def test_resumed_run_has_not_ended_until_it_ends_again(write):
    path = write({"record": "end", "at": "x", "status": 0}, {"record": "resumed", "at": "x"})
    assert read_shard(path).ended is None


@pytest.mark.parametrize(
    ("records", "line", "said"),
    [
        (["{broken"], 2, "is no JSON"),
        (["[1, 2]"], 2, "is no record"),
        ([OBSERVATION, OBSERVATION], 3, "a second time (first on line 2)"),
        ([{**OBSERVATION, "outcome": "splendid"}], 2, "splendid"),
        ([{key: value for key, value in OBSERVATION.items() if key != "outcome"}], 2, "lacks the field 'outcome'"),
        ([{**OBSERVATION, "capability": 7}], 2, "capability is no string"),
        ([{**OBSERVATION, "attempt": True}], 2, "attempt is no whole number"),
        ([{**OBSERVATION, "level": "golden"}], 2, "golden"),
        ([{**OBSERVATION, "figures": {"x": {"value": "1", "unit": "s"}}}], 2, "is no number"),
        ([{**OBSERVATION, "figures": {"x": {"value": 1}}}], 2, "lacks the field 'unit'"),
        ([{**OBSERVATION, "details": {"lacking": {"x": 1}}}], 2, "details of kind 'lacking' are no texts by name"),
        ([{**OBSERVATION, "details": {"lacking": ["x"]}}], 2, "is not as it should be"),
        (
            ['{"record":"observation","capability":"a","case":"b","outcome":"passed","duration":NaN}'],
            2,
            "NaN is no JSON",
        ),
        (['{"record":"observation","capability":"a","case":"b","outcome":"passed","duration":1e999}'], 2, "not finite"),
        ([{"record": "header", "schema": SCHEMA}], 2, "second header"),
        ([{"record": "end", "at": "x", "status": "fine"}], 2, "status is no whole number"),
        (
            [{"record": "proof", "sabotage": "s", "capability": "a", "case": "b", "message": "", "killed": 1}],
            2,
            "killed",
        ),
    ],
)
def test_broken_line_is_named(write, records, line, said):
    """File, line and fault."""
    with pytest.raises(ShardError) as caught:
        read_shard(write(*records))
    assert f"j.jsonl:{line}: " in str(caught.value)
    assert said in str(caught.value)


def test_missing_header_is_refused(write):
    with pytest.raises(ShardError, match=r"j.jsonl:1: .*header was expected"):
        read_shard(write(OBSERVATION, head=False))


def test_newer_major_schema_is_refused_with_what_to_do(write):
    with pytest.raises(ShardError, match=r"newer fwconformance .*pip install --upgrade"):
        read_shard(write(schema="fwconformance.shard/2"))


def test_newer_minor_schema_is_read(write):
    assert read_shard(write(schema="fwconformance.shard/1.7")).header.run == "a1b2"


def test_other_file_is_refused(write):
    with pytest.raises(ShardError, match="the file is no journal of fwconformance; name another"):
        read_shard(write(schema="somebody.else/1"))


@pytest.mark.parametrize("text", ["# Notes\n", "# Notes", "{}\n", '{"record":"duel"}\n', "\n", "\ud800\n", "[]\n"])
def test_what_is_no_journal_is_somebodys_and_not_called_damaged(tmp_path, text):
    (tmp_path / "notes").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ShardError, match=r"the file is no journal of fwconformance; name another$") as refused:
        read_shard(tmp_path / "notes")
    assert "remove" not in str(refused.value)


def test_a_damaged_journal_is_called_so(write):
    with pytest.raises(ShardError, match=r"j.jsonl:2: is no JSON \(.*the file was damaged"):
        read_shard(write("nonsense"))


@pytest.mark.parametrize(("field", "value"), [("seed", "x"), ("versions", {"a": 1}), ("label", None), ("platform", [])])
def test_wrong_header_field_is_named(write, field, value):
    with pytest.raises(ShardError, match=rf"j.jsonl:1: the header is not as it should be: {field}"):
        read_shard(write(**{field: value}))


def test_an_environment_by_the_name_of_a_path_is_refused(write):
    with pytest.raises(ShardError, match=r"j.jsonl:1: the header is not as it should be: '../..' is no name"):
        read_shard(write(environment="../.."))


def test_empty_and_missing_files_are_refused(tmp_path):
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(ShardError, match="is empty: the run ended before it began"):
        read_shard(tmp_path / "empty.jsonl")
    with pytest.raises(ShardError, match="cannot be read"):
        read_shard(tmp_path / "missing.jsonl")


def test_file_of_a_torn_header_only(tmp_path):
    (tmp_path / "j.jsonl").write_text('{"record":"hea')
    with pytest.raises(ShardError, match="holds no whole line"):
        read_shard(tmp_path / "j.jsonl")
