"""What is waited for beside the work itself: read several times, in processes of their own, results checked each time.

No time is judged. Each of these takes pytest-benchmark's fixture: its row is the time of a whole process, and what was
read in there are the case's figures, medians with the smallest and the largest reading.
"""

from __future__ import annotations

import pathlib
import statistics
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.frameworks import SGD, Loss, Training
from fwconformance.suitekit._parity import compare_weights, scalar
from fwconformance.works import find_work, ids, initial_weights, spread

if TYPE_CHECKING:
    from fwconformance.frameworks import Remote, Seam
    from fwconformance.suitekit._cases import Case

#: Processes, by profile.
_READINGS = {"smoke": 1, "standard": 3, "full": 5}
#: Of the steps that a process takes; the first is a figure of its own.
_STEPS = 5
_LIMIT = 300.0  # seconds a process may take: compiling takes most

#: Examples, their shape, and how many a batch has, of the data set that is loaded.
_EXAMPLES, _SHAPE, _BATCH = 2048, (1, 28, 28), 64
_PASSES = 5

_BYTES = 1e6


@attrs.frozen(kw_only=True)
class _Reading:
    found: Mapping[str, Any]
    costs: Mapping[str, float]


def check_import(case: Case, framework: Seam, oracle: Seam, benchmark: Any) -> None:
    """Assert that a framework that was just imported gives the oracle's outputs; report how long the import took, and
    the memory that the process had then.
    """
    network, weights = _lenet(case)
    inputs = spread(case.rng, 4, *_SHAPE)
    expected = oracle.build(network, weights).forward(inputs)
    readings = _read(
        case, benchmark, lambda: framework.start("costs", "first_outputs", network, weights, inputs, limit=_LIMIT)
    )
    for reading in readings:
        case.assert_close(reading.found["outputs"].reshape(expected.shape), expected, what="first outputs")
        compare_weights(case, reading.found["weights"], weights, what="weights")
    _report(case, "import", [each.costs["start_seconds"] for each in readings], "s")
    _report(case, "memory after import", [each.costs["start_bytes"] / _BYTES for each in readings], "MB")


def check_first_call(case: Case, framework: Seam, oracle: Seam, benchmark: Any, mode: str) -> None:
    """Assert that the first training steps of a process are the oracle's; report how long building, the first one and
    the later ones took.
    """
    readings = _stepped(case, framework, oracle, benchmark, mode, _STEPS)
    for name in ("build", "first"):
        _report(case, f"{name} call" if name == "first" else name, [float(each.found[name]) for each in readings], "s")
    _report(case, "later call", [statistics.median(each.found["later"]) for each in readings], "s")


def check_peak_memory(case: Case, framework: Seam, oracle: Seam, benchmark: Any) -> None:
    """Assert that training steps in a process of their own are the oracle's; report the most memory that it had."""
    readings = _stepped(case, framework, oracle, benchmark, "default", 4 * _STEPS)
    _report(case, "peak memory", [each.costs["peak_bytes"] / _BYTES for each in readings], "MB")
    _report(case, "memory after import", [each.costs["start_bytes"] / _BYTES for each in readings], "MB")


def check_data(case: Case, framework: Seam, benchmark: Any, *, shuffle: bool) -> None:
    """Assert that the framework's loader gives every example once, beside its own label; in the order given, or in
    another; report how long a pass took.
    """
    inputs, targets = spread(case.rng, _EXAMPLES, *_SHAPE), ids(case.rng, 10, _EXAMPLES)
    # By this an example is known, whatever the order.
    inputs[:, 0, 0, 0] = np.arange(_EXAMPLES)

    def start() -> Remote:
        folder = _fresh(case, "data")
        named = {"shuffle": shuffle, "seed": case.seed % 2**31}
        return framework.start("costs", "load_data", folder, inputs, targets, _BATCH, _PASSES, limit=_LIMIT, **named)

    readings = _read(case, benchmark, start)
    for reading in readings:
        batches = reading.found["batches"]
        sizes = {len(x) for x, _ in batches}
        assert (len(batches), sizes) == (_EXAMPLES // _BATCH, {_BATCH}), (
            f"{len(batches)} batches of {sorted(sizes)} examples, {_EXAMPLES // _BATCH} of {_BATCH} were asked for"
        )
        seen, labels = (np.concatenate([np.asarray(each[place]) for each in batches]) for place in (0, 1))
        if shuffle:
            order = seen[:, 0, 0, 0].round().astype(np.int64)
            assert not np.array_equal(order, np.arange(_EXAMPLES)), "the loader was to shuffle, and kept the order"
            assert sorted(order) == list(range(_EXAMPLES)), "the loader gave some examples twice and others never"
        else:
            order = np.arange(_EXAMPLES)
        case.assert_close(seen, inputs[order], what="inputs of all batches")
        case.assert_close(labels.reshape(-1), targets[order].astype(labels.dtype), what="targets of all batches")
    passes = [float(second) for each in readings for second in each.found["seconds"][1:]]
    _report(case, "first pass", [float(each.found["seconds"][0]) for each in readings], "s")
    _report(case, "later pass", passes, "s")
    case.figure("examples loaded", _EXAMPLES / statistics.median(passes), "examples/s")
    benchmark.extra_info["loader"] = framework.adapter.piece("costs").loader


