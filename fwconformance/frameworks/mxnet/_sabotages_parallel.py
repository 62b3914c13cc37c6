# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in MXNet's key-value store, its trainer and its splitting of data."""

from __future__ import annotations

import functools
from typing import Any, Callable, ContextManager, Sequence

import mxnet
from mxnet import gluon

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage


def _planting(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    return lambda: replaced(owner, name, make)


def _first_alone(original: Any) -> Any:
    """What the other devices computed is left out of the sum."""

    @functools.wraps(original)
    def pushpull(self: Any, key: Any, value: Any, *rest: Any, **named: Any) -> Any:
        return original(self, key, value[:1] if isinstance(value, list) else value, *rest, **named)

    return pushpull


def _silent(original: Any) -> Any:
    """All workers but the first push zeros."""

    @functools.wraps(original)
    def pushpull(self: Any, key: Any, value: Any, *rest: Any, **named: Any) -> Any:
        return original(self, key, _zeros(value) if self.rank else value, *rest, **named)

    return pushpull


def _zeros(value: Any) -> Any:
    return [_zeros(each) for each in value] if isinstance(value, (list, tuple)) else value.zeros_like()


def _first_share(original: Any) -> Any:
    @functools.wraps(original)
    def split_data(data: Any, num_slice: int, *rest: Any, **named: Any) -> Any:
        return original(data, num_slice, *rest, **named)[:1] * num_slice

    return split_data


def _first_context(original: Any) -> Any:
    @functools.wraps(original)
    def reset_ctx(self: Any, ctx: Any) -> Any:
        return original(self, ctx[:1])

    return reset_ctx


def _by_own_rows(original: Any) -> Any:
    """Divides by the rows of one device, so that the devices' means are summed up."""

    @functools.wraps(original)
    def step(self: Any, batch_size: int, *rest: Any, **named: Any) -> Any:
        return original(self, batch_size // len(self._contexts), *rest, **named)

    return step


def _ungrouped(original: Any) -> Any:
    @functools.wraps(original)
    def simple_bind(self: Any, *arguments: Any, group2ctx: Any = None, **named: Any) -> Any:
        return original(self, *arguments, **named)

    return simple_bind


def _does_nothing(original: Any) -> Any:
    @functools.wraps(original)
    def method(self: Any, *rest: Any, **named: Any) -> None:
        return None

    return method


PARALLEL_SABOTAGES: Sequence[Sabotage] = (
    Sabotage(
        name="store-takes-the-first-device",
        kills="parallel.multi-device",
        case="two-devices",
        apply=_planting(mxnet.kvstore.KVStore, "pushpull", _first_alone),
        description="KVStore.pushpull sums nothing: the first device's gradients are all devices'.",
    ),
    Sabotage(
        name="share-given-twice",
        kills="parallel.multi-device",
        case="four-devices",
        apply=_planting(gluon.utils, "split_data", _first_share),
        description="gluon.utils.split_data gives the first share to every device.",
    ),
    Sabotage(
        name="contexts-ignored",
        kills="parallel.multi-device",
        case="two-devices",
        apply=_planting(gluon.Parameter, "reset_ctx", _first_context),
        description="Parameter.reset_ctx takes the first context and ignores the others.",
    ),
    Sabotage(
        name="gradients-summed",
        kills="parallel.multi-device",
        case="adam",
        apply=_planting(gluon.Trainer, "step", _by_own_rows),
        description="Trainer.step divides by the rows of one device in place of the batch's.",
    ),
    Sabotage(
        name="workers-push-zeros",
        kills="parallel.multi-process",
        case="two-processes",
        apply=_planting(mxnet.kvstore.KVStore, "pushpull", _silent),
        description="KVStore.pushpull sends zeros from all workers but the first.",
    ),
    Sabotage(
        name="hosts-push-zeros",
        kills="parallel.multi-process",
        case="several-hosts",
        apply=_planting(mxnet.kvstore.KVStore, "pushpull", _silent),
        description="KVStore.pushpull sends zeros from all hosts but the first.",
    ),
    Sabotage(
        name="fit-pushes-zeros",
        kills="parallel.multi-process",
        case="high-level-fit",
        apply=_planting(mxnet.kvstore.KVStore, "pushpull", _silent),
        description="KVStore.pushpull, which Module.fit calls, sends zeros from all workers but the first.",
    ),
    Sabotage(
        name="groups-ignored",
        kills="parallel.model",
        case="two-devices",
        apply=_planting(mxnet.sym.Symbol, "simple_bind", _ungrouped),
        description="Symbol.simple_bind ignores group2ctx: all layers are on the first device.",
    ),
    Sabotage(
        name="resumed-without-momentum",
        kills="parallel.recovery",
        case="resumes",
        apply=_planting(gluon.Trainer, "load_states", _does_nothing),
        description="Trainer.load_states reads nothing.",
    ),
)
