"""operators.*: how much of a neutral standard a framework has."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_operators


@pytest.mark.capability("operators.onnx-coverage", "onnx-operator-set")
def test_onnx_operator_set(framework, case):
    """The operators that the framework has are counted, and give the standard's numbers."""
    check_operators(case, framework)
