"""The bundled suites where a package that they use is not installed: its cases say so, and the rest is run."""

from __future__ import annotations

import pytest

# Hides a package from every import and from importlib.util.find_spec, as if it were not installed.
HIDE = """
from importlib.machinery import PathFinder

find = PathFinder.find_spec

def find_spec(name, path=None, target=None):
    return None if name.partition(".")[0] == {package!r} else find(name, path, target)

PathFinder.find_spec = find_spec
"""


@pytest.fixture
def without(project):
    """Runs bundled suites against the reference, without a package."""

    def run(package, *arguments):
        project.file("../hide.py", HIDE.format(package=package))
        # Their pytest plugins are then not there either.
        plain = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "fwconformance.pytest_plugin"}
        journal = f"--fw-shard={project.folder / 'journal.jsonl'}"
        return project.pytest(
            "-p", "hide", "--framework=reference", journal, *arguments, load=False, bring=False, **plain
        )

    return run


def reasons(done):
    return {name: done.observation(name).message for name, outcome in done.outcomes.items() if outcome == "unavailable"}


def test_without_hypothesis(without):
    """Cases over many shapes are unavailable with that reason; those beside them in the same file are run."""
    done = without("hypothesis", "--fw-only=layers.dense", "--fw-only=rnn.lstm")
    assert reasons(done) == dict.fromkeys(("layers.dense:shapes", "rnn.lstm:shapes"), "hypothesis not installed")
    others = {name: outcome for name, outcome in done.outcomes.items() if not name.endswith(":shapes")}
    assert len(others) == 5
    assert set(others.values()) == {"passed"}, done.output
    assert done.code == 0


def test_every_case_drawn_by_hypothesis_has_its_stand_in(without):
    """Each of them is imported and collected without Hypothesis, whatever it makes of its strategies."""
    wanted = ("layers.dense:shapes", "layers.conv2d:geometry", "rnn.lstm:shapes", "rnn.variable-length:lengths")
    done = without("hypothesis", *(f"--fw-only={name}" for name in wanted))
    assert reasons(done) == dict.fromkeys(wanted, "hypothesis not installed"), done.output


def test_without_pytest_benchmark(without):
    """Nothing is timed, and everything else is run."""
    done = without("pytest_benchmark", "--fw-only=speed.smoke", "--fw-only=layers.embedding")
    reason = "pytest-benchmark not installed"
    assert reasons(done) == dict.fromkeys(("speed.smoke:forward", "speed.smoke:train-step"), reason)
    assert done.outcomes["layers.embedding:forward"] == "passed"
    assert done.code == 0


def test_without_numpy(without):
    """No suite can be imported: every case that was asked for says why, and nothing is verified."""
    done = without("numpy", "--fw-only=layers.dense", "--fw-only=tasks.vision")
    assert set(done.outcomes) == {f"layers.dense:{case}" for case in ("forward", "gradients", "shapes")} | {
        "tasks.vision:trains"
    }
    assert set(reasons(done).values()) == {"numpy not installed"}
    assert len(reasons(done)) == 4
    assert (done.code, done.last_line) == (0, "NOTHING VERIFIED: numpy not installed")
