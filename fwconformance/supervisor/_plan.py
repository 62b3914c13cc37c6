"""Which cases a run is to observe, known before any child is started."""

from __future__ import annotations

import difflib
from typing import Sequence, Tuple

from fwconformance.evidence import Profile
from fwconformance.registry import Registry

CaseId = Tuple[str, str]  # capability, case


class SelectionError(ValueError):
    """What was asked for selects nothing or does not exist; the message says what to write instead."""


def planned_cases(
    registry: Registry, *, framework: str, backend: str, profile: Profile, only: Sequence[str] = ()
) -> tuple[CaseId, ...]:
    """The active cases that mean something for `framework` on `backend`, lie in `profile` and are among `only` (all
    if empty).

    `only` holds "capability" or "capability:case". Raises SelectionError where one of them names nothing, or nothing
    is left.
    """
    chosen = [_selected(registry, item) for item in only]
    planned = []
    left_out = []
    for capability in registry.active():
        here = capability.cases_for(framework, backend)
        for case in capability.cases:
            identity = (capability.id, case.id)
            if chosen and not any(identity in some for some in chosen):
                continue
            reason = capability.inapplicable_to(framework, backend)
            if reason:
                left_out.append(f"{capability.id} is inapplicable to {framework}: {reason}")
            elif case not in here:
                left_out.append(f"{capability.id}:{case.id} is inapplicable to {framework}")
            elif not profile.holds(case.profile):
                left_out.append(
                    f"{capability.id}:{case.id} is in profile {case.profile.value}; add --profile {case.profile.value}"
                )
            else:
                planned.append(identity)
    if not planned:
        raise SelectionError(f"nothing to run: {left_out[0] if left_out else 'the registry has no active capability'}")
    return tuple(planned)


def _selected(registry: Registry, item: str) -> frozenset[CaseId]:
    name, _, case = item.partition(":")
    capability = registry.capabilities.get(name)
    if capability is None:
        raise SelectionError(
            f"--only {item}: there is no capability {name!r}{_near(name, list(registry.capabilities))}"
        )
    if not capability.active:
        raise SelectionError(f"--only {item}: {name} is planned and has no test yet")
    cases = [one.id for one in capability.cases]
    if case and case not in cases:
        raise SelectionError(f"--only {item}: {name} has no case {case!r}; it has {', '.join(cases)}")
    return frozenset((name, one) for one in cases if not case or one == case)


def _near(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f" (did you mean {close[0]}?)" if close else "; `fwconformance list capabilities` names them"
