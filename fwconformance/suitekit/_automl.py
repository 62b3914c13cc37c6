"""Data of the AutoML cases, how wrong an answer is, and how many configurations a search space holds."""

from __future__ import annotations

import math
from typing import Any, Callable, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.suitekit._data import digits, sentences

Array = Any

#: A range counts as this many values at most, so that spaces with and without real numbers can be compared.
VALUES_OF_A_RANGE = 10
_EXAMPLES = 400
_PICTURES = 1000


@attrs.frozen(kw_only=True, eq=False)
class Task:
    """Data of one kind of task, see `Searches` for the form.

    Attributes:
        inputs, targets: to search with. unseen, truth: held out.
        error: of predictions of `unseen`: the share of wrong labels, or the root of the mean square over the
            deviation of `truth`; 1 is what saying the mean gives, and nearly what saying one label gives.
        bound: a model that learnt is below it.
    """

    inputs: Any
    targets: Any
    unseen: Any
    truth: Array
    error: Callable[[Array], float]
    bound: float


def automl_task(kind: str) -> Task:
    """The data of `kind`, one of `TASKS`."""
    return {"image": _image, "text": _text, "tabular": _tabular, "regression": _regression, "series": _series}[kind]()


def _image() -> Task:
    data = digits()
    pictures = [np.moveaxis(each, 1, -1) for each in (data.inputs[:_PICTURES], data.held_out_inputs)]
    return _labelled(pictures[0], data.targets[:_PICTURES], pictures[1], data.held_out_targets, bound=0.7)


def _text() -> Task:
    """Which language 40 letters in a row are in, each a word of its own; held out are those of whole sentences.

    Of words there are too few here: most of a sentence that was held out are in no other.
    """
    given: tuple[list[str], list[int]] = ([], [])
    held_out: tuple[list[str], list[int]] = ([], [])
    for label, (_, lines) in enumerate(sorted(sentences().items())):
        for index, line in enumerate(lines):
            texts, labels = held_out if index >= len(lines) - 6 else given
            letters = line.replace(" ", "_")
            for start in range(0, len(letters) - 39, 6):
                texts.append(" ".join(letters[start : start + 40]))
                labels.append(label)
    order = np.random.RandomState(2020).permutation(len(given[0]))
    texts = [given[0][index] for index in order]
    return _labelled(texts, np.array(given[1])[order], held_out[0], np.array(held_out[1]), bound=0.5)


def _tabular() -> Task:
    """Digits as rows of pixels, without those that hardly vary: no table has a column of one value."""
    data = digits()
    rows = [each.reshape(len(each), -1) for each in (data.inputs[:_EXAMPLES], data.held_out_inputs)]
    columns = rows[0].std(axis=0) > 0.1
    given, unseen = (np.ascontiguousarray(each[:, columns]) for each in rows)
    return _labelled(given, data.targets[:_EXAMPLES], unseen, data.held_out_targets, bound=0.7)


def _labelled(inputs: Any, targets: Array, unseen: Any, truth: Array, *, bound: float) -> Task:
    return Task(
        inputs=inputs,
        targets=targets,
        unseen=unseen,
        truth=truth,
        error=lambda told: float(np.mean(np.asarray(told) != truth)),
        bound=bound,
    )


def _regression() -> Task:
    """Friedman's first function of five of ten uniform columns, with noise of a fifth of its deviation."""
    drawn = np.random.RandomState(2020)
    inputs = drawn.uniform(size=(_EXAMPLES + 400, 10)).astype(np.float32)
    clean = (
        10 * np.sin(np.pi * inputs[:, 0] * inputs[:, 1])
        + 20 * (inputs[:, 2] - 0.5) ** 2
        + 10 * inputs[:, 3]
        + 5 * inputs[:, 4]
    )
    scaled = (clean - clean.mean()) / clean.std() + 0.2 * drawn.normal(size=len(clean))
    targets = scaled.astype(np.float32)
    truth = targets[_EXAMPLES:]
    return Task(
        inputs=inputs[:_EXAMPLES],
        targets=targets[:_EXAMPLES],
        unseen=inputs[_EXAMPLES:],
        truth=truth,
        error=lambda told: _relative(told, truth),
        bound=0.9,
    )


def _series() -> Task:
    """Twelve waves of their own phase and height, period 8, with noise; eight steps of each are to be told."""
    drawn = np.random.RandomState(2020)
    phase, height = drawn.uniform(0, 2 * np.pi, size=(12, 1)), drawn.uniform(1, 2, size=(12, 1))
    whole = height * np.sin(2 * np.pi * np.arange(88) / 8 + phase) + 0.1 * drawn.normal(size=(12, 88))
    truth = whole[:, 80:].astype(np.float32)
    return Task(
        inputs=whole[:, :80].astype(np.float32),
        targets=np.zeros(0, np.float32),
        unseen=np.zeros_like(truth),
        truth=truth,
        error=lambda told: _relative(told, truth),
        bound=0.9,
    )


def _relative(told: Array, truth: Array) -> float:
    return float(np.sqrt(np.mean((np.asarray(told, np.float64) - truth) ** 2)) / truth.std())


def configurations(space: Sequence[Mapping[str, Any]]) -> float:
    """How many configurations a space holds, by what `Searches.space` gives; a range has `VALUES_OF_A_RANGE` at most.

    Only those hyperparameters count that are there: a width of the third layer does where there are three.
    Where several others must have certain values, the last named is the one that decides, as in a tree.
    """
    known = {one["name"]: one for one in space}
    below: dict[str, list[Mapping[str, Any]]] = {}
    for one in space:
        parents = [other for other, _ in one["where"] if other in known]
        below.setdefault(parents[-1] if parents else "", []).append(one)

    def there(one: Mapping[str, Any], parent: str, value: str) -> bool:
        return any(other == parent and value in values for other, values in one["where"])

    def of(one: Mapping[str, Any]) -> float:
        """Of `one` and all that hang on it."""
        children = below.get(one["name"], [])
        if not one["values"]:
            return min(float(one["count"]), VALUES_OF_A_RANGE) * math.prod(of(each) for each in children)
        return math.fsum(
            math.prod(of(each) for each in children if there(each, one["name"], value)) for value in one["values"]
        )

    return math.prod(of(one) for one in below.get("", []))
