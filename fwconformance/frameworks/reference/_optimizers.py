"""Optimizers: gradient descent with momentum (Polyak, 1964; Nesterov's as in Sutskever and others, 2013), and Adam."""

from __future__ import annotations

import math
from typing import Any, Dict, Mapping

import numpy as np

from fwconformance.frameworks.reference._layer import Array

Slots = Dict[str, Dict[str, Array]]


class Optimizer:
    """Changes weights in place.

    Its state is kept by slot and weight name in `slots`, the number of steps taken in `count`.
    """

    slot_names: tuple[str, ...] = ()

    def __init__(self, description: Any) -> None:
        self.description = description
        self.count = 0
        self.slots: Slots = {slot: {} for slot in self.slot_names}

    def apply(self, weights: Mapping[str, Array], gradients: Mapping[str, Array]) -> None:
        """One step on every weight that has a gradient."""
        self.count += 1
        for name, gradient in gradients.items():
            for slot in self.slot_names:
                self.slots[slot].setdefault(name, np.zeros_like(gradient))
            weights[name][...] -= self.change(name, gradient)

    def change(self, name: str, gradient: Array) -> Array:
        """What is taken off weight `name`; the slots are moved on."""
        raise NotImplementedError


class SGD(Optimizer):
    """``v = momentum * v + g; w -= rate * v``, with Nesterov ``w -= rate * (g + momentum * v)``."""

    slot_names = ("velocity",)

    def change(self, name: str, gradient: Array) -> Array:
        what = self.description
        velocity = self.slots["velocity"][name]
        velocity[...] = what.momentum * velocity + gradient
        return what.rate * (gradient + what.momentum * velocity if what.nesterov else velocity)


class Adam(Optimizer):
    """Kingma and Ba (2015): algorithm 1 ("corrected"), or the end of its section 2 ("uncorrected")."""

    slot_names = ("first", "second")

    def change(self, name: str, gradient: Array) -> Array:
        what = self.description
        first, second = self.slots["first"][name], self.slots["second"][name]
        first[...] = what.beta1 * first + (1.0 - what.beta1) * gradient
        second[...] = what.beta2 * second + (1.0 - what.beta2) * gradient**2
        c1, c2 = self.corrections()
        if what.epsilon_placement == "corrected":
            return what.rate * (first / c1) / (np.sqrt(second / c2) + what.epsilon)
        return what.rate * math.sqrt(c2) / c1 * first / (np.sqrt(second) + what.epsilon)

    def corrections(self) -> tuple[float, float]:
        """What the moments are divided by, since they started at zero."""
        return 1.0 - self.description.beta1**self.count, 1.0 - self.description.beta2**self.count


class AdaGrad(Optimizer):
    """Duchi, Hazan and Singer (2011)."""

    slot_names = ("squares",)

    def change(self, name: str, gradient: Array) -> Array:
        what = self.description
        squares = self.slots["squares"][name]
        if self.count == 1:
            squares[...] = what.initial
        squares[...] = self.gathered(squares, gradient)
        if what.epsilon_placement == "outside":
            return what.rate * gradient / (np.sqrt(squares) + what.epsilon)
        return what.rate * gradient / np.sqrt(squares + what.epsilon)

    def gathered(self, squares: Array, gradient: Array) -> Array:
        """The squares with those of `gradient`."""
        return squares + gradient**2


class RMSProp(AdaGrad):
    """Tieleman and Hinton (2012)."""

    def gathered(self, squares: Array, gradient: Array) -> Array:
        decay = self.description.decay
        return np.asarray(decay * squares + (1.0 - decay) * gradient**2)


class AdaDelta(Optimizer):
    """Zeiler (2012), algorithm 1, times a rate."""

    slot_names = ("squares", "moves")

    def change(self, name: str, gradient: Array) -> Array:
        what = self.description
        squares, moves = self.slots["squares"][name], self.slots["moves"][name]
        squares[...] = what.decay * squares + (1.0 - what.decay) * gradient**2
        move = np.sqrt(moves + what.epsilon) / np.sqrt(squares + what.epsilon) * gradient
        moves[...] = self.moved(moves, move)
        return np.asarray(what.rate * move)

    def moved(self, moves: Array, move: Array) -> Array:
        """The squares of the moves with those of `move`."""
        return np.asarray(self.description.decay * moves + (1.0 - self.description.decay) * move**2)
