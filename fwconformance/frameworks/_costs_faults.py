"""Faults in what is waited for beside the work, planted in each framework: quick, and wrong."""

from __future__ import annotations

import functools
import itertools
from typing import Any, Callable, Mapping

from fwconformance.frameworks._patching import planted
from fwconformance.frameworks._protocol import Sabotage

_Make = Callable[[Any], Any]


def _nothing(original: Any) -> Any:
    return lambda *_arguments, **_named: None


def _without_first(original: Any) -> Any:
    """An iterator that passes over what comes first."""
    return lambda *arguments, **named: itertools.islice(original(*arguments, **named), 1, None)


def _skipping(original: Any) -> Any:
    """A tf.data pipeline without its first element."""
    return lambda *arguments, **named: original(*arguments, **named).skip(1)


def _halved(original: Any) -> Any:
    @functools.wraps(original)  # Keras asks for the names of a layer's arguments
    def halved(*arguments: Any, **named: Any) -> Any:
        return original(*arguments, **named) * 0.5

    return halved


def _first_reversed(original: Any) -> Any:
    """The first of what `Model.predict` gives, from its end."""

    def predict(*arguments: Any, **named: Any) -> Any:
        first, *others = original(*arguments, **named)
        return [first[::-1], *others]

    return predict


def _states_halved(original: Any) -> Any:
    return lambda *arguments, **named: {name: value * 0.5 for name, value in original(*arguments, **named).items()}


def _forgetful(original: Any) -> Any:
    """A loaded Keras model whose weights are zero."""

    def load_model(*arguments: Any, **named: Any) -> Any:
        model = original(*arguments, **named)
        model.set_weights([value * 0 for value in model.get_weights()])
        return model

    return load_model


def _zeroed(original: Any) -> Any:
    """A loaded SavedModel whose variables are zero."""

    def load(*arguments: Any, **named: Any) -> Any:
        loaded = original(*arguments, **named)
        for variable in loaded.signatures["serving_default"].variables:
            variable.assign(variable * 0)
        return loaded

    return load


def _once(original: Any) -> Any:
    """A net that works the first time, and gives the same from then on."""
    seen: set[int] = set()

    def forward(self: Any, *arguments: Any, **named: Any) -> Any:
        if id(self) not in seen:
            seen.add(id(self))
            return original(self, *arguments, **named)
        return None

    return forward


#: Of each framework, for outputs, steps, a pass over data and a saved model: where a fault is planted, which, in words.
_FAULTS: Mapping[str, Mapping[str, tuple[str, str, _Make, str]]] = {
    "pytorch": {
        "outputs": ("torch.nn.functional", "linear", _halved, "functional.linear halves its outputs."),
        "steps": ("torch.optim", "SGD.step", _nothing, "torch.optim.SGD.step does nothing."),
        "data": (
            "torch.utils.data",
            "DataLoader.__iter__",
            _without_first,
            "A DataLoader passes over its first batch.",
        ),
        "model": ("torch", "load", _states_halved, "torch.load halves the tensors that it reads."),
    },
    "tensorflow": {
        "outputs": ("tensorflow", "matmul", _halved, "tf.matmul halves its products."),
        "steps": (
            "tensorflow",
            "compat.v1.train.MomentumOptimizer.apply_gradients",
            _nothing,
            "tf.compat.v1.train.MomentumOptimizer applies nothing.",
        ),
        "data": ("tensorflow", "data.Dataset.batch", _skipping, "tf.data.Dataset.batch loses the first batch."),
        "model": ("tensorflow", "saved_model.load", _zeroed, "tf.saved_model.load leaves all variables zero."),
    },
    "keras": {
        "outputs": ("keras", "layers.Dense.call", _halved, "keras.layers.Dense halves its outputs."),
        "steps": ("keras", "optimizers.SGD.apply", _nothing, "keras.optimizers.SGD.apply does nothing."),
        "data": (
            "keras",
            "Model.predict",
            _first_reversed,
            "Model.predict gives the first of its results from its end.",
        ),
        "model": ("keras", "saving.load_model", _forgetful, "keras.saving.load_model leaves all weights zero."),
    },
    "mxnet": {
        "outputs": ("mxnet", "nd.FullyConnected", _halved, "The operator FullyConnected halves its outputs."),
        "steps": ("mxnet", "gluon.Trainer.step", _nothing, "gluon.Trainer.step does nothing."),
        "data": (
            "mxnet",
            "gluon.data.DataLoader.__iter__",
            _without_first,
            "A DataLoader passes over its first batch.",
        ),
        "model": ("mxnet", "gluon.SymbolBlock.forward", _halved, "A SymbolBlock halves its outputs."),
    },
    "caffe": {
        "outputs": ("caffe", "Net.forward", _nothing, "Net.forward does nothing."),
        "steps": ("caffe", "SGDSolver.step", _nothing, "The solver SGD's step does nothing."),
        "data": ("caffe", "Net.forward", _once, "Net.forward works the first time, and does nothing from then on."),
        "model": ("caffe", "Net.forward", _nothing, "Net.forward does nothing."),
    },
}

#: Which cases each of them kills.
_KILLS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "outputs": ("costs.start", ("import",)),
    "steps": ("costs.start", ("first-call", "peak-memory")),
    "data": ("costs.loading", ("data", "data-shuffled")),
    "model": ("costs.loading", ("model",)),
}


def costs_sabotages(framework: str) -> tuple[Sabotage, ...]:
    """Those of `framework`, without importing it."""
    return tuple(
        Sabotage(name=f"quick-and-wrong-{case}", kills=capability, case=case, apply=planted(module, path, make),
                 description=said)
        for of, (module, path, make, said) in _FAULTS[framework].items()
        for capability, cases in (_KILLS[of],)
        for case in cases
    )  # fmt: skip
