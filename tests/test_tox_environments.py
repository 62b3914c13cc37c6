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


@pytest.mark.parametrize("name", ["torch-gpuu", "gpu", "py311", "torch-jax-gpu", "keras-tensorflow-cpu"])
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
                built[name] = _with_constraints(ini[section].get("deps", ""))
    declared = load_registry().environments
    assert sorted(built) == sorted(declared)
    for name, environment in declared.items():
        for distribution, version in environment.expect.items():
            if distribution == "caffe":  # no index has it: it is built
                assert version == caffe_source.VERSION
                continue
            assert f"{distribution}=={version}" in re.sub(r"\[(and-cuda|cuda12|tpu|forecasting)\]", "", built[name])
