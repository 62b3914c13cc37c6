"""5,000 trivial capability tests with the journal on, against bare pytest on the same tests: at most 1.10 times.

    python benchmarks/journal.py [rounds] [tests]

Both arms run the same file in fresh processes, interleaved A B B A. A test takes the fixture `case` and states a
level, which is the least that a capability test can do; in the bare arm `case` comes from a three-line plugin. An A/A
pair of bare runs is the control. With `--plain` the bare arm runs tests that take no fixture at all: a baseline that
no capability test can be compared with fairly, shown so that the cost of the fixture is not hidden. Each arm runs
2 * rounds times and each arm of the control half as often: about three minutes for the 3 rounds and 5,000 tests that
are the default.
"""

from __future__ import annotations

import importlib.metadata
import sys
import tempfile
from pathlib import Path

from _sampling import interleave, report, verdict

LIMIT = 1.10
CASES = 50

BARE = """
import pytest

class Case:
    def level(self, level):
        pass

@pytest.fixture
def case():
    return Case()

def pytest_configure(config):
    config.addinivalue_line("markers", "capability(id, case)")
"""

ACTIVE = """
import attrs
from pathlib import Path
from fwconformance.evidence import Profile
from fwconformance.plugin import Suites
from fwconformance.registry import Capability, Case, load_registry

COUNT, CASES = {count}, {cases}

def pytest_fwconformance_suites(config):
    found = {{}}
    for number in range(COUNT // CASES):
        name = f"trivial.c{{number}}"
        cases = tuple(Case(id=f"t{{each}}", required=True, profile=Profile.SMOKE, sees="") for each in range(CASES))
        found[name] = Capability(
            id=name, title="", acceptance="", active=True, tolerance=None, cases=cases, inapplicable=()
        )
    registry = attrs.evolve(load_registry(), capabilities=found)
    return Suites(directory=Path(__file__).parent / "active", registry=registry, content="sha256:0")
"""


def tests(count, body):
    lines = ["import pytest"]
    for number in range(count):
        lines.append(f'@pytest.mark.capability("trivial.c{number // CASES}", "t{number % CASES}")')
        lines.append(body.format(number=number))
    return "\n".join(lines) + "\n"


def main(arguments):
    plain = "--plain" in arguments
    numbers = [int(each) for each in arguments if each.isdigit()]
    rounds, count = (numbers + [3, 5000][len(numbers) :])[:2]
    entry = (
        {point.name for point in importlib.metadata.entry_points().get("pytest11", ())}
        if sys.version_info < (3, 10)
        else {point.name for point in importlib.metadata.entry_points(group="pytest11")}
    )
    load = [] if "fwconformance" in entry else ["-p", "fwconformance.pytest_plugin"]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "bare_case.py").write_text(BARE)
        (home / "active_suites.py").write_text(ACTIVE.format(count=count, cases=CASES))
        with_case = "def test_{number}(case):\n    case.level('hardware')"
        for name, body in (("active", with_case), ("bare", "def test_{number}():\n    pass" if plain else with_case)):
            (home / name).mkdir()
            (home / name / "test_trivial.py").write_text(tests(count, body))
        (home / "pytest.ini").write_text("[pytest]\n")
        shard = home / "journal.jsonl"
        python = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "-p",
            "no:benchmark",
        ]
        bare = [*python, "-p", "no:fwconformance", "-p", "bare_case", "bare"]
        # A journal that is there is not overwritten.
        script = (
            f"import os, sys, pytest; os.path.exists({str(shard)!r}) and os.remove({str(shard)!r}); "
            "sys.exit(pytest.main(sys.argv[1:]))"
        )
        active = [
            sys.executable,
            "-c",
            script,
            *python[3:],
            *load,
            "-p",
            "active_suites",
            "--framework=reference",
            f"--fw-shard={shard}",
        ]
        env = {
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPATH": f"{home}:{Path(__file__).resolve().parent.parent}" if load else str(home),
        }
        first, second = interleave(bare, active, rounds, cwd=home, env=env)
        lines = shard.read_text().count("\n")
        assert lines == 2 * count + 2, f"{lines} lines for {count} tests"
        interval = report(f"{count} tests, journal on", first, second)
        control = interleave(bare, bare, (rounds + 1) // 2, cwd=home, env=env)
        report("control, bare against bare", *control)
    return verdict(interval, LIMIT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
