"""Runs of pytest in processes of their own, on small suites of a small registry."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import attrs
import pytest

import fwconformance
from fwconformance.shards import read_shard

HOME = Path(fwconformance.__file__).resolve().parent.parent

BRING = """
from pathlib import Path

import attrs
import pytest

from fwconformance.evidence import Profile
from fwconformance.plugin import Suites
from fwconformance.registry import Capability, Case, Finding, Inapplicable, Tolerance, load_registry

HERE = Path(__file__).parent
CASES = {cases!r}
FINDINGS = {findings!r}


def capability(name, cases):
    made = []
    for case in cases:
        case, _, profile = case.partition("@")
        size = Profile(profile or "smoke")
        made.append(Case(id=case.rstrip("*"), required=not case.endswith("*"), profile=size, sees=""))
    outside = ()
    if name == "outside.all":
        outside = (Inapplicable(framework="reference", backend=None, reason="it has none"),)
    return Capability(
        id=name, title=name, acceptance="It holds.", active=bool(made), cases=tuple(made), inapplicable=outside,
        tolerance=Tolerance(rtol=1e-5, atol=1e-6, because="float32"),
    )


@pytest.hookimpl(optionalhook=True)
def pytest_fwconformance_suites(config):
    blank = dict.fromkeys(("versions", "exception", "message", "deviation", "upstream", "program", "summary"), "")
    blank.update(framework="reference", backend=None, outcome="failed")
    registry = attrs.evolve(
        load_registry(),
        capabilities={{name: capability(name, cases) for name, cases in CASES.items()}},
        findings={{each["id"]: Finding(**{{**blank, **each}}) for each in FINDINGS}},
    )
    return Suites(directory=HERE / "elsewhere" / "suites", registry=registry, content="sha256:test")


@pytest.hookimpl(optionalhook=True)
def pytest_fwconformance_observation(config, observation):
    with open(HERE / "heard.txt", "a") as file:
        file.write(f"{{observation.key.capability}}:{{observation.key.case}} {{observation.outcome.value}}\\n")
"""

HEAD = """
import pytest
from fwconformance.evidence import Level
from fwconformance.frameworks import NotAdapted, Unavailable, Unsupported

mark = pytest.mark.capability
"""


def installed():
    """Whether pytest finds the plugin by itself."""
    distributions = importlib.metadata.distributions()
    return any(
        point.group == "pytest11" and point.name == "fwconformance"
        for each in distributions
        for point in each.entry_points
    )


@attrs.frozen
class Done:
    """What a run left: its exit code, its output, its folder."""

    code: int
    output: str
    folder: Path

    @property
    def shard(self):
        return read_shard(self.folder / "journal.jsonl")

    @property
    def outcomes(self):
        return {f"{each.key.capability}:{each.key.case}": each.outcome.value for each in self.shard.observations}

    def observation(self, name):
        (found,) = [each for each in self.shard.observations if f"{each.key.capability}:{each.key.case}" == name]
        return found

    def records(self):
        return [json.loads(line) for line in (self.folder / "journal.jsonl").read_text().splitlines()]

    @property
    def last_line(self):
        return [line for line in self.output.splitlines() if line.strip()][-1]


class Project:
    """Somebody's project, in which pytest is run."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "elsewhere" / "suites").mkdir(parents=True)
        (folder / "work").mkdir()

    def suites(self, cases, files, findings=()):
        """Bring a registry of `cases` (capability to case ids) and suite files (name to source)."""
        (self.folder / "bring.py").write_text(BRING.format(cases=cases, findings=list(findings)))
        for name, source in files.items():
            path = self.folder / "elsewhere" / "suites" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(HEAD + textwrap.dedent(source))
        return self

    def file(self, name, source):
        path = self.folder / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source))
        return path

    def pytest(self, *arguments, load=True, bring=True, **environment):
        """Run pytest in work/ and wait for it."""
        first = ["-p", "fwconformance.pytest_plugin"] if load and not installed() else []
        first += ["-p", "bring"] if bring else []
        return self.python("-m", "pytest", *first, *map(str, arguments), **environment)

    def python(self, *arguments, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "FWCONFORMANCE_"))}
        kept["PYTHONPATH"] = os.pathsep.join([str(HOME), str(self.folder)])
        kept["COLUMNS"] = "100"
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=str(self.folder / "work"),
            env={**kept, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=280,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(errors="replace"), self.folder)

    def conformance(self, *arguments, **environment):
        """The suites against the reference, with a journal."""
        journal = f"--fw-shard={self.folder / 'journal.jsonl'}"
        return self.pytest("--framework=reference", journal, *arguments, **environment)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory):
    """One for a run that several tests look at."""
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def make_project():
    """Makes a project of a folder."""
    return Project


@pytest.fixture
def autoloaded(tmp_path_factory, monkeypatch):
    """Folders to put on the path, so that a pytest started from here finds the plugin by its entry point."""
    for name in list(os.environ):
        if name.startswith(("PYTEST_XDIST_", "PYTEST_DISABLE_PLUGIN_", "FWCONFORMANCE_")):
            monkeypatch.delenv(name)
    if installed():
        return ()
    site = tmp_path_factory.mktemp("site")
    distribution(site, "fwconformance", "pytest11", "fwconformance = fwconformance.pytest_plugin")
    return str(HOME), str(site)


def distribution(folder, name, group, point):
    """What `pip install` leaves in `folder` of a distribution with one entry point."""
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{point}\n")


THIRD = """
import contextlib

import attrs
from fwconformance.frameworks import Sabotage
from fwconformance.frameworks.reference import Reference

class Third(Reference):
    name = "third"
    planted = False

    def build(self, network, weights=None):
        if self.planted:
            weights = {name: value + 1 for name, value in weights.items()}
        return super().build(network, weights)

    def describe(self, tensor):
        return attrs.evolve(super().describe(tensor), device=self.device + ":0")

    @contextlib.contextmanager
    def plant(self):
        self.planted = True
        try:
            yield
        finally:
            self.planted = False

    def sabotages(self):
        return [
            Sabotage(name="shifted", kills="layers.embedding", case="forward", apply=self.plant, description="by one")
        ]

def create(backend, device):
    made = Third()
    made.device = "tpu" if device == "auto" else device
    return made
"""


@pytest.fixture
def third(project):
    """A framework of another package: the reference, with a sabotage, and with a TPU that "auto" finds."""
    (project.folder / "third.py").write_text(THIRD)
    distribution(project.folder, "third", "fwconformance.frameworks", "third = third:create")
    return project


@pytest.fixture
def plain(project):
    """A project with one capability of one passing case."""
    return project.suites(
        {"plain.one": ["works"]},
        {
            "test_plain.py": """
            @mark("plain.one", "works")
            def test_works(case):
                case.level("hardware")
            """
        },
    )


@pytest.fixture
def comparable():
    """Makes of journal records what two runs must share, in an order of their own."""

    def compare(records):
        kept = [{**record, "duration": None} for record in records if record["record"] == "observation"]
        return sorted(json.dumps(record, sort_keys=True) for record in kept if record["capability"] != "speed.toy")

    return compare
