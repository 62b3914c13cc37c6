"""Ratios of figures that vary by chance: drawn several times by both columns, under the same seeds.

Where both columns' cases keep a figure for every draw ("error, draw 1", "error, draw 2", ...), the draws of one number
are a pair: the same data, budget and seed. Their ratios give an interval, as a duel's rounds do; here they are few, so
it is Student's, of the mean of their logarithms.
"""

from __future__ import annotations

import math
import statistics
from typing import Mapping, Sequence

from fwconformance.evidence import Figure
from fwconformance.matrix import _model as model

#: Student's t for 99 % on both sides together, by degrees of freedom.
_STUDENT = {
    2: 9.925,
    3: 5.841,
    4: 4.604,
    5: 4.032,
    6: 3.707,
    7: 3.499,
    8: 3.355,
    9: 3.250,
    10: 3.169,
    11: 3.106,
    12: 3.055,
}


def draw(quantity: str, number: int) -> str:
    """What the figure of a draw is called, from 1."""
    return f"{quantity}, draw {number}"


def is_drawn(cells: Sequence[model.Cell], quantity: str) -> bool:
    """Whether any case of `cells` keeps draws of `quantity`."""
    first = draw(quantity, 1)
    return any(first in case.figures for cell in cells for case in cell.cases)


def drawn_ratio(
    of: Mapping[str, model.CellCase], over: Mapping[str, model.CellCase], works: Sequence[str], quantity: str
) -> Figure | None:
    """The geometric mean of draw(of) / draw(over), over works and draws, with its 99 % interval.

    `of` and `over` hold the passed case of each work. None where a work is missing, where the draws of the two are not
    the same ones, where they are fewer than three or more than thirteen, or where one of them is not above zero.
    """
    if set(of) != set(works) or set(over) != set(works):
        return None
    sides = [[_draws(side[work], quantity) for work in works] for side in (of, over)]
    count = len(sides[0][0])
    if count - 1 not in _STUDENT or any(len(one) != count or min(one) <= 0 for side in sides for one in side):
        return None
    logarithms = [
        statistics.mean(math.log(mine[number] / theirs[number]) for mine, theirs in zip(*sides))
        for number in range(count)
    ]
    middle = statistics.mean(logarithms)
    half = _STUDENT[count - 1] * statistics.stdev(logarithms) / math.sqrt(count)
    return Figure(value=math.exp(middle), unit="1", low=math.exp(middle - half), high=math.exp(middle + half))


def _draws(case: model.CellCase, quantity: str) -> list[float]:
    found: list[float] = []
    while draw(quantity, len(found) + 1) in case.figures:
        found.append(case.figures[draw(quantity, len(found) + 1)].value)
    return found
