"""`fwconformance findings`, as typed."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("deed", "says"),
    [
        ("wrong", "no known finding concerns misbehaving here"),
        ("unavailable", "NOTHING VERIFIED: no embedding on this machine"),
    ],
)
def test_programs_are_run_unless_no_case_could_be_tried(command, deed, says):
    """Where all failed, it is findings that may explain it."""
    command(
        "run",
        "--framework",
        "misbehaving",
        "--only",
        "layers.embedding:forward",
        "--shard",
        "s.jsonl",
        MISBEHAVE=f"Embedding:{deed}",
    )
    found = command("findings", "--framework", "misbehaving", "--shard", "s.jsonl")
    assert found.returncode == 0, found.stderr
    assert says in found.stdout
