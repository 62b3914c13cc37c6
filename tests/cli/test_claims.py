"""`--claims`: claims of one's own beside the bundled ones."""

from __future__ import annotations

import json

import pytest

from fwconformance.cli import Exit, main

MINE = """
source = "mine"
[[claim]]
id = "keras.embeds-like-the-reference"
subject = "keras"
section = "layers"
paraphrase = "The reference, at least, has embeddings."
kind = "capability"
revision = 1
rule = { capability = "layers.embedding", environment = "reference" }
"""


def test_claims_of_ones_own_are_judged_and_kept_with_the_report(tmp_path, write_shard):
    shard, mine, out = write_shard(tmp_path / "s.jsonl"), tmp_path / "mine.toml", tmp_path / "out"
    mine.write_text(MINE)
    assert main(["merge", str(shard), "--claims", str(mine), "-o", str(out)]) == Exit.MEASURED
    claims = {claim["id"]: claim for claim in json.loads((out / "matrix.json").read_text())["claims"]}
    assert len(claims) == 97
    answers = {each["era"]: each["answer"] for each in claims["keras.embeds-like-the-reference"]["verdicts"]}
    assert answers == {"2020": "untested", "current": "confirmed"}
    kept = str(out / "claims" / "mine.toml")
    assert main(["merge", str(shard), "--claims", kept, "-o", str(tmp_path / "again")]) == Exit.MEASURED
    assert (tmp_path / "again" / "matrix.json").read_bytes() == (out / "matrix.json").read_bytes()


def test_two_claim_files_of_one_name_are_refused(tmp_path, capsys, write_shard):
    shard, files = write_shard(tmp_path / "s.jsonl"), [tmp_path / "mine.toml", tmp_path / "other" / "mine.toml"]
    files[1].parent.mkdir()
    for path in files:
        path.write_text(MINE)
    given = [word for path in files for word in ("--claims", str(path))]
    assert main(["merge", str(shard), *given, "-o", str(tmp_path / "out")]) == Exit.USAGE
    assert "other/mine.toml has the name of " in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "merge"])
def test_a_claim_file_that_is_not_there_is_named(tmp_path, capsys, command, write_shard):
    more = ["-o", str(tmp_path / "out"), str(write_shard(tmp_path / "s.jsonl"))] if command == "merge" else []
    assert main([command, *more, "--claims", "no-such.toml"]) == Exit.USAGE
    assert "no-such.toml: there is no such claim file" in capsys.readouterr().err
