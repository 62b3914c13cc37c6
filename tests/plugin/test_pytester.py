"""The plugin as pytest's own `pytester` sees it: in this process and in one of its own, with xdist and without it.

In-process runs share modules with these tests, so they use the reference alone.
"""

from __future__ import annotations

import os
import re
import sys
import xml.etree.ElementTree as ET

import hypothesis
import numpy as np  # noqa: F401  pytester forgets what a run imported, and NumPy bears no second import
import pytest

from fwconformance import _hypothesis_profile

OWN = """
import pytest

def test_passes():
    pass

def test_fails():
    assert False

@pytest.mark.skip
def test_is_skipped():
    pass

@pytest.mark.xfail(strict=True)
def test_fails_as_expected():
    assert False
"""

LISTING = """
def pytest_report_header(config):
    there = {name for name, plugin in config.pluginmanager.list_name_plugin() if plugin is not None}
    return [f"registered: {name}" for name in sorted(there) if not name.isdigit()]
"""

STATUSES = {"shown.all": ["works", "lacks", "waits", "known", "falls"]}

SUITE = """
@mark("shown.all", "works")
def test_works(case):
    case.level("hardware")

@mark("shown.all", "lacks")
def test_lacks():
    raise Unsupported("it has none of: a, b", probe="a look-up")

@mark("shown.all", "waits")
def test_waits():
    raise Unavailable("no compiler")

@mark("shown.all", "known")
def test_known():
    raise ValueError("the well-known fault")

@mark("shown.all", "falls")
def test_falls():
    raise RuntimeError("our own mistake")
"""

FINDING = {"id": "reference-known", "capability": "shown.all", "cases": ("known",), "exception": "ValueError"}
FINDING["message"] = "well-known fault"


@pytest.fixture
def quiet_profile(monkeypatch):
    """Undo what a run in this process tells Hypothesis."""
    monkeypatch.setattr(_hypothesis_profile, "_wanted", None)
    hypothesis.settings.register_profile("before", hypothesis.settings())
    yield
    hypothesis.settings.load_profile("before")


@pytest.fixture(params=["inprocess", "subprocess"])
def run(request, pytester, autoloaded, quiet_profile, monkeypatch):
    """Runs pytest in a user's folder, with the plugin found by its entry point."""
    for folder in (*reversed(autoloaded), str(pytester.path)):
        monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([*autoloaded, str(pytester.path)]))
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("xdist.plugin", "xdist.workermanage"):
        if name in sys.modules:  # it keeps for its workers the path as it was before this test
            monkeypatch.setattr(sys.modules[name], "_sys_path", list(sys.path))
    return getattr(pytester, f"runpytest_{request.param}")


@pytest.fixture
def own(pytester):
    """The user's own tests."""
    pytester.makeconftest(LISTING)
    return pytester.makepyfile(test_own=OWN)


@pytest.fixture
def statuses(pytester, make_project):
    """Suites that end in every way, brought by `-p bring`."""
    make_project(pytester.path).suites(STATUSES, {"test_shown.py": SUITE}, [FINDING])
    return "-p", "bring", "--framework=reference"


def without_times(result):
    """What is printed, but for durations, and for the header's line of installed distributions."""
    lines = [line for line in result.outlines if not line.startswith("plugins: ")]
    return [re.sub(r" in \d+\.\d+s.*", "", line) for line in lines]


def test_unasked_for_it_changes_nothing(run, own):
    """Without `--framework`: the same header, plugins and outcomes as with `-p no:fwconformance`, but itself."""
    installed, left_out = run("-v"), run("-v", "-p", "no:fwconformance")
    for result in (installed, left_out):
        result.assert_outcomes(passed=1, failed=1, skipped=1, xfailed=1)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
    ours = [line for line in installed.outlines if line.startswith("registered: fwconformance")]
    assert ours == ["registered: fwconformance"]
    assert [line for line in without_times(installed) if line not in ours] == without_times(left_out)


def test_left_out_it_has_no_options(run, own):
    """`-p no:fwconformance` takes `--framework` away with all the rest."""
    result = run("-p", "no:fwconformance", "--framework=reference")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --framework=reference*"])


def test_help_names_every_option(run):
    """Also those that are not there at other starts."""
    result = run("--help")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["conformance of deep-learning frameworks (only with --framework):", "  --framework=NAME*"]
    )
    options = ("backend", "device", "profile", "shard", "environment", "label", "seed", "attempt", "mutant", "sabotage")
    for name in (*options, "only", "require", "resume", "random"):
        result.stdout.fnmatch_lines([f"  --fw-{name}*"])


