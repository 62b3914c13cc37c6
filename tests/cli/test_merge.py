"""`merge`, `render` and `show`: from shards to a report folder and back."""

from __future__ import annotations

import json
import pathlib
import resource
import subprocess

import pytest

from fwconformance._version import __version__
from fwconformance.cli import Exit, main
from fwconformance.evidence import Outcome
from fwconformance.registry import load_registry, suite_content
from fwconformance.shards import open_journal, read_shard


def test_a_report_holds_matrix_page_and_raw_shards(tmp_path, capsys, write_shard):
    shard = write_shard(tmp_path / "anything.jsonl")
    assert main(["merge", str(shard), "-o", str(tmp_path / "out"), "--expect", "core"]) == Exit.MEASURED
    files = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert files == {"matrix.json", "README.md", "shards/reference.jsonl"}
    assert (tmp_path / "out/shards/reference.jsonl").read_bytes() == shard.read_bytes()
    captured = capsys.readouterr()
    assert "torch-cpu: no report" in captured.out
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_same_shards_give_the_same_bytes_whatever_their_names_order_and_number(tmp_path, write_shard):
    one = write_shard(tmp_path / "a.jsonl")
    two = write_shard(tmp_path / "b.jsonl", run="22222222", label="another machine")
    (tmp_path / "c.jsonl").write_bytes(one.read_bytes())
    assert main(["merge", str(one), str(two), "-o", str(tmp_path / "first")]) == 0
    assert main(["merge", str(tmp_path / "c.jsonl"), str(two), str(one), "-o", str(tmp_path / "second")]) == 0
    assert main(["merge", str(tmp_path / "first/shards"), "--output", str(tmp_path / "third")]) == 0
    for name in ("matrix.json", "README.md"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "third" / name).read_bytes()
    names = sorted(path.name for path in (tmp_path / "first/shards").iterdir())
    assert names == ["reference-11111111.jsonl", "reference-22222222.jsonl"]


@pytest.mark.parametrize(("reproduced", "code"), [(True, Exit.MEASURED), (False, Exit.FAULTS)])
def test_a_finding_that_no_longer_reproduces_is_1(tmp_path, capsys, reproduced, code, write_shard):
    """An entry that has gone stale would explain faults away that nobody has looked at."""
    shard = write_shard(tmp_path / "s.jsonl")
    with open_journal(shard, read_shard(shard).header, resume=True) as journal:
        journal.finding("mxnet-max-pool-gradient-in-predict-mode", reproduced=reproduced, message="what it saw")
    assert main(["merge", str(shard), "-o", str(tmp_path / "out")]) == code
    assert ("no longer reproduces: what it saw" in capsys.readouterr().err) is not reproduced


@pytest.mark.parametrize(
    "outcome", [Outcome.FAILED, Outcome.BROKEN, Outcome.CRASHED, Outcome.TIMEOUT], ids=lambda one: one.value
)
def test_a_fault_without_a_finding_is_1_and_the_report_is_written(tmp_path, capsys, outcome, write_shard):
    shard = write_shard(tmp_path / "s.jsonl", outcome=outcome)
    assert main(["merge", str(shard), "-o", str(tmp_path / "out")]) == Exit.FAULTS
    assert "new: reference: layers.embedding:forward: " in capsys.readouterr().err
    assert (tmp_path / "out/matrix.json").is_file()


def test_a_conflict_is_bad_input_and_writes_nothing(tmp_path, capsys, write_shard):
    one = write_shard(tmp_path / "a.jsonl")
    two = write_shard(tmp_path / "b.jsonl", run="22222222", outcome=Outcome.FAILED, started="2026-01-02T00:00:00Z")
    assert main(["merge", str(one), str(two), "-o", str(tmp_path / "out")]) == Exit.USAGE
    errors = capsys.readouterr().err
    assert "a.jsonl" in errors
    assert "b.jsonl" in errors
    assert not (tmp_path / "out").exists()
    assert main(["merge", str(one), str(two), "-o", str(tmp_path / "out"), "--latest"]) == Exit.FAULTS


