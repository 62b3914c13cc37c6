"""Faults planted in LitServe, in the processes that serve: the same for every framework."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import sys
from typing import Any, Callable, ContextManager, Iterator, Sequence

import attrs

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage


def faults(exports: Sequence[Sabotage], form: str) -> tuple[Sabotage, ...]:
    """What the cases of serving must see: faults of LitServe, and those of `exports` that are of `form`, the format
    that is served ("saved-model").
    """
    saved = (
        attrs.evolve(each, name=each.name.replace(form, "serving", 1), kills="export.serving", case="answers")
        for each in exports
        if each.kills == f"export.{form}" and each.case in ("convolutional", "dynamic-batch")
    )
    return (*saved, *IN_LITSERVE)


def _planting(
    where: Callable[[Any], tuple[Any, str]], make: Callable[[Any], Any]
) -> Callable[[], ContextManager[None]]:
    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        litserve = sys.modules.get("litserve")
        if litserve is None:  # only servers have it
            yield
            return
        with replaced(*where(litserve), make):
            yield

    return apply


def _reversed(original: Any) -> Any:
    @functools.wraps(original)
    def unbatch(self: Any, output: Any) -> Any:
        return list(reversed(original(self, output)))

    return unbatch


def _one_by_one(original: Any) -> Any:
    @functools.wraps(original)
    def collate(loop: Any, lit_api: Any, *rest: Any, **named: Any) -> Any:
        asked = lit_api.max_batch_size
        lit_api.max_batch_size = 1
        try:
            return original(loop, lit_api, *rest, **named)
        finally:
            lit_api.max_batch_size = asked

    return collate


def _dying(original: Any) -> Any:
    @functools.wraps(original)
    def put_error_response(*arguments: Any, **named: Any) -> None:
        os.killpg(os.getpgrp(), signal.SIGKILL)

    return put_error_response


#: Planted where LitServe is imported, which is in the processes that serve.
IN_LITSERVE: tuple[Sabotage, ...] = (
    Sabotage(
        name="serving-swaps-answers",
        kills="export.serving",
        case="concurrent",
        apply=_planting(lambda litserve: (litserve.LitAPI, "unbatch"), _reversed),
        description="LitServe hands the answers of a batch out in reverse.",
    ),
    Sabotage(
        name="serving-batches-nothing",
        kills="export.serving",
        case="concurrent",
        apply=_planting(lambda litserve: (litserve.loops.base, "collate_requests"), _one_by_one),
        description="LitServe takes requests one by one, whatever batch it was asked for.",
    ),
    Sabotage(
        name="serving-dies-of-a-bad-request",
        kills="export.serving",
        case="bad-request",
        apply=_planting(lambda litserve: (litserve.loops.base.LitLoop, "put_error_response"), _dying),
        description="LitServe's processes end where the model refuses a request.",
    ),
)
