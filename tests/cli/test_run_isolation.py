"""Nothing of the project that `fwconformance run` is typed in reaches the suites, and nothing is written beside
them.
"""

from __future__ import annotations

import pathlib

import pytest

from fwconformance.shards import read_shard


@pytest.fixture
def hostile(command) -> pathlib.Path:
    """A project whose every file would spoil a run that took notice of it."""
    project = command.folder
    (project / "pytest.ini").write_text(
        "[pytest]\naddopts = --no-such-option -p no_such_plugin\n"
        "python_files = *.txt\nfilterwarnings = error\nminversion = 99\n"
    )
    (project / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--no-such-option'\n")
    (project / "conftest.py").write_text("raise SystemExit('the conftest of the project was loaded')\n")
    (project / "sitecustomize.py").write_text("raise SystemExit('sitecustomize of the project was loaded')\n")
    for name in ("torch", "misbehaving", "numpy", "pytest", "attr", "hypothesis"):
        (project / name).mkdir()
        (project / name / "__init__.py").write_text(
            f"raise SystemExit('the folder {name} of the project was imported')\n"
        )
    return project


def test_a_hostile_project_changes_nothing(command, hostile):
    done = command(
        "run",
        "--framework",
        "misbehaving",
        "--only",
        "layers.embedding",
        "--shard",
        "s.jsonl",
        cwd=hostile,
        PYTEST_ADDOPTS="--no-such-option",
        PYTEST_PLUGINS="no_such_plugin",
        PYTHONWARNINGS="error",
        PYTHONOPTIMIZE="2",
    )
    assert done.returncode == 0, done.stderr
    shard = read_shard(hostile / "s.jsonl")
    assert [one.outcome.value for one in shard.observations] == ["passed", "passed"]
    assert sorted(
        path.name for path in hostile.iterdir() if path.suffix in (".jsonl", ".pyc") or path.name.startswith(".")
    ) == ["s.jsonl"]


def test_nothing_is_written_beside_the_suites(command, tmp_path, install):
    site = tmp_path / "site-packages"
    install(site / "fwconformance")
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    for path in before:
        path.chmod(0o555 if path.is_dir() else 0o444)
    command.package = site
    try:
        done = command("run", "--framework", "reference", "--only", "layers.embedding")
        after = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    finally:
        for path in before:
            path.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert after == before
