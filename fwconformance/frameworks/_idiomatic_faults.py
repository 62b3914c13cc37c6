"""Faults in what the idiomatic programs run on: each is planted in the framework, in the program's own process."""

from __future__ import annotations

import contextlib
from typing import Callable, ContextManager, Iterator

from fwconformance.frameworks._idiomatic import Idiom
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage

# Each leaves the weights of a program as they were initialised.
_NEVER_LEARNS = {
    "torch": "import torch\ntorch.optim.Adam.step = lambda *rest, **named: None\n",
    "keras": "import keras\nkeras.Model.fit = lambda *rest, **named: None\n",
    "mxnet": "import mxnet\nmxnet.gluon.Trainer.step = lambda *rest, **named: None\n",
    "caffe": "import caffe\ncaffe.AdamSolver.step = lambda *rest, **named: None\n",
    "tensorflow": (
        "import tensorflow as tf\n"
        "own = tf.GradientTape.gradient\n"
        "tf.GradientTape.gradient = lambda *rest, **named: [tf.zeros_like(one) for one in own(*rest, **named)]\n"
    ),
}


def usability_sabotages(module: str) -> tuple[Sabotage, ...]:
    """For the framework whose top-level module is `module`, without importing it."""
    learns_not = [
        Sabotage(
            name=f"programs-never-learn-{capability.partition('.')[2]}",
            kills=capability,
            case="mlp-classifier",
            apply=_before(_NEVER_LEARNS[module]),
            description="Training leaves the weights as they were initialised, in the program's own process.",
        )
        for capability in ("usability.idiomatic-programs", "usability.program-size", "usability.concepts")
    ]
    hidden = Sabotage(
        name="public-names-hidden",
        kills="docs.docstring-coverage",
        case="public-api",
        apply=_before(f"import {_walked(module)} as walked\nwalked.__all__ = []\n"),
        description="The top-level package names nothing as public.",
    )
    return (*learns_not, hidden)


def _walked(module: str) -> str:
    return Idiom(framework="keras").documented if module == "keras" else module


def _before(prelude: str) -> Callable[[], ContextManager[None]]:
    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        with replaced(Idiom, "prelude", lambda _: prelude):
            yield

    return apply
