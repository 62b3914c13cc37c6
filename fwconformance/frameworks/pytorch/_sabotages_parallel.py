# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in torch.distributed: the shared ones, and those of what PyTorch alone offers."""

from __future__ import annotations

import functools
import importlib
from importlib.machinery import PathFinder
from typing import Any, Callable, ContextManager, Sequence

import torch

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks._torchrun_faults import faults


def _ignored(original: Any) -> Any:
    """`fully_shard` and `parallelize_module` both return the module that they were given."""

    def leave(module: Any, *arguments: Any, **named: Any) -> Any:
        return module

    return leave


def _unaveraged(original: Any) -> Any:
    @functools.wraps(original)
    def shard(module: Any, *arguments: Any, **named: Any) -> Any:
        sharded = original(module, *arguments, **named)
        sharded.set_gradient_divide_factor(1.0)
        # With a factor it would multiply while it sums, which gloo refuses.
        sharded.set_force_sum_reduction_for_comms(True)
        return sharded

    return shard


def _partial(original: Any) -> Any:
    """The partial products of the rows are not added up over the devices."""

    @staticmethod
    def outputs(layouts: Any, local: Any, module: Any, values: Any, mesh: Any) -> Any:
        return values.to_local()

    return outputs


def _stale_state(original: Any) -> Any:
    def load(*arguments: Any, **named: Any) -> Any:
        saved: dict[str, Any] = original(*arguments, **named)
        saved["optimizer"]["state"] = {}
        return saved

    return load


def _planting(module: str, names: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    """Where `names` (dotted) lies in `module`, which is imported then: these modules are slow to import."""

    def apply() -> ContextManager[None]:
        *owners, name = names.split(".")
        return replaced(functools.reduce(getattr, owners, importlib.import_module(module)), name, make)

    return apply


def _has(*names: str) -> bool:
    """Whether torch.distributed has this module within a module; nothing is imported."""
    path: Any = torch.distributed.__path__
    for name in names:
        found = PathFinder.find_spec(name, path)
        if found is None:
            return False
        path = found.submodule_search_locations
    return True


_SHARDING: Sequence[Sabotage] = (
    Sabotage(
        name="sharding-ignored",
        kills="parallel.multi-process",
        case="sharded-weights",
        apply=_planting("torch.distributed.fsdp", "fully_shard", _ignored),
        description="fully_shard shards nothing and exchanges nothing.",
    ),
    Sabotage(
        name="sharded-gradients-summed",
        kills="parallel.multi-process",
        case="sharded-weights",
        apply=_planting("torch.distributed.fsdp", "fully_shard", _unaveraged),
        description="fully_shard adds the workers' gradients up and does not average them.",
    ),
)
_SPLITTING: Sequence[Sabotage] = (
    Sabotage(
        name="splitting-ignored",
        kills="parallel.model",
        case="two-devices",
        apply=_planting("torch.distributed.tensor.parallel", "parallelize_module", _ignored),
        description="parallelize_module leaves every weight whole on every device.",
    ),
    Sabotage(
        name="split-rows-not-summed",
        kills="parallel.model",
        case="two-devices",
        apply=_planting("torch.distributed.tensor.parallel", "RowwiseParallel._prepare_output_fn", _partial),
        description="RowwiseParallel gives each device's own partial product as the whole one.",
    ),
)

#: Those of the pieces that this version of PyTorch has.
PARALLEL_SABOTAGES: Sequence[Sabotage] = (
    *faults(torch),
    *(_SHARDING if _has("fsdp", "_fully_shard") else ()),
    *(_SPLITTING if _has("tensor", "parallel") else ()),
    Sabotage(
        name="resumed-without-momentum",
        kills="parallel.recovery",
        case="resumes",
        apply=_planting("torch", "load", _stale_state),
        description="torch.load returns a checkpoint whose optimizer state is empty.",
    ),
)
