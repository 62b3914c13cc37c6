"""Throughput of data-parallel training over one, two and four devices."""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.frameworks import SGD, Activation, Dense, Loss, Network, Unavailable
from fwconformance.frameworks._training import Training
from fwconformance.works._draws import ids, initial_weights, spread

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case

#: Steps that are left out: programs are compiled and memory is taken in them.
WARMING_UP = 3
RESAMPLES = 2000


@attrs.frozen(kw_only=True)
class Work:
    """What is trained: dense layers of `width` units, `rows` rows a batch and device (weak) or a batch (strong)."""

    width: int
    rows: int
    steps: int


#: An accelerator needs this much to have anything to do; one processor is busy with far less.
ON_ACCELERATORS = Work(width=4096, rows=4096, steps=25)
ON_PROCESSORS = Work(width=128, rows=256, steps=15)


@attrs.frozen(kw_only=True)
class Ratio:
    """A ratio of throughputs with the 95 % interval of a bootstrap over steps."""

    value: float
    low: float
    high: float


def measure(case: Case, framework: Seam, *, weak: bool) -> Ratio:
    """Samples a second of two devices over those of one; `weak`: each device's rows are kept, else the batch's.

    Figures of the case: samples a second with each number of devices, and the efficiency against one (the ratio over
    the number of devices). Four devices are tried on accelerators that are there, and with profile full.
    """
    work = ON_PROCESSORS if framework.device == "cpu" else ON_ACCELERATORS
    rates = {devices: _rates(case, framework, work, devices, weak=weak) for devices in (1, 2)}
    if framework.device != "cpu" or case.profile == "full":
        with contextlib.suppress(Unavailable):  # figures of two are what is asked for
            rates[4] = _rates(case, framework, work, 4, weak=weak)
    for devices, each in rates.items():
        case.figure(f"throughput-{devices}", float(np.median(each)), "samples/s")
        if devices > 1:
            ratio = compare(each, rates[1], case.rng)
            bounds = {"low": ratio.low / devices, "high": ratio.high / devices}
            case.figure(f"efficiency-{devices}", ratio.value / devices, "1", **bounds)
    return compare(rates[2], rates[1], case.rng)


def compare(rates: Sequence[float], others: Sequence[float], rng: Any) -> Ratio:
    """The median of `rates` over that of `others`; both are resampled from `rng` for the interval."""
    above, below = np.asarray(rates, dtype=np.float64), np.asarray(others, dtype=np.float64)

    def medians(values: Any) -> Any:
        return np.median(rng.choice(values, size=(RESAMPLES, len(values))), axis=1)

    low, high = np.quantile(medians(above) / medians(below), [0.025, 0.975])
    return Ratio(value=float(np.median(above) / np.median(below)), low=float(low), high=float(high))


def _rates(case: Case, framework: Seam, work: Work, devices: int, *, weak: bool) -> list[float]:
    """Samples a second in each step that counts; the slowest worker's clock decides."""
    rows = work.rows * devices if weak else work.rows
    answers = framework.elsewhere("throughput", "seconds", _training(case, work, rows), devices, devices=devices)
    seconds = [_seconds(answer, work.steps) for answer in answers]
    return [rows / max(each) for each in zip(*seconds)][WARMING_UP:]


def _seconds(answer: Mapping[str, Any], steps: int) -> list[float]:
    found = [float(text) for text in answer["seconds"]]
    assert len(found) == steps, f"{len(found)} steps were timed, {steps} were asked for"
    assert all(0.0 < each < math.inf for each in found), f"a step took no time: {found}"
    assert np.all(np.isfinite(answer["loss"])), f"the loss after the last step is {answer['loss']}"
    return found


def _training(case: Case, work: Work, rows: int) -> Training:
    layers = (
        Dense(units=work.width),
        Activation(kind="relu"),
        Dense(units=work.width),
        Activation(kind="relu"),
        Dense(units=10),
    )
    network = Network(layers=layers, input_shape=(64,))
    return Training(
        network=network,
        weights=initial_weights(network, case.rng),
        loss=Loss(kind="cross-entropy"),
        optimizer=SGD(rate=0.01, momentum=0.9),
        batches=((spread(case.rng, rows, 64), ids(case.rng, 10, rows)),) * work.steps,
    )
