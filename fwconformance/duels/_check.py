"""What the contestants computed, beside the oracle's."""

from __future__ import annotations

import functools
import math
from typing import Any, Mapping

import numpy as np

from fwconformance.duels._player import DuelError
from fwconformance.frameworks import SGD, create
from fwconformance.works import HALF_MODES, Work, find_work, gradient_tolerance


class Wrong(DuelError):
    """A contestant's results are not the oracle's: its speed says nothing."""


def check(name: str, work: Work, seed: int, shown: Mapping[str, Any], *, fresh: bool, mode: str = "default") -> float:
    """The largest distance from the oracle, in units of what `work` tolerates. Raises `Wrong` where one is above 1.

    Args:
        name: of the contestant, in messages.
        work: what was asked of it.
        seed: with which everything was drawn.
        shown: what `Started.show` gave. Of training it is one step: gradients and loss before it, weights before and
            after it. A program written by hand has no gradients to show: there the step's own loss is compared, and
            the first step's moves, which are the gradients.
        fresh: nothing was called yet. Later the oracle starts from the weights that the timed steps led to, and of
            the update only its size is looked at, since momentum remembers steps that the oracle has not seen.
        mode: in which it was computed. In one of 16 bits the work's `half` is what is tolerated, and the first step is
            held against the contestant's own gradients.
    """
    if mode in HALF_MODES:
        return _check_half(name, work, seed, shown, fresh=fresh)
    if not work.trains:
        return _distance(name, work, {"outputs": _outputs(work.id, seed)}, shown)
    before = {key.partition("/")[2]: value for key, value in shown.items() if key.startswith("before/")}
    expected = _fresh_step(work.id, seed) if fresh else _step(work, seed, before)
    compared = {**expected, "step": expected["loss"]} if "loss" in shown else {"step": expected["loss"]}
    worst = _distance(name, work, compared, shown, trained=not fresh)
    rate = float(work.draw(seed).training.optimizer.rate)
    for weight, was in before.items():
        moved = was.astype(np.float64) - shown[f"after/{weight}"]
        if not np.all(np.isfinite(moved)):
            raise Wrong(f"{name}: {weight} of {work.id} is no longer finite")
        slope = expected.get(f"gradient/{weight}")
        if slope is None or not fresh:  # running statistics have no gradient
            continue
        if not _is_step(was, moved, slope, rate, gradient_tolerance(slope, share=work.gradients)):
            raise Wrong(f"{name}: the first step of {work.id} moves {weight} otherwise than the oracle's")
    if fresh:
        _check_second_step(name, work, seed, shown, first=expected)
    return worst


def _check_second_step(name: str, work: Work, seed: int, shown: Mapping[str, Any], *, first: Mapping[str, Any]) -> None:
    """Where there was one: it moves weights by its own gradients and, through momentum, by those of the `first`."""
    again = {key.partition("/")[2]: value for key, value in shown.items() if key.startswith("again/")}
    if not again:
        return
    between = {weight: shown[f"after/{weight}"] for weight in again}
    second = _step(work, seed, between)
    optimizer = work.draw(seed).training.optimizer
    assert isinstance(optimizer, SGD)
    rate, momentum = float(optimizer.rate), float(optimizer.momentum)
    for weight, was in between.items():
        key = f"gradient/{weight}"
        if key not in first:
            continue
        moved = was.astype(np.float64) - again[weight]
        slope = second[key] + momentum * first[key]
        if not _is_step(was, moved, slope, rate, gradient_tolerance(slope, share=work.gradients)):
            raise Wrong(f"{name}: the second step of {work.id} moves {weight} otherwise than the oracle's, by momentum")


def _is_step(was: Any, moved: Any, slope: Any, rate: float, tolerated: float) -> bool:
    """Whether weights that `was` moved by a step of `rate` along `slope`, within what is `tolerated` of its norm."""
    # Weights are float32: what is lost in them counts as tolerated.
    lost = 4.0 * np.finfo(np.float32).eps * np.abs(was)
    return _norm(moved - rate * slope) <= _norm(lost) + rate * tolerated