def check_model(case: Case, framework: Seam, oracle: Seam, benchmark: Any) -> None:
    """Assert that a model that was read from the framework's own file gives the oracle's outputs, in a process that has
    not built it; report how long reading took, and how large the files are.
    """
    network = find_work("mlp-inference").network
    shape = [size for size in network.input_shape if size is not None]
    weights, inputs = initial_weights(network, case.rng), spread(case.rng, 4, *shape)
    folder = _fresh(case, "model")
    described = framework.piece("costs").save(framework.build(network, weights), inputs, folder)
    unseen = spread(case.rng, 8, *shape)
    expected = oracle.build(network, weights).forward(unseen)
    readings = _read(
        case,
        benchmark,
        lambda: framework.start("costs", "load_model", folder, described, network, unseen, limit=_LIMIT),
    )
    for reading in readings:
        case.assert_close(reading.found["outputs"], expected, what="outputs of the model that was read")
    _report(case, "model read", [float(each.found["seconds"]) for each in readings], "s")
    files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
    case.figure("model files", sum(path.stat().st_size for path in files) / _BYTES, "MB")
    benchmark.extra_info["saved"] = framework.adapter.piece("costs").saved


def _lenet(case: Case) -> tuple[Any, Any]:
    network = find_work("lenet5-train").network
    return network, initial_weights(network, case.rng)


def _stepped(  # noqa: PLR0917  a case's fixtures first, in one order everywhere
    case: Case, framework: Seam, oracle: Seam, benchmark: Any, mode: str, steps: int
) -> Sequence[_Reading]:
    """Readings of so many steps on one batch of LeNet-5, each compared with the oracle's."""
    network, weights = _lenet(case)
    inputs, targets = spread(case.rng, 16, *_SHAPE), ids(case.rng, 10, 16)
    loss, optimizer = Loss(kind="cross-entropy"), SGD(rate=0.02, momentum=0.9)
    work = Training(network=network, weights=weights, loss=loss, optimizer=optimizer, batches=((inputs, targets),))
    trainer = oracle.trainer(oracle.build(network, weights), loss, optimizer)
    for _ in range(steps):
        expected = trainer.step(inputs, targets)
    after = trainer.model.weights()
    readings = _read(case, benchmark, lambda: framework.start("costs", "first_steps", work, mode, steps, limit=_LIMIT))
    for reading in readings:
        case.assert_close(scalar(np.asarray(reading.found["loss"])), expected, what=f"loss before step {steps}")
        compare_weights(case, reading.found["weights"], after, what=f"weights after {steps} steps")
    return readings


def _read(case: Case, benchmark: Any, start: Callable[[], Remote]) -> Sequence[_Reading]:
    readings = []

    def one() -> None:
        with start() as remote:
            (found,) = remote.results()
            readings.append(_Reading(found=found, costs=remote.costs[0]))

    benchmark.pedantic(one, rounds=_READINGS[str(case.profile)], iterations=1)
    case.figure("readings", len(readings), "1")
    return readings


def _fresh(case: Case, name: str) -> str:
    """An empty folder for one reading."""
    number = len(list(case.tmp_path.glob(f"{name}-*")))
    folder: pathlib.Path = case.tmp_path / f"{name}-{number}"
    folder.mkdir()
    return str(folder)


def _report(case: Case, name: str, readings: Sequence[float], unit: str) -> None:
    case.figure(name, statistics.median(readings), unit, low=min(readings), high=max(readings))
