"""The exit code says whether there is a new fault, whatever was raised, and usage errors come before anything runs."""

from __future__ import annotations

import os
import sys

import pytest

from fwconformance.shards import open_locked

LAZY = """
import lazy

@mark("lazy.all", "xfails")
def test_xfails(case):
    case.level("hardware")
    lazy.gives_up()

@mark("lazy.all", "marked")
@pytest.mark.xfail
def test_marked(case):
    case.level("hardware")
    assert 1 == 2, "one is not two"
"""


@pytest.fixture
def lazy(project):
    """An adapter (a module that is none of the suites) that calls pytest.xfail()."""
    (project.folder / "lazy.py").write_text("import pytest\n\ndef gives_up():\n    pytest.xfail('lazy')\n")
    return project.suites({"lazy.all": ["xfails", "marked"]}, {"test_lazy.py": LAZY})


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
@pytest.mark.parametrize(("case", "outcome"), [("xfails", "broken"), ("marked", "failed")])
def test_1_what_is_expected_to_fail_fails(lazy, workers, case, outcome):
    """Neither pytest.xfail() in an adapter nor the mark of that name makes a new fault pass."""
    if workers:
        pytest.importorskip("xdist")
    done = lazy.conformance(f"--fw-only=lazy.all:{case}", *workers)
    assert (done.code, done.outcomes) == (1, {f"lazy.all:{case}": outcome}), done.output
    assert "xfailed" not in done.output


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_0_the_journal_is_complete(plain, workers):
    """Continuing a journal that lacks nothing is no error, and says so."""
    if workers:
        pytest.importorskip("xdist")
    assert plain.conformance().code == 0
    again = plain.conformance("--fw-resume", *workers)
    assert again.code == 0, again.output
    assert "the journal is complete: it holds every case asked for (1), so nothing was run" in again.output
    assert again.shard.ended == 0


def test_5_nothing_ran_and_the_journal_is_not_complete(plain):
    """Continuing a journal does not turn another reason for an empty run into success."""
    assert plain.conformance("-k", "nothing").code == 5
    again = plain.conformance("--fw-resume", "-k", "nothing")
    assert (again.code, "the journal is complete" in again.output) == (5, False), again.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fw-only=plain.one:",), "plain.one has no case ''; it has: works"),
        (("--collect-only", "--fw-require=plain.one"), "--fw-require with --collect-only: nothing runs"),
    ],
)
def test_4_usage(plain, arguments, said):
    """A case left empty is a typing error; what cannot be met cannot be required."""
    done = plain.pytest("--framework=reference", *arguments)
    assert (done.code, said in done.output) == (4, True), done.output


SHARED = """
@mark("plain.one", "works")
def test_works(case, framework, oracle):
    case.level("hardware")
"""


@pytest.mark.parametrize("arguments", [(), ("-p", "no:benchmark")])
def test_0_with_warnings_as_errors(project, arguments):
    """The plugin's fixtures, those of the session among them, give no cause for a warning."""
    project.suites({"plain.one": ["works"]}, {"test_plain.py": SHARED})
    done = project.conformance("-W", "error", *arguments)
    assert (done.code, done.outcomes) == (0, {"plain.one:works": "passed"}), done.output


@pytest.mark.skipif(sys.platform == "win32", reason="no flock there")
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_4_another_run_writes_the_journal(plain, workers):
    """The second of two runs is a usage error that says what to do, and the first loses nothing."""
    if workers:
        pytest.importorskip("xdist")
    assert plain.conformance().code == 0
    journal = plain.folder / "journal.jsonl"
    before = journal.read_bytes()
    descriptor = open_locked(journal)
    try:
        again = plain.conformance("--fw-resume", *workers)
    finally:
        os.close(descriptor)
    assert again.code == 4, again.output
    assert "is being written by another run" in again.output
    assert journal.read_bytes() == before
