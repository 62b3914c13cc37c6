"""Where idiomatic programs lie, and the faults that keep them from learning."""

from __future__ import annotations

import sys

import pytest

from fwconformance.frameworks import NotAdapted
from fwconformance.frameworks._idiomatic import ROOTS, Idiom, is_keras_2
from fwconformance.frameworks._idiomatic_faults import usability_sabotages
from fwconformance.registry import load_registry


def test_a_backends_programs_come_first():
    """And the framework's own stand for those that it does not have."""
    assert Idiom(framework="keras", backend="jax").folders == ("keras-jax", "keras")
    assert Idiom(framework="pytorch").folders == ("pytorch",)


@pytest.mark.parametrize(("inside", "earlier"), [("src", False), ("layers", True)])
def test_the_keras_that_leads_to_tensorflows_has_programs_of_its_own(tmp_path, monkeypatch, inside, earlier):
    """It is known by having no code of its own; it is not imported."""
    package = tmp_path / "keras"
    (package / inside).mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    idiom = Idiom(framework="keras", backend="tensorflow")
    assert is_keras_2() is earlier
    assert idiom.folders == ("keras-tensorflow", *(("keras-2",) if earlier else ()), "keras")
    assert idiom.documented == ("tensorflow.keras" if earlier else "keras")


def test_a_framework_without_programs_is_a_gap_of_ours():
    with pytest.raises(NotAdapted, match="no idiomatic programs for caffe2"):
        Idiom(framework="caffe2").folders  # noqa: B018


@pytest.mark.parametrize("name", ROOTS)
def test_its_faults_name_cases_and_run_before_the_program(name):
    """Each is on inside only, and is Python."""
    capabilities = load_registry().capabilities
    for sabotage in usability_sabotages(ROOTS[name][0]):
        assert sabotage.case in [case.id for case in capabilities[sabotage.kills].cases]
        assert Idiom.prelude == ""
        with sabotage.apply():
            compile(Idiom.prelude, "prelude", "exec")
            assert f"import {ROOTS[name][0]}" in Idiom.prelude or "from tensorflow" in Idiom.prelude
        assert Idiom.prelude == ""
