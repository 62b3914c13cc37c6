"""tox.ini: names that are no environment fail, and its environments are the declared ones."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def tox(tmp_path):
    """Run tox on a copy of tox.ini, so that nothing is built beside the checkout."""
    pytest.importorskip("tox", reason="tox is not installed for this Python; tox -e tests has it")
    (tmp_path / "tox.ini").write_text((ROOT / "tox.ini").read_text())

    def run(*args):
        return subprocess.run(
            [sys.executable, "-m", "tox", "--workdir", str(tmp_path / ".tox"), *args],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.mark.parametrize(
    "name",
    [
        "torch-gpuu",
        "gpu",
        "py311",
        "torch-jax-gpu",
        "keras-tensorflow-cpu",
        "torch-bindings",
        "torch-bindings-jav",
        "torch-java",
        "keras-bindings-cpp",
    ],
)
def test_a_name_that_is_no_environment_fails_and_says_so(tox, name):
    """Whether tox itself refuses the name or runs the base environment for it, the run fails naming it."""
    done = tox("run", "-e", name)
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert name in output
    assert "not an environment of this project" in output or "not found in configuration file" in output


def test_the_label_cpu_runs_the_core_and_merges_last(tox):
    """`tox run -m cpu` is the whole way to a report."""
    listed = tox("list", "-m", "cpu", "--no-desc").stdout.split()
    assert listed == [
        "runtimes",
        "tensorflow-js",
        "reference",
        "caffe-cpu",
        "torch-cpu",
        "tensorflow-cpu",
        "keras-cpu",
        "keras-torch-cpu",
        "keras-jax-cpu",
        "mxnet-cpu",
        "matrix",
    ]


def test_the_label_bindings_is_every_environment_of_a_language_and_the_matrix_waits_for_each(tox):
    """One a framework and language, none forgotten."""
    listed = tox("list", "-m", "bindings", "--no-desc").stdout.split()
    assert listed == [name for name in tox("list", "--no-desc").stdout.split() if "-bindings-" in name]
    assert "torch-bindings-java" in listed
    waited = tox("config", "-e", "matrix", "-k", "depends").stdout.split()
    assert set(listed) <= set(waited)


def test_a_languages_environment_is_a_shard_of_its_own_in_its_frameworks_column(tox):
    """The same versions, column and framework as beside its `-cpu` environment; other cells, in another file."""
    names = tox("list", "-m", "bindings", "--no-desc").stdout.split()
    beside = sorted({f"{name.split('-')[0]}-cpu" for name in names})
    lines = tox("config", "-e", ",".join([*names, *beside]), "-k", "commands", "deps").stdout
    sections = dict(re.findall(r"\[testenv:([\w-]+)\]\n(.*?)(?=\[testenv:|\Z)", lines, flags=re.DOTALL))
    for name in names:
        stem, _, language = name.split("-")
        run = next(line for line in sections[name].splitlines() if " run --framework " in line)
        assert f"--environment {stem}-cpu " in run
        assert f"--only 'binding.{language}.*'" in run
        assert "--profile full" in run
        assert run.rstrip().endswith(f"{name}.jsonl")
        main = sections[f"{stem}-cpu"]
        assert re.findall(r"--framework (\w+)", run)[0] == re.findall(r"--framework (\w+)", main)[0]
        assert sections[name].partition("deps =")[2].strip() == main.partition("deps =")[2].strip()


def test_every_language_that_a_framework_is_tested_in_has_an_environment():
    """By the registry, and by what the tox.ini lists."""
    from fwconformance.registry import load_registry

    text = (ROOT / "tox.ini").read_text()
    line = next(line for line in text.splitlines() if line.strip().startswith("bindings = "))
    environments = [name.strip() for name in line.split("=", 1)[1].split(",")]
    for capability in load_registry().active():
        area, *rest = capability.id.split(".")
        if area != "binding" or len(rest) != 2:
            continue
        assert any(name.endswith(f"-bindings-{rest[0]}") for name in environments), capability.id


def test_the_documentation_names_every_environment(tox):
    """With the factors in braces written out."""
    listing = (ROOT / "docs" / "environments.md").read_text()
    table = "\n".join(line for line in listing.splitlines() if line.startswith("| `"))
    named = set()
    for stem, kinds, rest in re.findall(r"`([\w-]+?)(?:\{([\w, -]+)\})?([\w-]*)`", table):
        named |= {f"{stem}{kind.strip()}{rest}" for kind in kinds.split(",")}
    listed = set(tox("list", "--no-desc").stdout.split())
    assert listed <= named | {"duels"}, sorted(listed - named)


def _with_constraints(deps):
    """Of an environment whose pins stand in a file, those."""
    for line in re.findall(r"^-r (.+)$", deps, re.MULTILINE):
        deps += "\n" + (ROOT / line.replace("{/}", "/")).read_text()
    return deps


def test_every_pin_of_a_file_of_constraints_says_why_it_is_there():
    """In the line above it."""
    for path in sorted((ROOT / "fixtures" / "environments").glob("*.txt")):
        lines = path.read_text().splitlines()
        for before, line in zip(lines, lines[1:]):
            if line and not line.startswith("#"):
                assert re.fullmatch(r"[\w.\[\]-]+==\S+", line), f"{path.name}: {line} is no pin"
                assert before.startswith("# "), f"{path.name}: nothing says why {line} is pinned"


def test_declared_environments_and_tox_environments_are_the_same():
    """One list: what the registry declares, tox builds, with the versions that make its era true."""
    from fwconformance.frameworks.caffe.building import _source as caffe_source
    from fwconformance.registry import load_registry

    ini = configparser.ConfigParser(interpolation=None)
    ini.read(ROOT / "tox.ini")
    built = {}
    for section in ini.sections():
        if section.startswith("testenv:") and ini[section].get("base") == "conformance":
            stem = section[len("testenv:") :]
            before, _, kinds = stem.partition("{")
            names = [before + kind.strip() for kind in kinds.strip("}").split(",")] if kinds else [stem]
            for name in names:
                # One language's programs go into the column of the environment that they name.
                if "-bindings-" not in name:
                    built[name] = _with_constraints(ini[section].get("deps", ""))
    declared = load_registry().environments
    assert sorted(built) == sorted(declared)
    for name, environment in declared.items():
        for distribution, version in environment.expect.items():
            if distribution == "caffe":  # no index has it: it is built
                assert version == caffe_source.VERSION
                continue
            assert f"{distribution}=={version}" in re.sub(r"\[(and-cuda|cuda12|tpu|forecasting)\]", "", built[name])
