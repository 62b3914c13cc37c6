"""TensorFlow without Keras: tf.Module, tf.Variable, tf.nn, tf.raw_ops, tf.GradientTape, tf.function,
tf.compat.v1.train.

What TensorFlow offers only through Keras is `unsupported` here, "through Keras". TensorFlow itself may import parts
of Keras when it is
imported; nothing here asks it to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fwconformance.frameworks.tensorflow._adapter import TensorFlow


def create(backend: str = "", device: str = "cpu") -> TensorFlow:
    """The adapter, working on `device` ("cpu", "cuda", "tpu", "auto").

    Raises ValueError for any `backend`; Unavailable where the device is not here.
    """
    if backend:
        raise ValueError(f"TensorFlow has no backend to choose; leave {backend!r} out")
    from fwconformance.frameworks.tensorflow._adapter import TensorFlow

    return TensorFlow(device)
