# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Nets, operators run alone, and blobs that hold results. All blobs lie in the process's one workspace."""

from __future__ import annotations

import itertools
from typing import Any, Sequence

from caffe2.python import core, workspace

_numbers = itertools.count()
_seed = {"value": 0, "set": False, "nets": 0}


def fresh(stem: str) -> str:
    """A name that no blob or net has yet."""
    return f"{stem}{next(_numbers)}"


def seed_with(seed: int) -> None:
    """Nets and operators that are made from now on draw by `seed`: Caffe2 has no generator but theirs."""
    _seed.update(value=seed % 2**31, set=True, nets=0)


def seeded(net: Any) -> Any:
    """`net` with the seed of now, if one was set: an operator without it draws by the clock."""
    if _seed["set"]:
        # Nets that are made one after another draw differently, as from a generator that goes on.
        _seed["nets"] += 1
        for number, operator in enumerate(net.Proto().op):
            operator.device_option.random_seed = (_seed["value"] + 7919 * number + 104729 * _seed["nets"]) % 2**31 or 1
    return net


def run(kind: str, inputs: Sequence[Any], outputs: int = 1, **arguments: Any) -> list[str]:
    """Names of the blobs that operator `kind` gives for `inputs` (names), run alone; they are this call's own."""
    names = [fresh("held") for _ in range(outputs)]
    run_over([str(each) for each in inputs], names, kind, **arguments)
    return names


def run_over(inputs: Sequence[str], outputs: Sequence[str], kind: str, **arguments: Any) -> None:
    """Run operator `kind` alone on blobs of these names, whatever the name scope."""
    named = [[core.BlobReference(name) for name in names] for names in (inputs, outputs)]
    workspace.RunOperatorOnce(core.CreateOperator(kind, *named, **arguments))


def held(name: Any) -> Any:
    """A copy of blob `name`: what a net computes next does not change it."""
    return blob(run("Copy", [name])[0])


def turned(name: Any) -> str:
    """The matrix in blob `name`, transposed."""
    return run("Transpose", [name], axes=[1, 0])[0]


def split(name: Any, parts: int, axis: int) -> list[str]:
    return run("Split", [name], parts, axis=axis)


def joined(names: Sequence[Any]) -> str:
    """A blob of its own with `names` beside each other on their last axis."""
    if len(names) == 1:
        return run("Copy", names)[0]
    return run("Concat", names, 2, axis=len(blob(str(names[0])).tensor().shape) - 1)[0]


def blob(name: str) -> Any:
    """The native object of the blob called `name`."""
    return workspace.C.Workspace.current.blobs[name]


def feed(name: Any, value: Any) -> None:
    workspace.FeedBlob(str(name), value)
