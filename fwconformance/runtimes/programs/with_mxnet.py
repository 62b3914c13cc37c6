# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""MXNet's symbol and module-free executor, in a process that knows nothing of the model's code."""

from __future__ import annotations

from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    import mxnet as mx

    symbol = mx.sym.load(request["file"])
    weights: dict[str, dict[str, Any]] = {"arg": {}, "aux": {}}
    for name, value in mx.nd.load(request["entry"]).items():
        kind, _, rest = name.partition(":")
        weights[kind][rest] = value
    inputs = [name for name in symbol.list_arguments() if name not in weights["arg"]]
    if len(inputs) != 1:
        raise ValueError(f"one input was expected, {inputs} are neither in the parameters")

    def call(values: Any) -> Any:
        arguments = {**weights["arg"], inputs[0]: mx.nd.array(values, dtype=values.dtype)}
        executor = symbol.bind(mx.cpu(), arguments, grad_req="null", aux_states=weights["aux"])
        return executor.forward(is_train=False)[0].asnumpy()

    return call, f"mxnet {mx.__version__}"


if __name__ == "__main__":
    _serve.serve(load)
