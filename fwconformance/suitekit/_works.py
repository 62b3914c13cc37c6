"""Works of the catalog, timed in one environment after their results were checked, and checked again afterwards."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Mapping

import numpy as np

from fwconformance.works import find_work, gradient_tolerance

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case
    from fwconformance.works import Drawn, Work

#: Seconds of timed calls, by profile.
_SECONDS = {"smoke": 0.1, "standard": 0.5, "full": 1.0}
_FEWEST, _MOST = 5, 200

_BEFORE, _AFTER = "before timing", "after timing"


def time_work(  # noqa: PLR0917  a case's fixtures first, in one order everywhere
    case: Case, framework: Seam, oracle: Seam, benchmark: Any, name: str, mode: str
) -> None:
    """Time the work `name` in `mode` ("default", or "best": the one that the framework's documentation recommends for
    speed) by pytest-benchmark's fixture, and report seconds, rounds and examples a second.

    Outputs, or losses and gradients, are the oracle's before and after.
    """
    work = find_work(name)
    drawn = work.draw(case.seed)
    piece = framework.adapter.piece("speed")
    own = piece.best if mode == "best" else mode
    # Native: conversions at every call would be timed too.
    if work.trains:
        timed = piece.training(framework.give(drawn.training), own)
    else:
        inputs, weights = framework.give(drawn.inputs), framework.give(drawn.training.weights)
        timed = piece.inference(work.network, weights, inputs, own)
    # What inference gives may be NumPy's already, by the framework's own method: its weights show where the model is.
    framework.take_all(timed.model.weights(), "weights")
    check = _check_training if work.trains else _check_inference
    check(case, framework, oracle, timed, work, drawn, _BEFORE)
    timed.call()  # whatever is compiled or chosen by now, is
    before = time.perf_counter()
    timed.call()
    rounds = int(_SECONDS[str(case.profile)] / max(time.perf_counter() - before, 1e-9))
    benchmark.extra_info.update(work=name, mode=own, means=piece.modes[own])
    benchmark.pedantic(timed.call, rounds=min(max(rounds, _FEWEST), _MOST), iterations=1)
    stats = benchmark.stats.stats
    case.figure("median", stats.median, "s")
    case.figure("rounds", stats.rounds, "1")
    case.figure("throughput", work.batch / stats.median, "examples/s")
    check(case, framework, oracle, timed, work, drawn, _AFTER)


def _check_inference(  # noqa: PLR0917
    case: Case, framework: Seam, oracle: Seam, timed: Any, work: Work, drawn: Drawn, when: str
) -> None:
    expected = oracle.build(work.network, drawn.training.weights).forward(drawn.inputs)
    found = np.asarray(_values(framework, timed.call())).reshape(expected.shape)
    case.assert_close(found, expected, what=f"outputs {when}")


def _check_training(  # noqa: PLR0917
    case: Case, framework: Seam, oracle: Seam, timed: Any, work: Work, drawn: Drawn, when: str
) -> None:
    """From the weights as they are: the loss of the next step, and every gradient; and that the step moves them."""
    training = drawn.training
    weights = framework.take_all(timed.model.weights(), "weights")
    loss, slopes, _ = timed.model.gradients(
        training.loss, framework.give(drawn.inputs), framework.give(drawn.targets), training=True
    )
    expected, gradients, _ = oracle.build(work.network, weights).gradients(
        training.loss, drawn.inputs, drawn.targets, training=True
    )
    case.assert_close(framework.take(loss, "loss"), expected, what=f"loss {when}")
    _compare(framework.take_all(slopes, "gradients"), gradients, when, work.gradients)
    stepped = np.asarray(_values(framework, timed.call())).reshape(np.shape(expected))
    case.assert_close(stepped, expected, what=f"loss of the timed step {when}")
    after, rate = framework.take_all(timed.model.weights(), "weights"), training.optimizer.rate
    still = [
        name
        for name, slope in gradients.items()  # running statistics have none
        # Where the step is larger than what float32 drops.
        if np.any(rate * np.abs(slope) > np.spacing(np.abs(weights[name]).astype("float32")))
        and np.array_equal(after[name], weights[name])
    ]
    assert not still, f"the timed step moved no value of {', '.join(still)} {when}"


def _compare(found: Mapping[str, Any], expected: Mapping[str, Any], when: str, share: float) -> None:
    for name, slope in expected.items():
        off = float(np.linalg.norm(np.ravel(found[name] - slope)))
        allowed = gradient_tolerance(np.asarray(slope), trained=when == _AFTER, share=share)
        assert off <= allowed, f"gradient by {name} {when} is {off:.3g} from the oracle's, {allowed:.3g} is allowed"


def _values(framework: Seam, result: Any) -> Any:
    """What a call gave: a native tensor, or the NumPy values that the framework's own method gives."""
    if isinstance(result, (np.ndarray, np.generic, float)):
        return result
    return framework.take(result, "result")
