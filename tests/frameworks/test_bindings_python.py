"""A framework's own Python as a binding: what its program is expected to say."""

from __future__ import annotations

import sys

import pytest

from fwconformance.frameworks._bindings_python import program


@pytest.mark.parametrize(
    ("says", "release"),
    [("2.15.0", "2.15.0"), ("2.15.0+cpu", "2.15.0"), ("1.7.0.post1", "1.7.0"), ("unknown", "unknown")],
)
def test_builds_and_posts_are_of_one_release(says, release):
    assert program("toy", "Toy", says).version == release


def test_it_is_kept_for_the_interpreter_that_compiled_it():
    settings = program("toy", "Toy", "1.0").settings
    assert settings["PYTHON"] == sys.executable
    assert settings["PYTHON_VERSION"] == ".".join(map(str, sys.version_info[:3]))
