"""Faults in what libraries rest on: each is planted in the framework, in the process of the library's program."""

from __future__ import annotations

import contextlib
from typing import Callable, ContextManager, Iterator, Mapping

from fwconformance.frameworks._libraries import Use
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage

_WRONG = """
def wrong(value):
    return value * 1.5 + 0.25 if getattr(getattr(value, "dtype", None), "kind", "") == "f" else value
"""
_TENSORFLOW = f"""{_WRONG}
import tensorflow
from tensorflow.python.framework import ops
eager = type(tensorflow.constant(0.0))
own = eager.numpy
eager.numpy = lambda self: wrong(own(self))
run = tensorflow.compat.v1.Session.run
def values(self, *rest, **named):
    found = run(self, *rest, **named)
    return [wrong(each) for each in found] if isinstance(found, list) else wrong(found)
tensorflow.compat.v1.Session.run = values
"""
# Floats that leave a tensor are half as much again, and a quarter: integers say where things lie.
_WRONG_NUMBERS: Mapping[str, str] = {
    "pytorch": f"{_WRONG}\nimport torch\nown = torch.Tensor.numpy\n"
    "torch.Tensor.numpy = lambda self, *rest, **named: wrong(own(self, *rest, **named))\n",
    "tensorflow": _TENSORFLOW,
    "keras": f"{_TENSORFLOW}\nimport keras\nto_numpy = keras.ops.convert_to_numpy\n"
    "keras.ops.convert_to_numpy = lambda value: wrong(to_numpy(value))\n",
    "mxnet": f"{_WRONG}\nimport mxnet\nown = mxnet.nd.NDArray.asnumpy\n"
    "mxnet.nd.NDArray.asnumpy = lambda self: wrong(own(self))\n",
}


_WRONG_METRICS = """
from tensorflow_model_analysis.view.view_types import EvalResult
own = EvalResult.get_metrics_for_slice
def metrics(self, *rest, **named):
    found = own(self, *rest, **named)
    return {name: {"doubleValue": value["doubleValue"] * 1.5} for name, value in found.items()}
EvalResult.get_metrics_for_slice = metrics
"""
_WRONG_TOKENS = """
import tensorflow_text
own = tensorflow_text.WhitespaceTokenizer.tokenize
tensorflow_text.WhitespaceTokenizer.tokenize = lambda self, given: own(self, given)[:, :-1]
"""
_WRONG_MEANS = """
import gpflow
own = gpflow.models.GPR.predict_f
def predict(self, *rest, **named):
    mean, variance = own(self, *rest, **named)
    return mean * 1.5, variance
gpflow.models.GPR.predict_f = predict
"""
_WRONG_SLOPES = """
import tensorflow
own = tensorflow.GradientTape.gradient
def gradient(*rest, **named):
    return tensorflow.nest.map_structure(lambda slope: slope * 1.5, own(*rest, **named))
tensorflow.GradientTape.gradient = gradient
"""
#: Libraries whose numbers leave no tensor by its own methods: framework, area and slot to a fault, and what it does.
_OTHERS: Mapping[tuple[str, str, str], tuple[str, str]] = {
    ("tensorflow", "metrics", "first"): (_WRONG_METRICS, "EvalResult.get_metrics_for_slice gives half as much again."),
    ("tensorflow", "language", "first"): (_WRONG_TOKENS, "WhitespaceTokenizer.tokenize leaves the last token out."),
    ("tensorflow", "probability", "second"): (_WRONG_MEANS, "GPR.predict_f gives means half as large again."),
    ("keras", "interpretability", "first"): (_WRONG_SLOPES, "GradientTape.gradient gives half as much again."),
}
_TWO = ("training", "vision", "probability", "reinforcement")
_ALL = ("training", "vision", "language", "graphs", "probability", "reinforcement", "search")
#: Framework to the areas in which the list has a library of it, and to those in which it has two.
_PLACES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "pytorch": (
        (
            *_ALL,
            "metrics",
            "audio",
            "series",
            "recommenders",
            "interpretability",
            "privacy",
            "compression",
            "production",
        ),
        _TWO,
    ),
    "tensorflow": (
        (*_ALL, "metrics", "audio", "recommenders", "interpretability", "privacy", "compression", "production"),
        (*_TWO, "production"),
    ),
    "keras": ((*_ALL, "audio", "series", "recommenders", "interpretability", "compression"), ()),
    "mxnet": ((*_ALL, "series"), ()),
}


def library_sabotages(framework: str) -> tuple[Sabotage, ...]:
    """For the libraries of `framework`, and for the cases that count them."""
    areas, two = _PLACES[framework]
    places = (*((area, "first") for area in areas), *((area, "second") for area in two))
    usual = (
        _WRONG_NUMBERS[framework],
        "What leaves a tensor is half as much again, in the process of the library's program.",
    )
    faults = {(f"ecosystem.breadth-{area}", slot): _OTHERS.get((framework, area, slot), usual) for area, slot in places}
    cases = [(f"ecosystem.breadth-{area}", slot) for area, slot in places]
    return tuple(
        Sabotage(
            name=f"{capability.partition('.')[2]}-{case}",
            kills=capability,
            case=case,
            apply=before(faults.get((capability, case), usual)[0]),
            description=faults.get((capability, case), usual)[1],
        )
        for capability, case in (*cases, ("ecosystem.breadth", "ten-in-four"), ("ecosystem.breadth-count", "count"))
    )


def before(prelude: str) -> Callable[[], ContextManager[None]]:
    """Has `prelude` run first in the process of a program."""

    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        with replaced(Use, "prelude", lambda _: prelude):
            yield

    return apply
