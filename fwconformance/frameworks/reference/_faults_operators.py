"""Faults of operators of the standard."""

from __future__ import annotations

from typing import Mapping

from fwconformance.frameworks._operators import Call
from fwconformance.frameworks.reference import _operators
from fwconformance.frameworks.reference._mutant import fault, piece


@fault("operators.onnx-coverage", "onnx-operator-set", piece("operators"))
class OperatorRoundsDown(_operators.Operators):
    """Ceil is computed by numpy.floor."""

    calls: Mapping[str, Call] = {**_operators.CALLS, "Ceil": Call("numpy.floor")}


@fault("operators.onnx-coverage", "onnx-operator-set", piece("operators"))
class OperatorLosesAnOutput(_operators.Operators):
    """Unique does not count."""

    calls: Mapping[str, Call] = {
        **_operators.CALLS,
        "Unique": Call(
            "numpy.unique", lambda _, x: ((x,), {"return_index": True, "return_inverse": True}), lambda f, *_: list(f)
        ),
    }


@fault("operators.onnx-coverage", "onnx-operator-set", piece("operators"))
class OperatorSaidToBeNear(_operators.Operators):
    """Floor, which numpy.floor does, is said to be something else there, and would count as lacking."""

    calls: Mapping[str, Call] = {**_operators.CALLS, "Floor": Call("numpy.floor", near=True)}
