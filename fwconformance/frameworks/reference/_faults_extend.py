"""Faults of second derivatives and of operators in C++."""

from __future__ import annotations

import numpy as np

from fwconformance.frameworks.reference import _extend
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._mutant import fault, piece


@fault("extend.higher-order-gradients", "gradient-penalty hessian-vector third-order", piece("higher-order"))
class HigherOrderForgetsCurvature(_extend.HigherOrder):
    """The slope of tanh counts as a constant when gradients are differentiated again."""

    def curvature(self, bent: Array) -> Array:
        return np.zeros_like(bent)


@fault("extend.custom-operator", "forward gradients", piece("custom-operator"))
class CustomOperatorInPython(_extend.CustomOperator):
    """The operator is computed in Python, and the library loaded in vain."""

    def outputs(self, library: str, x: Array) -> Array:
        return x**3 / (1 + x**2)


@fault("extend.custom-operator", "gradients", piece("custom-operator"))
class CustomOperatorGradientInPython(_extend.CustomOperator):
    """The gradient is computed in Python, and the library's is not asked."""

    def inward(self, library: str, upstream: Array, x: Array) -> Array:
        return upstream * x**2 * (x**2 + 3) / (1 + x**2) ** 2


@fault("extend.custom-operator", "gradients", piece("custom-operator"))
class CustomOperatorDropsUpstream(_extend.CustomOperator):
    """The operator's backward is asked for a gradient of ones, whatever comes from above."""

    def inward(self, library: str, upstream: Array, x: Array) -> Array:
        return super().inward(library, np.ones_like(upstream), x)


@fault("extend.custom-operator", "forward", piece("custom-operator"))
class CustomOperatorTwice(_extend.CustomOperator):
    """The operator is applied to its own outputs."""

    def outputs(self, library: str, x: Array) -> Array:
        return super().outputs(library, super().outputs(library, x))
