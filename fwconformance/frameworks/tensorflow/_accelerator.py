# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What an accelerator shows: the optimizer's slots on it, automatic mixed precision, a limit on its memory."""

from __future__ import annotations

import functools
from typing import Any, Mapping, Sequence

import tensorflow as tf

from fwconformance.frameworks._builds import of_tensorflow
from fwconformance.frameworks._tfdevice import product_types, refused_beyond
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, measure, scope
from fwconformance.frameworks.tensorflow._training import make_optimizer


class Accelerator:
    """See `_pieces_device.Accelerator`."""

    def __init__(self, device: str) -> None:
        self.device = device

    def state(self, trainer: Any) -> Sequence[Any]:
        return [each for each in trainer.optimizer.variables() if each.dtype.is_floating and each.shape.rank]

    def train_mixed(self, training: Training, held_out: Any) -> Mapping[str, Any]:
        """The rewrite of graphs to float16, with its scale of the loss: TensorFlow's own outside Keras, in a
        tf.function, for operations that lie on a GPU.
        """
        rewriting = tf.compat.v1.mixed_precision
        with scope(self.device):
            model = TensorFlowModel(training.network, self.device, training.weights)
            optimizer = rewriting.enable_mixed_precision_graph_rewrite(make_optimizer(training.optimizer))
            try:
                return self._train(model, optimizer, training, held_out)
            finally:
                rewriting.disable_mixed_precision_graph_rewrite()

    def _train(self, model: TensorFlowModel, optimizer: Any, training: Training, held_out: Any) -> Mapping[str, Any]:
        @tf.function  # type: ignore[untyped-decorator, unused-ignore]
        def step(inputs: Any, targets: Any) -> None:
            def loss() -> Any:
                return measure(training.loss, targets, model.native(inputs, True))

            optimizer.apply_gradients(optimizer.compute_gradients(loss, var_list=model.trained))

        batches = [(model.inputs(x), model.targets(training.loss, y)) for x, y in training.batches]
        types = product_types(functools.partial(step, *batches[0]))
        for batch in batches[1:]:
            step(*batch)
        outputs = tf.function(model.native.__call__)(model.inputs(held_out), False)
        return {
            "outputs": tf.cast(outputs, tf.float32),
            "weights": model.weights(),
            "computed": ", ".join(sorted(types)),
        }

    def exceed(self, limit: int, size: int, left: Any, right: Any) -> Mapping[str, Any]:
        """A logical device of that memory in the place of the whole card."""
        return refused_beyond(tf, self.device, limit, size, left, right)


def piece(name: str, device: str) -> Any:
    """The piece `name` of `fwconformance.frameworks._pieces_device`."""
    return of_tensorflow(tf) if name == "build" else Accelerator(device)
