"""What becomes of a case: outcome, level and reason, in the journal, on the terminal and in pytest's exit code."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

CASES = {
    "shown.all": ["passed", "failed", "unsupported", "not-adapted", "unavailable", "broken", "skipped", "nothing"],
    "shown.more": ["compared", "uncompared", "teardown", "simulated", "known", "elsewhere", "fixture", "exits"],
    "outside.all": ["never"],
}

SUITE = """
import numpy
from fwconformance.frameworks import Dense, Network

NETWORK = Network(layers=(Dense(units=2, bias=False),), input_shape=(2,))

def outputs(seam):
    return seam.build(NETWORK, {"0.kernel": numpy.eye(2, dtype="float32")}).forward(numpy.ones((1, 2), dtype="float32"))

@mark("shown.all", "passed")
def test_passed(case):
    case.level("hardware")
    case.figure("speed", 2.5, "images/s")
    case.detail("lacking", "Celu", f"not in\\n{__file__}")

@mark("shown.all", "failed")
def test_failed(framework, case):
    case.assert_close(outputs(framework), 2 * numpy.eye(2)[:1])

@mark("shown.all", "unsupported")
def test_unsupported():
    raise Unsupported("it has none of: a, b", probe="a look-up")

@mark("shown.all", "not-adapted")
def test_not_adapted():
    raise NotAdapted("quaternions")

@mark("shown.all", "unavailable")
def test_unavailable():
    raise Unavailable("no compiler at " + __file__)

@mark("shown.all", "broken")
def test_broken():
    raise RuntimeError(f"in {__file__} at 0x7fabcdef0123")

@mark("shown.all", "skipped")
def test_skipped():
    pytest.skip("not today")

@mark("shown.all", "nothing")
def test_nothing():
    pass

@mark("shown.more", "compared")
def test_compared(framework, oracle, case):
    case.assert_close(outputs(framework), outputs(oracle))

@mark("shown.more", "uncompared")
def test_uncompared(framework, case):
    outputs(framework)

@pytest.fixture
def falls_afterwards():
    yield
    raise OSError("afterwards")

@mark("shown.more", "teardown")
def test_teardown(case, falls_afterwards):
    case.level("hardware")

@mark("shown.more", "simulated")
def test_simulated(framework, oracle, case):
    case.assert_close(outputs(framework), outputs(oracle))
    case.level(Level.SIMULATED)

@mark("shown.more", "known")
def test_known():
    raise ValueError("the well-known   fault")

@mark("shown.more", "elsewhere")
def test_elsewhere():
    import json
    def inside(value):
        assert not value
    source = "def f(value):\\n    assert value == 0, 'inner check'"
    code = compile(source, "/opt/lib/python3.11/site-packages/thing/core.py", "exec")
    space = {}
    exec(code, space)
    space["f"](1)

@mark("shown.more", "fixture")
def test_fixture(no_such_fixture):
    pass

@mark("shown.more", "exits")
def test_exits():
    raise SystemExit(3)

@mark("outside.all", "never")
def test_never():
    raise RuntimeError("an inapplicable capability was run")
