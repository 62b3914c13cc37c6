# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Keras as the adapter takes it: Keras 3, or the Keras inside TensorFlow to which the package keras of 2020 led.

What both have under one name is taken from `keras`. What has another name in Keras 2 stands here, found by looking
whether the newer one is there.
"""

from __future__ import annotations

import importlib
import inspect
import random
from typing import Any, Sequence

import numpy as np

_package: Any = importlib.import_module("keras")

#: Whether it has operations of its own, which came with its backends in Keras 3.
HAS_OPS: bool = hasattr(_package, "ops")
#: What the package says of itself.
VERSION: str = _package.__version__

if HAS_OPS:
    keras: Any = _package
    ops: Any = _package.ops
    map_structure: Any = _package.tree.map_structure
else:
    # The package leads there, and lacks names of it here and there.
    keras = importlib.import_module("tensorflow.keras")
    ops = importlib.import_module(f"{__package__}._operations")
    map_structure = importlib.import_module("tensorflow").nest.map_structure

#: The module that has `load_model`.
saving: Any = keras.saving if hasattr(getattr(keras, "saving", None), "load_model") else keras.models
_registry: Any = saving if hasattr(saving, "register_keras_serializable") else keras.utils
registered: Any = _registry.register_keras_serializable
#: The layers that prepare images.
preprocessing: Any = keras.layers if hasattr(keras.layers, "CenterCrop") else keras.layers.experimental.preprocessing
#: The base of a user's own source of batches.
Batches: Any = getattr(keras.utils, "PyDataset", None) or keras.utils.Sequence
#: The name of an optimizer's method that takes gradients: pairs with variables before Keras 3.
APPLY: str = "apply" if hasattr(keras.optimizers.SGD, "apply") else "apply_gradients"

#: The class of a graph of operations on placeholders: a model before there was one.
GRAPH: Any = keras.Function if hasattr(keras, "Function") else keras.Model
#: The class whose `call` runs it: a model of placeholders is of a class of its own, which Sequential is of too.
CALLED_GRAPH: Any = keras.Function if hasattr(keras, "Function") else keras.Sequential.__mro__[1]

#: The word for a loss that is not summed up.
UNREDUCED: Any = keras.losses.Reduction.NONE if hasattr(keras.losses, "Reduction") else None

#: Whether `Model.compile` knows `jit_compile`.
COMPILED_BY_XLA: bool = "jit_compile" in inspect.signature(keras.Model.compile).parameters


def by_jit(value: Any) -> dict[str, Any]:
    """`jit_compile` for `Model.compile`, nothing where it does not know the word: it has tf.function alone."""
    return {"jit_compile": value} if COMPILED_BY_XLA else {}


def seed_all(seed: int) -> None:
    """`keras.utils.set_random_seed`, or what it does: Python's generator, NumPy's, and the backend's."""
    if hasattr(keras.utils, "set_random_seed"):
        keras.utils.set_random_seed(seed)
        return
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  # the one that Keras draws from
    importlib.import_module("tensorflow").random.set_seed(seed)


def variable(values: Any) -> Any:
    """A variable of the user's own."""
    return keras.Variable(values) if hasattr(keras, "Variable") else keras.backend.variable(values)


def held(one: Any) -> Any:
    """What `one`, a variable of Keras, holds on the backend: itself, where it is the backend's own."""
    return one if callable(one.value) else one.value


def build(optimizer: Any, variables: Sequence[Any]) -> None:
    """Make the optimizer's own variables, which it else makes in its first step."""
    if hasattr(optimizer, "build"):
        optimizer.build(variables)
    else:
        optimizer._create_all_weights(variables)  # noqa: SLF001  # there is no public way before Keras 3


def state(optimizer: Any) -> Sequence[Any]:
    """The optimizer's own variables, as the backend has them."""
    found = optimizer.variables
    return [held(one) for one in (found() if callable(found) else found)]


def apply(optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
    """One step of `optimizer`."""
    if APPLY == "apply":
        optimizer.apply(gradients, variables)
    else:
        optimizer.apply_gradients(list(zip(gradients, variables)))


def placeholder(shape: Sequence[int]) -> Any:
    """Of a graph. The first axes of a model's are those of a batch, which has to be the same everywhere."""
    return keras.Input(batch_shape=shape, dtype="float32") if HAS_OPS else keras.Input(shape[1:], dtype="float32")
