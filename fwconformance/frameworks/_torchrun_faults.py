"""Faults planted in torch.distributed itself, for the adapters that train through it. torch is handed in."""

from __future__ import annotations

import functools
from typing import Any, Callable, ContextManager

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage


def faults(torch: Any) -> tuple[Sabotage, ...]:
    """What a silent fault of data-parallel training would look like, seen by every adapter on torch."""
    wrapped = torch.nn.parallel.DistributedDataParallel
    return (
        Sabotage(
            name="gradients-stay-local",
            kills="parallel.multi-device",
            case="two-devices",
            apply=_planting(wrapped, "forward", _unsynchronised),
            description="DistributedDataParallel never exchanges gradients.",
        ),
        Sabotage(
            name="gradients-summed",
            kills="parallel.multi-process",
            case="two-processes",
            apply=_planting(wrapped, "__init__", lambda original: _summing(torch, original)),
            description="DistributedDataParallel adds the workers' gradients up and does not average them.",
        ),
        Sabotage(
            name="hosts-keep-their-gradients",
            kills="parallel.multi-process",
            case="several-hosts",
            apply=_planting(wrapped, "forward", _unsynchronised),
            description="DistributedDataParallel never exchanges gradients between hosts.",
        ),
        Sabotage(
            name="share-dealt-twice",
            kills="parallel.multi-device",
            case="two-devices",
            apply=_planting(torch.utils.data.DistributedSampler, "__iter__", _of_the_first),
            description="DistributedSampler deals the first worker's rows to every worker.",
        ),
        Sabotage(
            name="workers-alone",
            kills="parallel.multi-device",
            case="two-devices",
            apply=_planting(torch.distributed, "init_process_group", lambda original: _alone(torch, original)),
            description="Every worker gets a group of its own and trains on one device, on all rows.",
        ),
    )


def _planting(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    return lambda: replaced(owner, name, make)


def _unsynchronised(original: Any) -> Any:
    @functools.wraps(original)
    def forward(self: Any, *arguments: Any, **named: Any) -> Any:
        with self.no_sync():
            return original(self, *arguments, **named)

    return forward


def _summing(torch: Any, original: Any) -> Any:
    """Each worker's gradients are taken times the number of workers, so that their average is their sum."""

    @functools.wraps(original)
    def make(self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        workers = torch.distributed.get_world_size()
        for parameter in self.parameters():
            if parameter.requires_grad:
                parameter.register_hook(lambda slope: slope * workers)

    return make


def _of_the_first(original: Any) -> Any:
    @functools.wraps(original)
    def rows(self: Any) -> Any:
        rank, self.rank = self.rank, 0
        try:
            return iter(list(original(self)))
        finally:
            self.rank = rank

    return rows


def _alone(torch: Any, original: Any) -> Any:
    @functools.wraps(original)
    def join(backend: Any, **named: Any) -> Any:
        return original(backend, store=torch.distributed.HashStore(), rank=0, world_size=1, **named)

    return join
