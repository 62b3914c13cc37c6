"""What a framework's build says of the graphics cards that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from fwconformance.frameworks import NotAdapted
from fwconformance.suitekit._compile import NETWORK, step_training
from fwconformance.suitekit._parity import compare_weights

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case


def keep_build(case: Case, framework: Seam) -> Mapping[str, Any]:
    """What the build says, kept as details; nothing for an adapter that does not read it."""
    try:
        told: Mapping[str, Any] = framework.piece("build").gpu()
    except NotAdapted:
        return {"kind": "", "architectures": [], "libraries": {}}
    if told["kind"]:
        case.figure("architectures", len(told["architectures"]), "1")
        case.detail("built for", told["kind"], ", ".join(told["architectures"]) or "no architecture is named")
    for name, version in told["libraries"].items():
        case.detail("built with", name, version or "no version is named")
    return told


def check_declared(case: Case, framework: Seam, oracle: Seam, gap: Exception) -> None:
    """Where no program for a GPU could be made because of `gap`: assert that the framework's own step is the oracle's
    on the CPU, and state `declared` if its build says that it is for GPUs. Raises `gap` where it does not.
    """
    told = keep_build(case, framework)
    if not told["kind"]:
        raise gap
    training = step_training(case.rng)
    weights = []
    for seam in (framework, oracle):
        trainer = seam.trainer(seam.build(NETWORK, training.weights), training.loss, training.optimizer)
        trainer.step(*training.batches[0])
        weights.append(trainer.model.weights())
    compare_weights(case, *weights, what="weights after a step on the CPU")
    case.level("declared")
