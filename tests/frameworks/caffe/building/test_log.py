"""Steps are logged, and a failed one says where."""

from __future__ import annotations

import sys

import pytest

from fwconformance.frameworks.caffe.building import BuildError
from fwconformance.frameworks.caffe.building._log import Log


def test_a_failed_step_names_the_log_and_the_error(tmp_path):
    log = Log(tmp_path / "build.log", print)
    with pytest.raises(BuildError, match=r"ended with 3; the log is .*build\.log.*error: no such header"):
        log.run([sys.executable, "-c", "print('a.cpp:1: error: no such header'); raise SystemExit(3)"])
    assert "no such header" in (tmp_path / "build.log").read_text()


def test_a_program_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BuildError, match="no-such-compiler cannot be started"):
        Log(tmp_path / "build.log", print).run(["no-such-compiler"])


def test_each_step_is_said(tmp_path):
    said = []
    Log(tmp_path / "build.log", said.append).step("compiling")
    assert said == ["caffe: compiling"]
