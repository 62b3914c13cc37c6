"""The programs of known findings: what their ends say."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.registry import Finding, load_registry
from fwconformance.supervisor import Target, _findings, check_findings

PROGRAMS = {
    "there": "print('outputs differ by 0.5')",
    "gone": "print('outputs agree'); raise SystemExit(1)",
    "raises": "raise ValueError('a mistake in the program')",
    "dies": "import os; os.kill(os.getpid(), 11)",
    "hangs": "import time; time.sleep(100)",
    "lacks": "print('needs node'); raise SystemExit(77)",
    "elsewhere": "raise SystemExit(1)",
}


def finding(name: str, **other: str) -> Finding:
    told = {"outcome": "failed", "exception": "ValueError", "message": "", "versions": "", **other}
    return Finding(
        id=name,
        framework="reference",
        backend=None,
        capability="layers.dense",
        cases=("forward",),
        deviation="",
        upstream="",
        program=f"{name}.py",
        summary=name,
        **told,
    )


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Result of each program, by finding."""
    programs = tmp_path / "findings"
    programs.mkdir()
    known = {}
    for name, text in PROGRAMS.items():
        (programs / f"{name}.py").write_text(text)
        known[name] = finding(name, versions="<0" if name == "elsewhere" else "")
    monkeypatch.setattr(_findings, "fixtures_dir", lambda: tmp_path)
    monkeypatch.setattr(_findings, "framework_version", lambda _: "1.0")
    registry = attrs.evolve(load_registry(), findings=known)
    target = Target(framework="reference", backend="", device="cpu")
    return {one.id: (one.word, one.message) for one in check_findings(target, registry, journal=None, limit=5)}


def test_0_is_reproduced_1_is_gone_77_is_not_tried_and_all_else_is_an_error_of_the_program(results):
    assert results == {
        "there": ("reproduced", "outputs differ by 0.5"),
        "gone": ("gone", "outputs agree"),
        "lacks": ("not tried", "needs node"),
        "raises": ("error", "its program ended with exit code 1: ValueError: a mistake in the program"),
        "dies": ("error", "its program ended with SIGSEGV: invalid memory access"),
        "hangs": ("error", "its program ended with no result within 5 s"),
    }


@pytest.mark.parametrize(
    ("case", "how", "explained"),
    [
        ("forward", "SIGSEGV: invalid memory access", "dies"),
        ("forward", "SIGABRT: aborted itself", "dies"),
        ("forward", "SIGKILL: killed, out of memory?", None),
        ("gradients", "SIGSEGV: invalid memory access", None),
    ],
)
def test_a_crash_is_explained_by_a_finding_of_that_case_that_tells_of_such_an_end(monkeypatch, case, how, explained):
    known = {
        "raises": finding("raises"),
        "dies": finding("dies", outcome="crashed", exception="", message="SIG(SEGV|ABRT)"),
        "gone": finding("gone", outcome="crashed", exception="", message="SIG", versions="<0"),
    }
    monkeypatch.setattr(_findings, "framework_version", lambda _: "1.0")
    registry = attrs.evolve(load_registry(), findings=known)
    target = Target(framework="reference", backend="", device="cpu")
    assert _findings.known_crash(registry, target, ("layers.dense", case, 2), how) == explained
