"""An operator of the user's own in C++: what it must give, and whether the compiled code gave it."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Mapping

import numpy as np

from fwconformance.frameworks import Project
from fwconformance.suitekit._bindings import on_the_cpu
from fwconformance.suitekit._parity import compare_weights, scalar
from fwconformance.suitekit._program import built
from fwconformance.works._draws import spread

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam, SeamPiece
    from fwconformance.suitekit._cases import Case

Array = Any


def check_operator_forward(case: Case, framework: Seam) -> None:
    """Assert that the compiled operator gives ``x ** 3 / (1 + x ** 2)``, and that it was asked.

    Raises what the framework's piece does, Unavailable where there is no compiler, `BuildFailed` with its first error.
    """
    piece, library = _loaded(case, framework)
    before = _calls(library)
    inputs = 2 * spread(case.rng, 5, 4)
    case.assert_close(piece.forward(library, inputs), _forward(inputs.astype(np.float64)), what="outputs")
    after = _calls(library)
    assert after[0] > before[0], "the compiled code was not asked for these outputs"


def check_operator_gradients(case: Case, framework: Seam) -> None:
    """Assert that loss and gradients of a network with the compiled operator inside are those of the chain rule, and
    that its compiled backward was asked. Raises as `check_operator_forward` does.
    """
    piece, library = _loaded(case, framework)
    before = _calls(library)
    rng = case.rng
    weights = {"w1": spread(rng, 4, 6), "b1": spread(rng, 6), "w2": spread(rng, 6, 3)}
    inputs, targets = spread(rng, 5, 4), spread(rng, 5, 3)
    loss, gradients = piece.network(library, weights, inputs, targets)
    expected_loss, expected = _network(weights, inputs, targets)
    case.assert_close(scalar(loss), expected_loss, what="loss")
    compare_weights(case, gradients, expected, what="gradient")
    after = _calls(library)
    assert after[0] > before[0], "the compiled code was not asked for the operator's outputs"
    assert after[1] > before[1], "the compiled code was not asked for the operator's gradient"


def _loaded(case: Case, framework: Seam) -> tuple[SeamPiece, str]:
    """The piece and the path of the library that it has loaded, built where it is not kept."""
    on_the_cpu(framework)
    piece = framework.piece("custom-operator")
    program = built(Project.from_json(piece.project()))
    case.figure(f"build of {program.project.folder}", program.seconds, "s")
    (library,) = program.command
    piece.forward(library, np.ones((1, 4), dtype=np.float32))
    return piece, library


def _calls(library: str) -> tuple[int, int]:
    """How often the loaded library was asked, forwards and backwards."""
    # What is loaded already is not loaded again: these are its counters.
    count = ctypes.CDLL(library).fwconformance_calls
    count.restype = ctypes.c_long
    return int(count(0)), int(count(1))


def _forward(x: Array) -> Array:
    return x**3 / (1 + x**2)


def _network(weights: Mapping[str, Array], inputs: Array, targets: Array) -> tuple[Array, dict[str, Array]]:
    """In float64, by the chain rule."""
    w1, b1, w2 = (np.asarray(weights[name], dtype=np.float64) for name in ("w1", "b1", "w2"))
    x = np.asarray(inputs, dtype=np.float64)
    sums = x @ w1 + b1
    hidden = _forward(sums)
    apart = hidden @ w2 - targets
    upstream = 2 * apart / apart.size
    inner = upstream @ w2.T * sums**2 * (sums**2 + 3) / (1 + sums**2) ** 2
    return np.mean(apart**2), {"w1": x.T @ inner, "b1": inner.sum(axis=0), "w2": hidden.T @ upstream}
