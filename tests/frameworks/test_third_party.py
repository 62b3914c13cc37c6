"""The example of docs/third-party.md, installed beside fwconformance and run as a user would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import fwconformance

DOCUMENT = Path(__file__).parents[2] / "docs" / "third-party.md"
PACKAGE = Path(fwconformance.__file__).parent.parent


def block(language):
    """The document's one code block in `language`."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder that holds the example as `pip install` would leave it."""
    root = tmp_path_factory.mktemp("site")
    (root / "example_frames.py").write_text(block("python"), encoding="utf-8")
    project = block("toml")
    name, version = (re.search(rf'^{key} = "(.*)"$', project, re.MULTILINE).group(1) for key in ("name", "version"))
    group, point, value = re.search(r'entry-points\."(.*?)"\]\n(\w+) = "(.*)"', project).groups()
    info = root / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{point} = {value}\n")
    return root


def run(site, folder, *arguments):
    """Pytest in `folder`, with the plugin loaded by name where fwconformance itself is not installed."""
    installed = any(
        point.value == "fwconformance.pytest_plugin" for one in metadata.distributions() for point in one.entry_points
    )
    plugin = [] if installed else ["-p", "fwconformance.pytest_plugin"]
    path = os.pathsep.join([str(site), str(PACKAGE), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def observed(site, tmp_path_factory):
    """(outcome, message) by capability and case, and what was printed, of a run of three capabilities."""
    folder = tmp_path_factory.mktemp("project")
    wanted = ("layers.dense", "rnn.lstm:forward", "train.sgd:three-steps")
    only = [word for one in wanted for word in ("--fw-only", one)]
    done = run(site, folder, "--framework=example", "--fw-shard", str(folder / "shard.jsonl"), *only)
    lines = [json.loads(line) for line in (folder / "shard.jsonl").read_text(encoding="utf-8").splitlines()]
    header, *others = lines
    seen = {
        f"{line['capability']}:{line['case']}": (line["outcome"], line.get("message", ""))
        for line in others
        if line["record"] == "observation"
    }
    return header, seen, done.stdout


def test_the_example_supports_dense_layers(observed):
    """All cases of layers.dense pass against the oracle."""
    _, seen, printed = observed
    cases = {name: outcome for name, (outcome, _) in seen.items() if name.startswith("layers.dense")}
    assert cases == dict.fromkeys(
        ["layers.dense:forward", "layers.dense:gradients", "layers.dense:shapes"], "passed"
    ), printed


def test_the_example_s_probe_is_the_evidence(observed):
    """LSTM is unsupported, with what the probe saw."""
    outcome, message = observed[1]["rnn.lstm:forward"]
    assert outcome == "unsupported"
    assert "tiny has none of: lstm, LSTM, rnn" in message


def test_the_example_s_gap_is_its_own(observed):
    """Training is untested: the adapter does not do it yet."""
    outcome, message = observed[1]["train.sgd:three-steps"]
    assert outcome == "unavailable"
    assert "our adapter does not do this yet" in message


def test_the_example_s_identity(observed):
    """The shard names the framework and its version."""
    header = observed[0]
    assert header["framework"] == "example"
    assert header["versions"]["example-frames"] == "1.0"


def test_the_example_is_listed_among_the_known(site, tmp_path):
    """An unknown name lists the third party's framework with the others."""
    done = run(site, tmp_path, "--framework=exmaple")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "keras" in done.stdout
    assert "example" in done.stdout.replace("exmaple", "")


def test_the_readme_command_is_the_document_s():
    """The commands that the document shows are those that were run here."""
    assert "pytest --framework=example" in block("console")
