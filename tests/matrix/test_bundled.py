"""The bundled registry through the whole path: every claim has its row, whatever was run. The docs' example runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fwconformance.evidence import Era, Header, Level, Observation, Outcome
from fwconformance.matrix import build_matrix, matrix_from_json
from fwconformance.registry import load_registry
from fwconformance.report import render_markdown, summary
from fwconformance.shards import Shard

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def shard(registry, environment):
    """A run of `environment` in which every case passes."""
    declared = registry.environments[environment]
    header = Header(
        run=environment,
        environment=environment,
        label="a box",
        framework=declared.framework,
        backend=declared.backend,
        device=declared.device,
        profile="full",
        seed=1,
        versions=declared.expect,
        python="3.11.7",
        platform={},
        suite_version="0.1.0",
        suite_content="sha256:" + "0" * 64,
        started="2026-11-22T20:00:00Z",
    )
    observations = tuple(
        Observation(key=header.key(one.id, case.id), outcome=Outcome.PASSED, level=Level.HARDWARE)
        for one in registry.active()
        if one.inapplicable_to(declared.framework, declared.backend) is None
        for case in one.cases_for(declared.framework, declared.backend)
    )
    return Shard(path=f"{environment}.jsonl", header=header, observations=observations, ended=0)


@pytest.fixture(scope="module")
def matrix(registry):
    core = [one.name for one in registry.environments.values() if one.core]
    return build_matrix([shard(registry, name) for name in core], registry, expected_environments=core)


def test_every_claim_has_a_headline_in_both_eras_and_on_the_page(registry, matrix):
    """None is left out, and each says why."""
    page = render_markdown(matrix)
    for name in registry.claims:
        for era in (Era.Y2020, Era.CURRENT):
            assert matrix.claim(name).headline(era).reason
        assert page.count(f"| `{name}` |") >= 2
    assert summary(matrix)


def test_no_claim_about_a_gpu_or_tpu_is_answered_by_a_cpu(matrix):
    """Not even where every case passes there."""
    asked = [claim for claim in matrix.claims if claim.device != "cpu"]
    assert asked
    for claim in asked:
        for verdict in claim.verdicts:
            assert verdict.answer.value == "untested" or verdict.basis.value == "record", claim.id


def test_where_every_case_passes_every_active_cell_is_supported_or_inapplicable(matrix):
    """In each core environment."""
    active = {row.id for row in matrix.capabilities if row.status == "active"}
    statuses = {cell.status.value for cell in matrix.cells if cell.capability in active}
    assert statuses <= {"supported", "inapplicable"}


def test_it_reads_back_as_it_was(matrix):
    """Every field of it."""
    assert matrix_from_json(json.loads(matrix.dumps())) == matrix


def test_it_is_valid(matrix):
    """Against the schema that is published."""
    jsonschema = pytest.importorskip("jsonschema", reason="the extra `report` brings it")
    from fwconformance.schema import matrix_schema

    jsonschema.Draft202012Validator(matrix_schema()).validate(matrix.to_json())


def example():
    """The program in the docs, as it stands there."""
    text = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"(?:^    .*\n|^\n)*^    import fwconformance\n(?:^    .*\n|^\n)+", text, re.MULTILINE)
    return compile("\n".join(line[4:] for line in block.splitlines()), "reading.md", "exec")


@pytest.mark.parametrize(
    ("measured", "first"),
    [
        (True, ["supported hardware ", "confirmed"]),
        (False, ["untested no level no report from keras-jax-cpu", "untested"]),
    ],
)
def test_the_example_in_the_docs_runs(registry, tmp_path, monkeypatch, capsys, measured, first):
    """Of an environment that was measured, and of one that nobody reported, whose cells have no level."""
    core = ["keras-cpu", "keras-jax-cpu"]
    shards = [shard(registry, name) for name in core] if measured else []
    small = build_matrix(shards, registry, expected_environments=core)
    (tmp_path / "matrix.json").write_text(small.dumps(), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(example(), {})
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == first
    assert len(said) == 2 + len(small.claim("keras.custom-layers").verdicts)
    assert said[2].startswith(f"current {'keras-cpu confirmed' if measured else '-'}") or said[2].startswith("2020 ")
