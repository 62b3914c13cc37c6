# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What MXNet lacks on several devices, each with the measurement that shows it."""

from __future__ import annotations

from typing import Any, Mapping

import mxnet
from mxnet import autograd, gluon, nd

from fwconformance.frameworks._conventions import Convention
from fwconformance.frameworks._probes import refuse

#: Parameters known not to choose where weights and optimizer state lie between steps.
_TRAINER = frozenset(
    {"params", "optimizer", "optimizer_params", "kvstore", "compression_params", "update_on_kvstore"}
)  # fmt: skip


def sharding(kind: Any = gluon.Trainer) -> Convention:
    """Trains 8 weights on two devices for a step: 8 on each if they are whole there, 4 if they are sharded."""

    def measure() -> float:
        places = [mxnet.cpu(0), mxnet.cpu(1)]
        layer = gluon.nn.Dense(2, in_units=4, use_bias=False)
        layer.initialize(ctx=places)
        trainer = kind(layer.collect_params(), "sgd", {"momentum": 0.9})
        with autograd.record():
            losses = [layer(nd.ones((1, 4), ctx=place)).sum() for place in places]
        autograd.backward(losses)
        trainer.step(2)
        return sum(value.size for value in layer.weight.list_data()) / len(places)

    return Convention(
        label="gluon.Trainer over two devices",
        measure=measure,
        gives={"8 of 8 weights on each": 8.0, "sharded": 4.0},
        asked="sharded",
        takes=kind.__init__,
        known=_TRAINER,
    )


def _no_sharding(context: Any) -> Any:
    refuse(sharding(), note="weights stay whole on every device and in every process")


PIECES: Mapping[str, Any] = {"sharded-data-parallel": _no_sharding}
