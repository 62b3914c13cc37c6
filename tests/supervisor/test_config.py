"""The private configuration of a child."""

from __future__ import annotations

import contextlib
import os

from hypothesis import given
from hypothesis import strategies as st

from fwconformance.supervisor._config import Workplace


def test_what_changes_pytest_or_python_does_not_reach_a_child():
    outer = {
        "PATH": "/bin",
        "PYTEST_ADDOPTS": "-x",
        "PYTEST_PLUGINS": "evil",
        "PYTHONOPTIMIZE": "2",
        "PYTHONWARNINGS": "error",
        "FWCONFORMANCE_REQUIRE": "hardware",
    }
    with contextlib.closing(Workplace()) as workplace:
        env = workplace.environment(outer)
    assert env["PATH"] == "/bin"
    assert env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] == "1"
    assert not set(outer) - {"PATH"} & set(env)


@given(st.lists(st.sampled_from(["", ".", "src", "../lib", "/opt/lib", "/srv/frameworks"])))
def test_only_absolute_entries_of_the_path_reach_a_child(entries):
    with contextlib.closing(Workplace()) as workplace:
        env = workplace.environment({"PYTHONPATH": os.pathsep.join(entries)})
    wanted = [entry for entry in entries if entry.startswith("/")]
    assert env.get("PYTHONPATH", "").split(os.pathsep) == (wanted or [""])


def test_closing_leaves_nothing():
    workplace = Workplace()
    workplace.log.write_text("x")
    workplace.close()
    assert not workplace.folder.exists()