"""

FINDING = {
    "id": "reference-known",
    "capability": "shown.more",
    "cases": ("known",),
    "exception": "ValueError",
    "message": "well-known fault",
}


@pytest.fixture(scope="module")
def done(shared_project):
    shared_project.suites(CASES, {"test_shown.py": SUITE}, [FINDING])
    return shared_project.conformance("-v", f"--junitxml={shared_project.folder / 'junit.xml'}")


@pytest.mark.parametrize(
    ("case", "outcome", "level"),
    [
        ("all:passed", "passed", "hardware"),
        ("all:failed", "failed", "hardware"),
        ("all:unsupported", "unsupported", "hardware"),
        ("all:not-adapted", "unavailable", None),
        ("all:unavailable", "unavailable", None),
        ("all:broken", "broken", None),
        ("all:skipped", "unavailable", None),
        ("all:nothing", "broken", None),
        ("more:compared", "passed", "hardware"),
        ("more:uncompared", "broken", None),
        ("more:teardown", "broken", None),
        ("more:simulated", "passed", "simulated"),
        ("more:known", "failed", "hardware"),
        ("more:elsewhere", "broken", None),
        ("more:fixture", "broken", None),
        ("more:exits", "broken", None),
    ],
)
def test_outcome_and_level(done, case, outcome, level):
    """Each way for a test to end has its outcome and its evidence level."""
    seen = done.observation(f"shown.{case}")
    assert (seen.outcome.value, seen.level.value if seen.level else None) == (outcome, level)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("all:passed", ""),
        ("all:unsupported", "it has none of: a, b"),
        ("all:not-adapted", "our adapter does not do this yet: quaternions"),
        ("all:unavailable", "no compiler at suites/test_shown.py"),
        ("all:broken", "RuntimeError: in suites/test_shown.py at 0x..."),
        ("all:skipped", "not today"),
        ("all:nothing", "proves nothing: no tensor of the framework was looked at, and the test states no level"),
        ("more:teardown", "OSError: afterwards"),
        ("more:known", "ValueError: the well-known fault"),
        ("more:elsewhere", "AssertionError: inner check"),
        ("more:exits", "SystemExit: 3"),
    ],
)
def test_message(done, case, message):
    """Every outcome but passed says why, without a path of this machine."""
    assert done.observation(f"shown.{case}").message == message


def test_failure_says_how_far_off(done):
    """A failed comparison says what, where, how far off and how far was allowed."""
    message = done.observation("shown.all:failed").message
    assert message.startswith("outputs: 2 of 2 values differ; worst at [0, 1]")
    assert "rtol 1e-05, atol 1e-06" in message


def test_figures_are_kept(done):
    """Figures stand in the journal with their unit."""
    figure = done.observation("shown.all:passed").figures["speed"]
    assert (figure.value, figure.unit) == (2.5, "images/s")


def test_details_are_kept(done):
    """In one line, without machine paths."""
    details = done.observation("shown.all:passed").details
    assert details == {"lacking": {"Celu": "not in suites/test_shown.py"}}


def test_comparison_records_its_largest_error(done):
    """`assert_close` keeps the largest error as a figure."""
    assert done.observation("shown.more:compared").figures["largest-error"].value == 0.0


def test_observed_device_is_kept(done):
    """The devices that tensors were seen on stand in the journal; they are forgotten between cases."""
    assert done.observation("shown.more:compared").device_observed == ("cpu",)
    assert done.observation("shown.all:passed").device_observed == ()


def test_known_finding_explains_the_failure(done):
    """A failure that a finding matches carries its id, and is none of pytest's failures."""
    assert done.observation("shown.more:known").finding == "reference-known"
    assert "KNOWN FAULT" in done.output
    assert "FAILED suites/test_shown.py::test_known" not in done.output


def test_inapplicable_capability_is_not_run(done):
    """What the registry declares inapplicable is neither run nor observed, and the table says why."""
    assert "outside.all:never" not in done.outcomes
    assert "inapplicable" in done.output


def test_new_faults_fail_the_run(done):
    """Failed and broken cases fail pytest."""
    assert done.code == 1


def test_node_ids_do_not_depend_on_where_the_suites_lie(done):
    """A test is called by its place below suites/."""
    assert "suites/test_shown.py::test_passed" in done.output


@pytest.mark.parametrize("word", ["PASSED", "FAILED", "UNSUPPORTED", "UNAVAILABLE", "BROKEN"])
def test_every_outcome_has_its_word(done, word):
    """Outcomes are shown by words of their own."""
    assert word in done.output


def test_traceback_of_a_broken_case_is_printed(done):
    """Who must repair a broken case sees where it broke."""
    assert "raise RuntimeError" in done.output


def test_junit_counts_unsupported_as_skipped(done):
    """In JUnit XML an outcome of ours is never a pass."""
    root = ET.parse(done.folder / "junit.xml").getroot()
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases["test_unsupported"].find("skipped") is not None
    assert cases["test_broken"].find("failure") is not None
    assert cases["test_nothing"].find("failure") is not None


def test_every_observation_has_its_start_before_it(done):
    """A start is written before its case runs."""
    seen = set()
    for record in done.records():
        pair = (record.get("capability"), record.get("case"))
        if record["record"] == "start":
            seen.add(pair)
        elif record["record"] == "observation":
            assert pair in seen
    assert not done.shard.unfinished


def test_end_record_holds_the_exit_status(done):
    """A run that came to its end says with what status."""
    assert done.shard.ended == 1


def test_observation_hook_hears_every_case(done):
    """`pytest_fwconformance_observation` is called once for each case."""
    heard = (done.folder / "heard.txt").read_text().splitlines()
    assert sorted(heard) == sorted(f"{name} {outcome}" for name, outcome in done.outcomes.items())


def test_no_warning_of_ours(done):
    """The run itself warns of nothing."""
    assert "warnings summary" not in done.output
