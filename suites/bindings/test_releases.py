"""binding.breaks-between-versions: a program in another language, unchanged, with two releases of its binding."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_breaks

pytestmark = pytest.mark.bindings


@pytest.mark.capability("binding.breaks-between-versions", "java")
def test_java(framework, oracle, case):
    """The official binding for Java, before its 1.0."""
    check_breaks(case, framework, oracle)


@pytest.mark.capability("binding.breaks-between-versions", "java-1")
def test_java_1(framework, oracle, case):
    """The official binding for Java, since its 1.0."""
    check_breaks(case, framework, oracle)


@pytest.mark.capability("binding.breaks-between-versions", "java-community")
def test_java_community(framework, oracle, case):
    """A community's binding for Java."""
    check_breaks(case, framework, oracle)


@pytest.mark.capability("binding.breaks-between-versions", "javascript")
def test_javascript(framework, oracle, case):
    """The official package for JavaScript, under Node.js."""
    check_breaks(case, framework, oracle)


@pytest.mark.capability("binding.breaks-between-versions", "go")
def test_go(framework, oracle, case):
    """The community's living fork of the binding for Go."""
    check_breaks(case, framework, oracle)


@pytest.mark.capability("binding.breaks-between-versions", "cpp")
def test_cpp(framework, oracle, case):
    """The official library for C++."""
    check_breaks(case, framework, oracle)
