"""Piece "operators": those of ONNX that are one function of NumPy."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np

from fwconformance.frameworks._operators import Call, OperatorTable
from fwconformance.frameworks.reference._tensor import Tensor

_PLAIN = {
    "abs": "Abs", "add": "Add", "arccos": "Acos", "arccosh": "Acosh", "arcsin": "Asin", "arcsinh": "Asinh",
    "arctan": "Atan", "arctanh": "Atanh", "ceil": "Ceil", "copy": "Identity", "cos": "Cos", "cosh": "Cosh",
    "cumsum": "CumSum", "divide": "Div", "equal": "Equal", "exp": "Exp", "floor": "Floor", "fmod": "Mod",
    "greater": "Greater", "greater_equal": "GreaterOrEqual", "isinf": "IsInf", "isnan": "IsNaN", "less": "Less",
    "less_equal": "LessOrEqual", "linalg.det": "Det", "log": "Log", "logical_and": "And", "logical_not": "Not",
    "logical_or": "Or", "logical_xor": "Xor", "matmul": "MatMul", "multiply": "Mul", "negative": "Neg", "power": "Pow",
    "reciprocal": "Reciprocal", "rint": "Round", "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "sqrt": "Sqrt",
    "subtract": "Sub", "tan": "Tan", "tanh": "Tanh", "where": "Where",
}  # fmt: skip

CALLS: Mapping[str, Call] = {
    **{operator: Call(f"numpy.{name}") for name, operator in _PLAIN.items()},
    "Concat": Call("numpy.concatenate", lambda a, *x: ((x, a["axis"]), {})),
    "Einsum": Call("numpy.einsum", lambda a, *x: ((a["equation"], *x), {})),
    "Gather": Call("numpy.take", lambda a, x, places: ((x, places, a["axis"]), {})),
    "GatherElements": Call("numpy.take_along_axis", lambda a, x, places: ((x, places, a["axis"]), {})),
    "NonZero": Call("numpy.nonzero", take=lambda found, *_: np.stack(found)),
    "Reshape": Call("numpy.reshape", lambda a, x, shape: ((x, shape), {})),
    "Tile": Call("numpy.tile"),
    "Transpose": Call("numpy.transpose", lambda a, x: ((x, a["perm"]), {})),
    "Unique": Call(
        "numpy.unique",
        lambda a, x: ((x,), {"return_index": True, "return_inverse": True, "return_counts": True}),
        lambda found, *_: list(found),
    ),
}


class Operators(OperatorTable):
    """The table, over float64."""

    calls: Mapping[str, Call] = CALLS

    def __init__(self) -> None:
        super().__init__(
            self.calls,
            places={"numpy": np, "numpy.linalg": np.linalg},
            native=lambda _, value: value,
            result=lambda value: Tensor(np.asarray(value, dtype=np.float64)),
        )


PIECES: Mapping[str, Any] = {"operators": Operators}
