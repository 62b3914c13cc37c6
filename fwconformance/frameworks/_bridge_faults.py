"""Faults of the bridges: programs that give back what they were given, and the framework's own faulty exports."""

from __future__ import annotations

from typing import Any, Callable, Sequence

import attrs

from fwconformance.frameworks import _bridge
from fwconformance.frameworks._binding_faults import parrot
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._pieces_bindings import Project
from fwconformance.frameworks._protocol import Sabotage

#: Of every bridge.
CASES = ("install", *_bridge.STEPS, "recurrent")
#: Case of "export.onnx" to the case of a bridge in which the same fault shows.
_SHOWN_IN = {"convolutional": "inference", "dynamic-batch": "batch", "recurrent": "recurrent"}
#: The one that shows in a recurrent network as it does in a convolutional one.
_IN_BOTH = "onnx-drops-a-bias"


def bridge_faults(exports: Sequence[Sabotage], *, cases: Sequence[str] = CASES) -> tuple[Sabotage, ...]:
    """What every bridge from a framework must see.

    Args:
        exports: the framework's faults of exporting; those of "export.onnx" are taken, whichever the others are.
        cases: those that pass without a fault.
    """
    ours = tuple(one for one in exports if one.kills == "export.onnx")
    return tuple(
        fault
        for language in _bridge.LANGUAGES
        for fault in (
            *(_parroting(language, case) for case in CASES),
            *(_exporting(language, one, _SHOWN_IN[one.case]) for one in ours),
            *(
                _exporting(language, one, "recurrent", suffix="-recurrent")
                for one in ours
                if one.name == _IN_BOTH and one.case != "recurrent"
            ),
        )
        if fault.case in cases
    )


def _parroting(language: str, case: str) -> Sabotage:
    def make(original: Callable[..., Project]) -> Callable[..., Project]:
        def project(*arguments: Any, **named: Any) -> Project:
            return parrot(original(*arguments, **named))

        return project

    return Sabotage(
        name=f"bridge-{language}-parrot-{case}",
        kills=f"bridge.{language}",
        case=case,
        apply=lambda: replaced(_bridge, "project", make),
        description="The program prints the inputs back.",
    )


def _exporting(language: str, fault: Sabotage, case: str, *, suffix: str = "") -> Sabotage:
    return attrs.evolve(fault, name=f"bridge-{language}-{fault.name}{suffix}", kills=f"bridge.{language}", case=case)
