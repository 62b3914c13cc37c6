"""The works that there are. Every network is a published one, or says what was left out of it."""

from __future__ import annotations

from typing import Mapping

import attrs

from fwconformance.frameworks import (
    LSTM,
    Activation,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Layer,
    LocalResponseNorm,
    Network,
    Pool2D,
)
from fwconformance.works._work import Work

_RELU = Activation(kind="relu")
_TANH = Activation(kind="tanh")
_HALVED = Pool2D(kind="max", size=(3, 3), stride=(2, 2))


def _conv(channels: int, kernel: int, *, padding: int = 0, stride: int = 1, groups: int = 1) -> Conv2D:
    sides = (padding, padding)
    return Conv2D(
        channels=channels, kernel=(kernel, kernel), stride=(stride, stride), padding=(sides, sides), groups=groups
    )


def _average(size: int) -> Pool2D:
    return Pool2D(kind="average", size=(size, size), stride=(size, size))


_MLP: tuple[Layer, ...] = (Dense(units=1024), _RELU, Dense(units=1024), _RELU, Dense(units=10))

_LENET5: tuple[Layer, ...] = (
    *(_conv(6, 5, padding=2), _TANH, _average(2)),
    *(_conv(16, 5), _TANH, _average(2)),
    *(Flatten(), Dense(units=120), _TANH, Dense(units=84), _TANH, Dense(units=10)),
)

_CAFFENET: tuple[Layer, ...] = (
    *(_conv(96, 11, stride=4), _RELU, _HALVED, LocalResponseNorm()),
    *(_conv(256, 5, padding=2, groups=2), _RELU, _HALVED, LocalResponseNorm()),
    *(_conv(384, 3, padding=1), _RELU),
    *(_conv(384, 3, padding=1, groups=2), _RELU),
    *(_conv(256, 3, padding=1, groups=2), _RELU, _HALVED),
    *(Flatten(), Dense(units=4096), _RELU, Dense(units=4096), _RELU, Dense(units=1000)),
)

_LSTM_LM: tuple[Layer, ...] = (
    Embedding(vocabulary=10_000, features=200),
    LSTM(units=200),
    LSTM(units=200),
    Dense(units=10_000),
)


@attrs.frozen(kw_only=True)
class _Family:
    title: str
    network: Network
    batch: int
    source: str


_FAMILIES: Mapping[str, _Family] = {
    "mlp": _Family(
        title="MLP, two hidden layers of 1,024",
        network=Network(layers=_MLP, input_shape=(784,)),
        batch=16,
        source="the multilayer perceptron of MNIST tutorials, wider",
    ),
    "lenet5": _Family(
        title="LeNet-5",
        network=Network(layers=_LENET5, input_shape=(1, 28, 28)),
        batch=16,
        source="LeCun, Bottou, Bengio and Haffner (1998), all maps connected in its second convolution",
    ),
    "caffenet": _Family(
        title="CaffeNet",
        network=Network(layers=_CAFFENET, input_shape=(3, 227, 227)),
        batch=16,
        source="Jia and others (2014), after Krizhevsky and others (2012), without dropout, so that runs agree",
    ),
    "lstm-lm": _Family(
        title="LSTM language model, two layers of 200, 20 words",
        network=Network(layers=_LSTM_LM, input_shape=(20,), integer_input=True),
        batch=16,
        source="Zaremba, Sutskever and Vinyals (2014), the small one; state starts at zero",
    ),
}

_BECAUSE = "float32 sums of up to some ten thousand terms, in another order in each framework"


def _works() -> dict[str, Work]:
    found = []
    for name, family in _FAMILIES.items():
        for suffix, batch, trains in (
            ("inference-1", 1, False),
            ("inference", family.batch, False),
            ("train", family.batch, True),
        ):
            doing = "training step" if trains else "inference"
            found.append(
                Work(
                    id=f"{name}-{suffix}",
                    title=f"{family.title}: {doing}, batch {batch}",
                    network=family.network,
                    batch=batch,
                    trains=trains,
                    rtol=1e-3,
                    atol=1e-4,
                    because=_BECAUSE,
                    source=family.source,
                )
            )
    return {work.id: work for work in found}


#: Every work by its id.
WORKS: Mapping[str, Work] = _works()


def find_work(name: str) -> Work:
    """The work `name`. Raises ValueError, with the known ones, where there is none."""
    if name not in WORKS:
        raise ValueError(f"there is no work {name!r}; there are {', '.join(WORKS)}")
    return WORKS[name]
