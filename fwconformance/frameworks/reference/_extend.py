"""Pieces for research: second derivatives by hand, and functions of C++ called by ctypes."""

from __future__ import annotations

import ctypes
from typing import Any, Mapping

import numpy as np

from fwconformance._version import __version__
from fwconformance.frameworks._pieces_extend import operator_project
from fwconformance.frameworks._protocol import Weights
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._tensor import Tensor


def _exact(values: Weights) -> tuple[Array, Array, Array]:
    w1, b1, w2 = (np.asarray(values[name], dtype=np.float64) for name in ("w1", "b1", "w2"))
    return w1, b1, w2


def _tensors(w1: Array, b1: Array, w2: Array) -> dict[str, Tensor]:
    return {"w1": Tensor(w1), "b1": Tensor(b1), "w2": Tensor(w2)}


class HigherOrder:
    """Piece "higher-order": the chain rule, applied to itself."""

    def penalty(self, weights: Weights, inputs: Array) -> tuple[Tensor, Mapping[str, Tensor]]:
        w1, b1, w2 = _exact(weights)
        x = np.asarray(inputs, dtype=np.float64)
        bent = np.tanh(x @ w1 + b1)
        slope, by_output = 1.0 - bent**2, w2.sum(axis=1)
        inner = slope * by_output
        inward = inner @ w1.T
        upstream = inward @ w1
        again = upstream * by_output * self.curvature(bent)
        by_w2 = np.repeat((upstream * slope).sum(axis=0)[:, None], w2.shape[1], axis=1)
        return Tensor((inward**2).sum() / 2), _tensors(inward.T @ inner + x.T @ again, again.sum(axis=0), by_w2)

    def hessian_vector(self, weights: Weights, along: Weights, inputs: Array, targets: Array) -> Mapping[str, Tensor]:
        """By Pearlmutter's R operator (1994): the derivative of forward and backward along the vector."""
        (w1, b1, w2), (v1, c1, v2) = _exact(weights), _exact(along)
        x = np.asarray(inputs, dtype=np.float64)
        bent = np.tanh(x @ w1 + b1)
        slope, moved = 1.0 - bent**2, x @ v1 + c1
        moved_bent = slope * moved
        upstream = 2.0 * (bent @ w2 - targets) / np.size(targets)
        moved_upstream = 2.0 * (moved_bent @ w2 + bent @ v2) / np.size(targets)
        inner, moved_inner = upstream @ w2.T, moved_upstream @ w2.T + upstream @ v2.T
        turned = moved_inner * slope + inner * self.curvature(bent) * moved
        return _tensors(x.T @ turned, turned.sum(axis=0), moved_bent.T @ upstream + bent.T @ moved_upstream)

    def third(self, inputs: Array) -> Tensor:
        bent = np.tanh(np.asarray(inputs, dtype=np.float64))
        slope = 1.0 - bent**2
        return Tensor(-2.0 * slope**2 - 2.0 * bent * self.curvature(bent))

    def curvature(self, bent: Array) -> Array:
        """The second derivative of tanh where it is `bent`."""
        return -2.0 * bent * (1.0 - bent**2)


class CustomOperator:
    """Piece "custom-operator": functions on arrays, out of a shared library."""

    def project(self) -> Mapping[str, Any]:
        return operator_project("reference", "reference", "nothing but the compiler", {}, __version__).to_json()

    def forward(self, library: str, inputs: Array) -> Tensor:
        return Tensor(self.outputs(library, np.ascontiguousarray(inputs, dtype=np.float64)))

    def network(
        self, library: str, weights: Weights, inputs: Array, targets: Array
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        w1, b1, w2 = _exact(weights)
        x = np.asarray(inputs, dtype=np.float64)
        sums = x @ w1 + b1
        hidden = self.outputs(library, sums)
        apart = hidden @ w2 - targets
        upstream = 2.0 * apart / apart.size
        inner = self.inward(library, np.ascontiguousarray(upstream @ w2.T), sums)
        return Tensor((apart**2).mean()), _tensors(x.T @ inner, inner.sum(axis=0), hidden.T @ upstream)

    def outputs(self, library: str, x: Array) -> Array:
        """The operator's values."""
        y = np.empty_like(x)
        ctypes.CDLL(library).forward(_pointer(x), _pointer(y), ctypes.c_size_t(x.size))
        return y

    def inward(self, library: str, upstream: Array, x: Array) -> Array:
        """Its gradient by `x`."""
        found = np.empty_like(x)
        ctypes.CDLL(library).backward(_pointer(upstream), _pointer(x), _pointer(found), ctypes.c_size_t(x.size))
        return found


def _pointer(values: Array) -> Any:
    return values.ctypes.data_as(ctypes.c_void_p)


PIECES: Mapping[str, Any] = {"higher-order": HigherOrder, "custom-operator": CustomOperator}