def _check_half(name: str, work: Work, seed: int, shown: Mapping[str, Any], *, fresh: bool) -> float:
    allowed, drawn = work.half, work.draw(seed)
    off: dict[str, float] = {}
    if not work.trains:
        expected = _outputs(work.id, seed)
        found = np.asarray(shown["outputs"], dtype=np.float64).reshape(expected.shape)
        off["outputs"] = _norm(found - expected) / (allowed.outputs * _norm(expected))
    else:
        before = {key.partition("/")[2]: value for key, value in shown.items() if key.startswith("before/")}
        wanted = _fresh_step(work.id, seed) if fresh else _step(work, seed, before)
        loss = float(wanted["loss"])
        for key in ("loss", "step"):
            off[key] = abs(float(np.ravel(shown[key])[0]) - loss) / (work.atol + allowed.loss * abs(loss))
        slopes = {key: value for key, value in wanted.items() if key.startswith("gradient/")}
        if allowed.gradients is not None:
            apart = [
                _norm(np.asarray(shown[key], dtype=np.float64).reshape(slopes[key].shape) - slopes[key])
                for key in slopes
            ]
            whole = _norm([_norm(each) for each in slopes.values()])
            off["gradients"] = _norm(apart) / (allowed.gradients * whole)
        _check_moves(name, work, shown, before, rate=float(drawn.training.optimizer.rate), fresh=fresh)
    where = max(off, key=lambda key: math.inf if math.isnan(off[key]) else off[key])
    if not off[where] <= 1.0:
        raise Wrong(
            f"{name}: {where} of {work.id} is {off[where]:.3g} times as far from the oracle's as is tolerated in 16 "
            f"bits (shares of norms: {allowed})"
        )
    return off[where]


def _check_moves(
    name: str, work: Work, shown: Mapping[str, Any], before: Mapping[str, Any], *, rate: float, fresh: bool
) -> None:
    """Of the first step: by the gradients that the contestant itself showed, computed once more."""
    for weight, was in before.items():
        moved = was.astype(np.float64) - shown[f"after/{weight}"]
        if not np.all(np.isfinite(moved)):
            raise Wrong(f"{name}: {weight} of {work.id} is no longer finite")
        slope = shown.get(f"gradient/{weight}")
        if slope is None or not fresh:
            continue
        if not _is_step(was, moved, slope, rate, gradient_tolerance(slope, trained=True)):
            raise Wrong(f"{name}: the first step of {work.id} moves {weight} otherwise than by its own gradient")


def _distance(
    name: str, work: Work, expected: Mapping[str, Any], shown: Mapping[str, Any], *, trained: bool = False
) -> float:
    worst, where = 0.0, ""
    for key, value in expected.items():
        found = np.asarray(shown[key], dtype=np.float64).reshape(value.shape)
        if key.startswith("gradient/"):
            distance = _norm(found - value) / gradient_tolerance(value, trained=trained, share=work.gradients)
        else:
            distance = float(np.max(np.abs(found - value) / (work.atol + work.rtol * np.abs(value))))
        if not distance <= worst:  # so that NaN counts as the worst
            worst, where = distance, key
    if not worst <= 1.0:
        raise Wrong(
            f"{name}: {where} of {work.id} is {worst:.3g} times as far from the oracle's as is tolerated "
            f"(rtol={work.rtol:g}, atol={work.atol:g}; gradients by their norm)"
        )
    return worst


def _norm(values: Any) -> float:
    return float(np.linalg.norm(np.ravel(values)))


@functools.lru_cache(maxsize=4)
def _outputs(work_id: str, seed: int) -> Any:
    work = find_work(work_id)
    drawn = work.draw(seed)
    return _oracle(work, drawn.training.weights).forward(drawn.inputs).array


@functools.lru_cache(maxsize=2)
def _fresh_step(work_id: str, seed: int) -> Mapping[str, Any]:
    work = find_work(work_id)
    return _step(work, seed, work.draw(seed).training.weights)


def _step(work: Work, seed: int, weights: Mapping[str, Any]) -> Mapping[str, Any]:
    drawn = work.draw(seed)
    loss, gradients, _ = _oracle(work, weights).gradients(
        drawn.training.loss, drawn.inputs, drawn.targets, training=True
    )
    return {**{f"gradient/{name}": value.array for name, value in gradients.items()}, "loss": loss.array}


def _oracle(work: Work, weights: Mapping[str, Any]) -> Any:
    return create("reference").build(work.network, {name: value.astype("float64") for name, value in weights.items()})
