"""The wheel: what is in it, what it asks for, and that the suites in it run."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from fwconformance import _archive

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """A folder with the wheel's contents, as an installer would lay it out."""
    pytest.importorskip("hatchling", reason="the build back end is not installed for this Python; tox -e tests has it")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site, *args, cwd, **more):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "FWC"))
    }  # The unpacked wheel stands before whatever fwconformance the interpreter has, entry points included.
    environment.update(more, PYTHONPATH=str(site))
    return subprocess.run(
        [sys.executable, *args], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_what_only_a_run_needs_is_one_archive(unpacked):
    """Top-level `suites` and `fixtures` would be packages of those names in other people's site-packages."""
    top = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}
    assert top == {"fwconformance"}
    names = set(zipfile.ZipFile(unpacked / "fwconformance" / "_content.zip").namelist())
    assert {"fixtures/registry/claims.toml", "fwconformance/frameworks/keras/__init__.py"} <= names
    assert any(name.startswith("suites/capabilities/test_") for name in names)
    here = {path.name for path in (unpacked / "fwconformance").iterdir()}
    tree = {path.name for path in (ROOT / "fwconformance").iterdir()} - {"__pycache__"}
    assert here == (tree | {"_content.zip"}) - set(_archive.ARCHIVED)


def test_programs_that_read_a_matrix_unpack_nothing(unpacked, tmp_path):
    """`load_matrix` and what it returns lie in the wheel itself."""
    code = "import fwconformance.matrix, fwconformance.verdicts, fwconformance.schema, fwconformance.shards"
    environment = {"FWCONFORMANCE_CACHE": str(tmp_path / "cache")}
    done = run(unpacked, "-c", code, cwd=tmp_path, **environment)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "cache").exists()


def test_files_are_few(unpacked):
    """pytest lists the files of every distribution with a pytest entry point at each start, in projects that never ask
    for us: each costs some 43,000 instructions, and twice that where pip notes the bytecode beside it. At 80 they take
    between a quarter and half of the 2 % that we may add. What only a run needs belongs in the archive.
    """
    (record,) = unpacked.glob("*.dist-info/RECORD")
    assert len(record.read_text().splitlines()) <= 80


def test_the_metadata_are_short(unpacked):
    """pytest parses them, twice, at each start that prints a header."""
    (path,) = unpacked.glob("*.dist-info/METADATA")
    assert len(path.read_text()) < 2500


def test_two_builds_are_equal(unpacked, tmp_path):
    """The archive's hash is the name of the folder it is unpacked to."""
    _archive.write_archive(tmp_path / "again.zip", _archive.roots(ROOT))
    assert (tmp_path / "again.zip").read_bytes() == (unpacked / "fwconformance" / "_content.zip").read_bytes()


def test_no_framework_and_no_upper_bound_is_asked_for(unpacked):
    """Installing into somebody's image leaves its torch, NumPy and pytest as they were."""
    (path,) = unpacked.glob("*.dist-info/METADATA")
    metadata = email.message_from_string(path.read_text())
    required = metadata.get_all("Requires-Dist")
    names = {re.split(r"[^A-Za-z0-9-]", line)[0] for line in required}
    assert names.isdisjoint({"torch", "tensorflow", "tensorflow-cpu", "keras", "jax", "mxnet"})
    unconditional = {re.split(r"[^A-Za-z0-9-]", line)[0] for line in required if ";" not in line}
    assert unconditional == {"attrs", "pytest"}
    for line in required:
        assert "<" not in line.split(";")[0], line


def test_the_suite_revision_of_the_wheel_is_that_of_the_checkout(unpacked, tmp_path):
    """A shard written by an installed copy merges with one written in the checkout."""
    code = "from fwconformance.registry import suite_content; print(suite_content())"
    of_wheel = run(unpacked, "-c", code, cwd=tmp_path)
    of_checkout = run(ROOT, "-c", code, cwd=tmp_path)
    assert of_wheel.stdout.startswith("sha256:")
    assert of_wheel.stdout == of_checkout.stdout


def test_the_suites_in_the_wheel_run_from_an_empty_directory(unpacked, tmp_path):
    """`pytest --framework=reference` needs nothing but the package and its suites extra."""
    done = run(unpacked, "-m", "pytest", "--framework=reference", "--fw-only=layers.dense", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"layers\.dense +supported +hardware", done.stdout)
    # What pytest, pytest-benchmark and Hypothesis keep for themselves; nothing of ours.
    assert {path.name for path in tmp_path.iterdir()} <= {".pytest_cache", ".benchmarks", ".hypothesis"}
