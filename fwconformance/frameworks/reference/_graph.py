"""Graphs declared first and executed afterwards: the reference's compiled mode, and its piece "symbolic".

A `Graph` is a list of operations on earlier results. `plan` keeps what the wanted results depend on, in an order
that can be run, and notes after which operation each value is needed no more, so that a run holds as little as it can.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

import attrs

Node = int
"""An operation or a placeholder, by its place in the graph."""


@attrs.frozen(kw_only=True)
class Operation:
    """`function` applied to the results of `inputs`."""

    function: Callable[..., Any]
    inputs: tuple[Node, ...]


class Graph:
    """Operations on placeholders; nothing is computed while it is declared."""

    def __init__(self) -> None:
        self._operations: dict[Node, Operation] = {}
        self._placeholders: dict[Node, str] = {}

    def placeholder(self, name: str) -> Node:
        """A value that is given when the graph is run."""
        node = len(self._operations) + len(self._placeholders)
        self._placeholders[node] = name
        return node

    def apply(self, function: Callable[..., Any], *inputs: Node) -> Node:
        """The result of `function` on the results of `inputs`."""
        node = len(self._operations) + len(self._placeholders)
        unknown = [given for given in inputs if not 0 <= given < node]
        if unknown:
            raise ValueError(f"inputs {unknown} are no nodes of this graph")
        self._operations[node] = Operation(function=function, inputs=inputs)
        return node

    def item(self, node: Node, index: int) -> Node:
        """One item of a result that is a tuple."""
        return self.apply(lambda result: result[index], node)

    def plan(self, outputs: Sequence[Node]) -> Plan:
        """What computes `outputs` and nothing else."""
        needed = set(outputs)
        for node in sorted(self._operations, reverse=True):  # inputs always stand before the operation on them
            if node in needed:
                needed.update(self._operations[node].inputs)
        steps: list[tuple[Node, Operation]] = [
            (node, operation) for node, operation in sorted(self._operations.items()) if node in needed
        ]
        last_use = {node: place for place, (_, operation) in enumerate(steps) for node in operation.inputs}
        free: list[list[Node]] = [[] for _ in steps]
        for node, place in last_use.items():
            if node not in outputs:
                free[place].append(node)
        return Plan(
            placeholders={node: name for node, name in self._placeholders.items() if node in needed},
            steps=tuple((node, step.function, step.inputs, tuple(gone)) for (node, step), gone in zip(steps, free)),
            outputs=tuple(outputs),
        )


@attrs.frozen(kw_only=True)
class Plan:
    """A graph's operations in the order in which they run; see `Graph.plan`."""

    placeholders: Mapping[Node, str]
    steps: tuple[tuple[Node, Callable[..., Any], tuple[Node, ...], tuple[Node, ...]], ...]
    outputs: tuple[Node, ...]

    def run(self, **given: Any) -> tuple[Any, ...]:
        """The outputs for the placeholders' values. Raises KeyError naming a placeholder without a value."""
        held: dict[Node, Any] = {node: given[name] for node, name in self.placeholders.items()}
        for node, function, inputs, gone in self.steps:
            held[node] = function(*[held[one] for one in inputs])
            for one in gone:
                del held[one]
        return tuple(held[node] for node in self.outputs)
