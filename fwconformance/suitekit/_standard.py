"""How many operators of the ONNX standard a framework has, each by one public function, held to the standard's own
node tests (`fixtures/operators/`).
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.frameworks import NotAdapted, SeamViolation, Unsupported
from fwconformance.registry import fixtures_dir

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam, SeamPiece
    from fwconformance.suitekit._cases import Case

Array = Any


@attrs.frozen(kw_only=True, eq=False)
class NodeTest:
    """What the standard says an operator gives.

    Attributes:
        operator: its name in the standard.
        words: parts of the names that it goes by, in lower case.
        attributes: of the node, and "outputs", how many there are.
        inputs: None for one that is left out.
        outputs: what must come.
    """

    operator: str
    words: tuple[str, ...]
    attributes: Mapping[str, Any]
    inputs: tuple[Array | None, ...]
    outputs: tuple[Array, ...]


@functools.lru_cache(maxsize=None)
def node_tests() -> tuple[NodeTest, ...]:
    """One an operator, by name."""
    folder = fixtures_dir() / "operators"
    told = json.loads((folder / "onnx.json").read_text(encoding="utf-8"))["operators"]
    words = json.loads((folder / "names.json").read_text(encoding="utf-8"))
    with np.load(str(folder / "onnx.npz")) as stored:
        return tuple(
            NodeTest(
                operator=operator,
                words=tuple(words.get(operator, [operator.lower()])),
                attributes={**node["attributes"], "outputs": node["outputs"]},
                inputs=tuple(stored.get(f"{operator}/input/{place}") for place in range(node["inputs"])),
                outputs=tuple(stored[f"{operator}/output/{place}"] for place in range(node["outputs"])),
            )
            for operator, node in sorted(told.items())
        )


def check_operators(case: Case, framework: Seam) -> None:
    """Count the operators that `framework` computes rightly, and those that it was not asked about.

    An operator counts where one public function gives the standard's numbers. It is lacking where no public name of the
    framework is like its own, or where the function that comes next to it gives something else; the rest is not tried.
    Raises AssertionError where a function that should do an operator's work does not.
    """
    piece = framework.piece("operators")
    for test in node_tests():
        state, how = _asked(piece, test, case.tolerance)
        case.detail(state, test.operator, how)
    number = {state: len(named) for state, named in case.details.items()}
    case.figure("listed", len(node_tests()), "1")
    case.figure("operators", number.get("right", 0), "1")
    case.figure("operators, not tried", number.get("not tried", 0), "1")
    wrong = case.details.get("wrong", {})
    assert not wrong, "; ".join(f"{operator}: {why}" for operator, why in wrong.items())
    assert "right" in number, "of the standard's operators none was computed"
    case.level("hardware")


def _asked(piece: SeamPiece, test: NodeTest, tolerance: Any) -> tuple[str, str]:
    """("right", "lacking", "not tried" or "wrong", by which function or why)."""
    try:
        function = piece.find(test.operator, test.words)
    except Unsupported as absent:
        return "lacking", str(absent)
    except NotAdapted as unknown:
        return "not tried", str(unknown)
    by, near = function["by"], function["near"]
    why = _compared(piece, test, tolerance)
    if not why:
        return ("wrong", f"{by} does it, and was said not to") if near else ("right", by)
    return ("lacking" if near else "wrong"), f"{by}: {why}"


def _compared(piece: SeamPiece, test: NodeTest, tolerance: Any) -> str:
    """What is wrong with what the function gives; "" where nothing is."""
    try:
        actual: Sequence[Array] = piece.compute(test.operator, test.inputs, test.attributes)
    except SeamViolation:
        raise
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    if len(actual) != len(test.outputs):
        return f"{len(actual)} outputs, not {len(test.outputs)}"
    for one, expected in zip(actual, test.outputs):
        if one.shape != expected.shape:
            return f"shape {one.shape}, not {expected.shape}"
        if not np.allclose(one, expected.astype(np.float64), rtol=tolerance.rtol, atol=tolerance.atol, equal_nan=True):
            return "other values"
    return ""
