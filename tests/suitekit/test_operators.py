"""An operator in C++: right values that the library did not compute do not pass."""

from __future__ import annotations

import shutil

import pytest

from fwconformance.frameworks import Seam
from fwconformance.frameworks.reference import Reference
from fwconformance.frameworks.reference._mutants import MUTANTS
from fwconformance.suitekit import check_operator_forward, check_operator_gradients

pytestmark = pytest.mark.skipif(
    not all(shutil.which(name) for name in ("cmake", "make", "c++")), reason="needs CMake, make and a C++ compiler"
)


@pytest.fixture
def case(make_case, monkeypatch, tmp_path_factory):
    # One cache for all of them: the library is built once.
    monkeypatch.setenv("FWCONFORMANCE_CACHE", str(tmp_path_factory.getbasetemp() / "operators"))
    return make_case("extend.custom-operator", "forward", tolerance=(1e-4, 1e-5))


@pytest.mark.parametrize("check", [check_operator_forward, check_operator_gradients])
def test_the_compiled_operator_passes(case, check):
    check(case, Seam(Reference()))
    assert "build of operators/reference" in case.figures


def test_values_that_the_library_did_not_compute_fail(case):
    with pytest.raises(AssertionError, match="the compiled code was not asked for these outputs"):
        check_operator_forward(case, Seam(MUTANTS["custom-operator-in-python"].create()))


def test_a_gradient_that_the_library_did_not_compute_fails(case):
    with pytest.raises(AssertionError, match="was not asked for the operator's gradient"):
        check_operator_gradients(case, Seam(MUTANTS["custom-operator-gradient-in-python"].create()))
