# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""One operator of Caffe2, or one of its recurrent networks, run alone over arrays."""

from __future__ import annotations

import functools
from typing import Any, Callable, Mapping

import attrs
import numpy as np
from caffe2.python import core, gru_cell, rnn_cell, workspace
from caffe2.python.model_helper import ModelHelper

from fwconformance.frameworks.caffe2._nets import feed, fresh, run_over

_NETWORKS: Mapping[str, Any] = {
    "rnn_cell.BasicRNN": rnn_cell.BasicRNN, "rnn_cell.LSTM": rnn_cell.LSTM, "gru_cell.GRU": gru_cell.GRU,
}  # fmt: skip


@attrs.frozen(eq=False)
class Bytes:
    """A tensor of bytes that stand for numbers: scale * (value - zero)."""

    values: Any
    scale: Any
    zero: Any

    def feed(self, name: str) -> None:
        values = np.ascontiguousarray(self.values, dtype=np.uint8)
        stands_for = {"Y_scale": number(self.scale), "Y_zero_point": int(number(self.zero))}
        run_over([], [name], "Int8GivenTensorFill", shape=list(values.shape), values=values.tobytes(), **stands_for)


@attrs.frozen(kw_only=True)
class NoBias:
    """Zeros of 32 bits beside such bytes."""

    size: int
    scale: float

    def feed(self, name: str) -> None:
        zeros = {"shape": [self.size], "values": [0] * self.size}
        run_over([], [name], "Int8GivenIntTensorFill", Y_scale=self.scale, Y_zero_point=0, **zeros)


@functools.lru_cache(maxsize=None)
def listed_operators() -> tuple[str, ...]:
    """The operators, without their gradients and without what runs one in another way."""
    every = workspace.RegisteredOperators()
    return tuple(sorted(name for name in every if not any(part in name for part in ("_ENGINE_", "Gradient", "FakeF"))))


def function_of(name: str) -> Callable[..., Any] | None:
    """What runs the operator or the recurrent network of that name; None where there is none."""
    if name in _NETWORKS:
        return functools.partial(_through_cells, _NETWORKS[name])
    return functools.partial(_alone, name) if name in listed_operators() else None


def _alone(kind: str, *given: Any, tops: int = 1, over: bool = False, in_bytes: bool = False, **arguments: Any) -> Any:
    """What operator `kind` gives: an array, or a list of `tops`.

    `over`: the first output takes the place of the first input; `in_bytes`: outputs are quantized.
    """
    scope = fresh("operator")
    names = [f"{scope}/{place}" for place in range(len(given))]
    for name, value in zip(names, given):
        if isinstance(value, (Bytes, NoBias)):
            value.feed(name)
        else:
            feed(name, np.ascontiguousarray(value))
    outputs = [f"{scope}/top{place}" for place in range(tops)]
    if over:
        outputs[0] = names[0]
    run_over(names, outputs, kind, **arguments)
    fetch = (lambda name: workspace.FetchInt8Blob(name).data) if in_bytes else workspace.FetchBlob
    found = [np.array(fetch(name)) for name in outputs]
    return found if tops > 1 else found[0]


def _through_cells(network: Any, x: Any, hidden: int, weights: Mapping[str, Any], states: int, **more: Any) -> Any:
    """The last hidden state of `network` over x (steps, batch, features); `weights` by the ends of their names."""
    scope = fresh("cells")
    given = {"x": x, "lengths": np.full(x.shape[1], x.shape[0], np.int32)}
    given.update({f"state{place}": np.zeros((1, x.shape[1], hidden), np.float32) for place in range(states)})
    for name, value in given.items():
        feed(f"{scope}/{name}", value)
    reads = {name: core.BlobReference(f"{scope}/{name}") for name in given}
    helper = ModelHelper(name=scope, init_params=False)
    begin = [reads[f"state{place}"] for place in range(states)]
    found = network(
        helper, reads["x"], reads["lengths"], begin, x.shape[2], hidden, scope=f"{scope}/net", forward_only=True, **more
    )
    for parameter in map(str, helper.GetParams()):
        (end,) = (end for end in weights if parameter.endswith(end))
        feed(parameter, np.ascontiguousarray(weights[end], dtype=np.float32))
    workspace.RunNetOnce(helper.net)
    return np.array(workspace.FetchBlob(str(found[1])))


def number(x: Any) -> float:
    """The one that `x` holds, or the first."""
    return float(np.asarray(x).ravel()[0])