def test_options_alone_do_nothing(run, own):
    """Ours in an ini's addopts, without `--framework`, are accepted, with their values beside or behind them."""
    result = run("--fw-label", "a box", "--fw-profile=smoke", "--fw-resume")
    result.assert_outcomes(passed=1, failed=1, skipped=1, xfailed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_options_may_stand_before_the_framework(run, own, pytester):
    """In any order, with values that look like paths of the folder."""
    result = run("--fw-shard", "test_own.jsonl", "--fw-only", "layers.embedding:forward", "--framework", "reference")
    result.assert_outcomes(passed=1, deselected=result.parseoutcomes()["deselected"])
    assert (pytester.path / "test_own.jsonl").is_file()


def test_runs_the_suites_and_not_the_users_tests(run, own):
    """With `--framework` the bundled suites are run, and the folder's own tests are not."""
    result = run("--framework=reference", "--fw-only=layers.dense", "-v")
    assert result.ret == pytest.ExitCode.OK
    outcomes = result.parseoutcomes()
    outcomes.pop("warnings", None)  # Hypothesis of Python 3.8 warns of its own generator now and then
    assert (outcomes.pop("passed"), outcomes.pop("deselected") > 0, outcomes) == (3, True, {})
    result.stdout.fnmatch_lines(
        ["framework: reference, device cpu, *", "suites/capabilities/test_layers_dense.py::test_* PASSED*"]
    )
    result.stdout.re_match_lines([r"layers\.dense +supported +hardware$"])
    result.stdout.no_fnmatch_line("*test_own*")
    result.stdout.no_fnmatch_line("registered: *")


def test_workers_see_the_same(run, own):
    """`-n 2`: the same cases pass, in workers that find the plugin by themselves."""
    pytest.importorskip("xdist", reason="the tests environment has pytest-xdist")
    result = run("--framework=reference", "--fw-only=layers.dense", "-n", "2")
    assert result.ret == pytest.ExitCode.OK, result.stdout.str() + result.stderr.str()
    result.assert_outcomes(passed=3)
    result.stdout.re_match_lines([r"layers\.dense +supported +hardware$"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--framework=nonsense"], "*'nonsense'*known are: pytorch (or torch), tensorflow*reference*"),
        (["--framework=reference", "--framework=keras"], "*reference and keras in one process*"),
    ],
)
def test_refused(run, own, arguments, said):
    """An unknown name is told the known ones; two frameworks are refused. Nothing runs."""
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])
    result.stdout.no_fnmatch_line("*passed*")


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_statuses_in_the_summary(run, statuses, workers):
    """Every outcome of ours is counted under its own word, with xdist as without."""
    if workers:
        pytest.importorskip("xdist", reason="the tests environment has pytest-xdist")
    result = run(*statuses, *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    counts = {"failed": 1, "passed": 1, "unsupported": 1, "unavailable": 1, "known": 1}
    assert (result.parseoutcomes(), "1 known fault" in result.outlines[-1]) == (counts, True)
    result.stdout.re_match_lines(
        [r"shown\.all +failing +hardware +known: failed: .*", "BROKEN suites/.*::test_falls - .*"]
    )


def test_letters(run, statuses):
    """Unsupported is `u`, unavailable `n`, a known fault `k`, broken `B`: none is pytest's own letter."""
    result = run(*statuses)
    result.stdout.re_match_lines([r"suites/test_shown\.py \.unkB +\[100%\]$"])


def test_words(run, statuses):
    """With -v each outcome has its word, and why."""
    result = run(*statuses, "-v")
    result.stdout.fnmatch_lines(
        [
            "suites/test_shown.py::test_works PASSED*",
            "suites/test_shown.py::test_lacks UNSUPPORTED*",
            "suites/test_shown.py::test_waits UNAVAILABLE*",
            "suites/test_shown.py::test_known KNOWN FAULT*",
            "suites/test_shown.py::test_falls BROKEN*",
        ]
    )


def test_unsupported_is_no_pass_in_junit_xml(run, statuses, pytester):
    """Whoever reads JUnit XML sees what is unsupported as skipped, with the reason, and what is broken as failed."""
    run(*statuses, "--junitxml=junit.xml")
    root = ET.parse(pytester.path / "junit.xml").getroot()
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert set(cases) == {"test_works", "test_lacks", "test_waits", "test_known", "test_falls"}
    ended = {
        name: [child.tag for child in case if child.tag in ("skipped", "failure", "error")]
        for name, case in cases.items()
    }
    assert ended == {
        "test_works": [],
        "test_lacks": ["skipped"],
        "test_waits": ["skipped"],
        "test_known": ["skipped"],
        "test_falls": ["failure"],
    }
    assert "unsupported: it has none of: a, b" in cases["test_lacks"].find("skipped").get("message")