def test_a_shard_of_another_suite_revision_than_this_program_needs_allow_mixed(tmp_path, capsys, write_shard):
    """Old results under new rules are no verdicts of the old revision; the same inputs still give the same bytes."""
    shard = write_shard(tmp_path / "s.jsonl", suite_content="sha256:" + "1" * 64)
    assert main(["merge", str(shard), "-o", str(tmp_path / "out")]) == Exit.USAGE
    said = capsys.readouterr().err
    assert "s.jsonl: was run with suites" in said
    assert "run it again, or allow it with --allow-mixed" in said
    assert not (tmp_path / "out").exists()
    for name in ("one", "two"):
        assert main(["merge", str(shard), "-o", str(tmp_path / name), "--allow-mixed"]) == 0
        judge = json.loads((tmp_path / name / "matrix.json").read_text())["judged_by"]
        assert judge == {"version": __version__, "content": suite_content()}
    for name in ("matrix.json", "README.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_torn_last_line_is_left_out_with_a_warning(tmp_path, capsys, write_shard):
    shard = write_shard(tmp_path / "s.jsonl")
    whole = shard.read_bytes()
    shard.write_bytes(whole + b'{"record":"obs')
    assert main(["merge", str(shard), "-o", str(tmp_path / "out")]) == 0
    assert "s.jsonl:7: the last line is incomplete" in capsys.readouterr().err
    assert (tmp_path / "out/shards/reference.jsonl").read_bytes() == whole


def test_a_broken_line_names_file_and_line(tmp_path, capsys, write_shard):
    shard = write_shard(tmp_path / "s.jsonl")
    lines = shard.read_text().splitlines(keepends=True)
    shard.write_text("".join([*lines[:2], "{torn\n", *lines[2:]]))
    assert main(["merge", str(shard), "-o", str(tmp_path / "out")]) == Exit.USAGE
    assert "s.jsonl:3: is no JSON" in capsys.readouterr().err


def test_a_shard_of_a_newer_major_schema_says_what_to_upgrade(tmp_path, capsys, write_shard):
    shard = write_shard(tmp_path / "s.jsonl")
    shard.write_text(shard.read_text().replace("fwconformance.shard/1", "fwconformance.shard/2"))
    assert main(["merge", str(shard), "-o", str(tmp_path / "out")]) == Exit.USAGE
    assert "pip install --upgrade fwconformance" in capsys.readouterr().err


def test_an_older_report_is_replaced_and_a_foreign_folder_is_not(tmp_path, capsys, write_shard):
    shard = write_shard(tmp_path / "s.jsonl")
    out = tmp_path / "out"
    assert main(["merge", str(shard), "-o", str(out), "--expect", "core"]) == 0
    assert main(["merge", str(out / "shards"), "-o", str(out)]) == 0
    assert len(json.loads((out / "matrix.json").read_text())["columns"]) == 1
    (out / "notes.txt").write_text("mine")
    before = (out / "matrix.json").read_bytes()
    assert main(["merge", str(shard), "-o", str(out), "--expect", "core"]) == Exit.USAGE
    assert "holds notes.txt" in capsys.readouterr().err
    assert (out / "matrix.json").read_bytes() == before


def test_a_report_is_not_replaced_by_one_that_lacks_some_of_its_shards(tmp_path, capsys, write_shard):
    one = write_shard(tmp_path / "a.jsonl")
    two = write_shard(tmp_path / "b.jsonl", run="22222222", label="another machine")
    out = tmp_path / "out"
    assert main(["merge", str(one), str(two), "-o", str(out)]) == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main(["merge", str(one), "-o", str(out)]) == Exit.USAGE
    errors = capsys.readouterr().err
    assert len(errors.splitlines()) == 1
    assert f"{out}/shards/reference-22222222.jsonl (reference, another machine)" in errors
    assert "reference-11111111" not in errors
    assert "name another folder with -o, or give those shards too" in errors
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert main(["merge", str(one), str(out / "shards/reference-22222222.jsonl"), "-o", str(out)]) == 0
    assert main(["merge", str(out / "shards"), "-o", str(out)]) == 0


def test_a_newer_run_of_the_same_environment_and_label_replaces_the_older(tmp_path, write_shard):
    older = write_shard(tmp_path / "a.jsonl")
    newer = write_shard(tmp_path / "b.jsonl", run="22222222", started="2026-01-02T00:00:00Z")
    out = tmp_path / "out"
    assert main(["merge", str(older), "-o", str(out)]) == 0
    assert main(["merge", str(newer), "-o", str(out)]) == 0
    assert (out / "shards/reference.jsonl").read_bytes() == newer.read_bytes()


def test_a_shard_that_cannot_be_read_is_not_thrown_away(tmp_path, capsys, write_shard):
    shard = write_shard(tmp_path / "s.jsonl")
    out = tmp_path / "out"
    assert main(["merge", str(shard), "-o", str(out)]) == 0
    (out / "shards/torn.jsonl").write_text("{torn\n")
    assert main(["merge", str(shard), "-o", str(out)]) == Exit.USAGE
    assert "torn.jsonl (which cannot be read)" in capsys.readouterr().err


def test_an_unwritable_folder_is_named_with_the_reason(tmp_path, capsys, write_shard):
    shard = write_shard(tmp_path / "s.jsonl")
    (tmp_path / "file").write_text("in the way")
    assert main(["merge", str(shard), "-o", str(tmp_path / "file" / "out")]) == Exit.USAGE
    assert "/file is a file, not a folder; name another folder with -o" in capsys.readouterr().err
    assert main(["merge", str(shard), "-o", "/proc/out"]) == Exit.USAGE
    assert "/proc/out: the report cannot be written: " in capsys.readouterr().err


def test_a_full_disk_leaves_the_older_report_whole(command, tmp_path, write_shard):
    shard = write_shard(tmp_path / "s.jsonl")
    out = tmp_path / "out"
    assert main(["merge", str(shard), "-o", str(out)]) == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    limit = len((out / "matrix.json").read_bytes()) // 2
    done = subprocess.run(
        command.line("merge", shard, "-o", out, "--expect", "core"),
        cwd=command.folder,
        env=command.environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "the report cannot be written: File too large; nothing was changed" in done.stderr
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "project", "s.jsonl"]


def test_a_matrix_renders_to_the_page_that_merge_wrote(tmp_path, capsys, write_shard):
    shard = write_shard(tmp_path / "s.jsonl")
    out = tmp_path / "out"
    main(["merge", str(shard), "-o", str(out)])
    assert main(["render", str(out), "-o", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_bytes() == (out / "README.md").read_bytes()
    capsys.readouterr()
    assert main(["render", str(out / "matrix.json")]) == 0
    assert capsys.readouterr().out == (out / "README.md").read_text()


def test_show_tells_a_cells_attempts_a_capabilitys_cells_and_a_claims_verdicts(tmp_path, capsys, write_shard):
    shard = write_shard(tmp_path / "s.jsonl")
    out = str(tmp_path / "out")
    main(["merge", str(shard), "-o", out])
    capsys.readouterr()
    assert main(["show", "layers.embedding@reference", "--matrix", out]) == 0
    cell = capsys.readouterr().out
    assert "layers.embedding in reference (test): supported, hardware" in cell
    assert "attempt 1: passed, hardware" in cell
    assert "again with: fwconformance run --framework reference --only layers.embedding" in cell
    assert main(["show", "layers.embedding", "--matrix", out]) == 0
    assert "reference (test): supported, hardware" in capsys.readouterr().out
    claim = json.loads((tmp_path / "out/matrix.json").read_text())["claims"][0]["id"]
    assert main(["show", claim, "--matrix", out]) == 0
    assert "era current" in capsys.readouterr().out
    assert main(["show", "layers.embeding", "--matrix", out]) == Exit.USAGE
    assert "did you mean layers.embedding?" in capsys.readouterr().err


def test_the_shard_that_the_tests_write_is_a_shard(tmp_path, write_shard):
    assert len(read_shard(write_shard(tmp_path / "s.jsonl")).observations) == 2


def slower_on() -> tuple[str, ...]:
    """The works that keras.slower names."""
    from fwconformance.duels import asked

    pair = next(pair for pair in asked(load_registry()) if (pair.of, pair.over) == ("keras-cpu", "torch-cpu"))
    return pair.rule.works


def write_duels(path: pathlib.Path) -> pathlib.Path:
    """One duel of Keras against PyTorch at each of the works that keras.slower names."""
    from fwconformance.duels import Block, Contestant, Duel, append

    versions = {"keras-cpu": {"keras": "3.15.1", "tensorflow-cpu": "2.21.0"}, "torch-cpu": {"torch": "2.15.0"}}
    keras, pytorch = (
        Contestant(
            environment=name,
            framework=name,
            backend="",
            device="cpu",
            mode="default",
            means="",
            best=False,
            versions=versions[name],
            threads=2,
        )
        for name in versions
    )
    blocks = tuple(
        Block(order="ABBA", seconds=(1.5, 1.0, 1.0, 1.5), build=number, process=number) for number in range(1, 5)
    )
    for work in slower_on():
        append(
            path,
            Duel(
                work=work,
                a=keras,
                b=pytorch,
                seed=0,
                calls=(1, 1),
                blocks=blocks,
                ratio=1.5,
                low=1.5,
                high=1.5,
                confidence=0.99,
                stopped="width",
                started="2026-01-31T12:00:00Z",
                seconds=1.0,
                machine="a processor",
            ),
        )
    return path


def test_duels_decide_claims_about_speed_and_are_kept_raw(tmp_path, write_shard):
    pytest.importorskip("matplotlib", reason="the extra `duels` brings it")
    shard, duels = write_shard(tmp_path / "anything.jsonl"), write_duels(tmp_path / "duels.jsonl")
    out = tmp_path / "out"
    assert main(["merge", str(shard), "--duels", str(duels), "-o", str(out)]) == Exit.MEASURED
    assert main(["merge", str(shard), "--duels", str(duels), "-o", str(out)]) == Exit.MEASURED  # again, over it
    assert (out / "duels.jsonl").read_bytes() == duels.read_bytes()
    for picture in ("duels.svg", "throughput.svg", "rounds.svg"):
        assert (out / picture).read_text().startswith("<?xml")
    document = json.loads((out / "matrix.json").read_text())
    assert len(document["duels"]) == len(slower_on())
    (claim,) = (claim for claim in document["claims"] if claim["id"] == "keras.slower")
    current = next(each for each in claim["verdicts"] if each["era"] == "current")
    assert current["answer"] == "confirmed"
    assert "keras over pytorch 1.5 [1.5, 1.5]" in json.dumps(current)


def test_a_report_is_not_replaced_by_one_that_lacks_its_duels(tmp_path, capsys, write_shard):
    """Nor by one that has others in their place."""
    pytest.importorskip("matplotlib", reason="the extra `duels` brings it")
    shard, duels = write_shard(tmp_path / "anything.jsonl"), write_duels(tmp_path / "duels.jsonl")
    out, fewer = tmp_path / "out", tmp_path / "fewer.jsonl"
    assert main(["merge", str(shard), "--duels", str(duels), "-o", str(out)]) == Exit.MEASURED
    before = (out / "matrix.json").read_bytes()
    fewer.write_text("".join(duels.read_text().splitlines(keepends=True)[1:]))
    works = len(slower_on())
    for given, lost in (([], works), (["--duels", str(fewer)], 1)):
        capsys.readouterr()
        assert main(["merge", str(shard), *given, "-o", str(out)]) == Exit.USAGE
        said = capsys.readouterr().err
        assert f"duels.jsonl there holds {lost} of {works} lines that are not among the duels given" in said
        assert f"--duels {out / 'duels.jsonl'}" in said
        assert (out / "matrix.json").read_bytes() == before
        assert (out / "duels.jsonl").read_bytes() == duels.read_bytes()


def test_campaigns_are_kept_apart_and_make_the_same_report_again(tmp_path, write_shard):
    """The report's own files are all that it takes."""
    pytest.importorskip("matplotlib", reason="the extra `duels` brings it")
    pytest.importorskip("scipy", reason="the extra `duels` brings it")
    import attrs

    from fwconformance.duels import append, read

    shard, duels = write_shard(tmp_path / "anything.jsonl"), write_duels(tmp_path / "duels.jsonl")
    one = read([duels])[0][0]
    for seed in range(10):
        append(duels, attrs.evolve(one, a=one.b, seed=seed, ratio=1.0, low=0.99, high=1.01))
    first, again = tmp_path / "first", tmp_path / "again"
    assert main(["merge", str(shard), "--duels", str(duels), "-o", str(first)]) == Exit.MEASURED
    assert len((first / "duels.jsonl").read_text().splitlines()) == len(slower_on())
    assert len((first / "campaigns.jsonl").read_text().splitlines()) == 10
    kept = [option for name in ("duels", "campaigns") for option in ("--duels", str(first / f"{name}.jsonl"))]
    assert main(["merge", str(shard), *kept, "-o", str(again)]) == Exit.MEASURED
    for name in ("matrix.json", "README.md", "campaigns.jsonl", "campaigns.svg", "duels.svg"):
        assert (again / name).read_bytes() == (first / name).read_bytes()
    assert "10 intervals at a slowdown of 0%" in (first / "README.md").read_text()


def test_duels_that_cannot_be_read_are_named(tmp_path, capsys, write_shard):
    shard, duels = write_shard(tmp_path / "anything.jsonl"), tmp_path / "duels.jsonl"
    duels.write_text("hello\n")
    assert main(["merge", str(shard), "--duels", str(duels), "-o", str(tmp_path / "out")]) == Exit.USAGE
    assert "duels.jsonl:1: " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_without_duels_is_said(tmp_path, capsys, write_shard):
    shard, duels = write_shard(tmp_path / "anything.jsonl"), tmp_path / "duels.jsonl"
    duels.touch()
    assert main(["merge", str(shard), "--duels", str(duels), "-o", str(tmp_path / "out")]) == Exit.MEASURED
    assert f"warning: {duels}: holds no duel\n" in capsys.readouterr().err


@pytest.mark.parametrize("nothing", ["", " ", ","])
def test_an_expectation_of_nothing_is_refused(tmp_path, capsys, nothing, write_shard):
    shard = write_shard(tmp_path / "anything.jsonl")
    assert main(["merge", str(shard), "--expect", nothing, "-o", str(tmp_path / "out")]) == Exit.USAGE
    assert "--expect names no environment" in capsys.readouterr().err
