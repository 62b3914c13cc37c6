# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Batch and layer normalisation by TensorFlow's own normalisation operations."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from fwconformance.frameworks.tensorflow._layers import IMAGE_RANK, Layer


class BatchNormLayer(Layer):
    """The running variance tells which operations: the fused one keeps the unbiased variance, tf.nn.moments gives the
    biased one.

    "unbiased": tf.raw_ops.FusedBatchNormV3, which also moves the running values (`exponential_avg_factor`); the raw
    operation, since tf.compat.v1.nn.fused_batch_norm raises an epsilon below 1.001e-5. "biased": tf.nn.moments and
    tf.nn.batch_normalization, as their documentation tells to use them, the running values moved by `assign_add`.
    """

    layout = "last"

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        return self._plain(x, training) if self.spec.running_variance == "biased" else self._fused(x, training)

    def _fused(self, x: Any, training: bool) -> Any:
        image = x if len(x.shape) == IMAGE_RANK else tf.reshape(x, (tf.shape(x)[0], -1, 1, x.shape[1]))
        roles, moving = self.roles, training and self.spec.rate < 1
        empty = tf.zeros(0)
        found = tf.raw_ops.FusedBatchNormV3(
            x=image,
            scale=roles["scale"],
            offset=roles["shift"],
            mean=roles["mean"] if moving or not training else empty,
            variance=roles["variance"] if moving or not training else empty,
            epsilon=self.spec.epsilon,
            exponential_avg_factor=self.spec.rate if training else 1.0,
            is_training=training,
        )
        if training:
            roles["mean"].assign(found.batch_mean)
            roles["variance"].assign(found.batch_variance)
        return found.y if len(x.shape) == IMAGE_RANK else tf.reshape(found.y, tf.shape(x))

    def _plain(self, x: Any, training: bool) -> Any:
        roles = self.roles
        rank = len(x.shape)
        channels = rank - 1 if rank == IMAGE_RANK else 1
        axes = [axis for axis in range(rank) if axis != channels]
        broad = [-1 if axis == channels else 1 for axis in range(rank)]
        mean, variance = roles["mean"], roles["variance"]
        if training:
            mean, variance = tf.nn.moments(x, axes)
            roles["mean"].assign_add(self.spec.rate * (mean - roles["mean"]))
            roles["variance"].assign_add(self.spec.rate * (variance - roles["variance"]))
        mean, variance, shift, scale = (
            tf.reshape(value, broad) for value in (mean, variance, roles["shift"], roles["scale"])
        )
        return tf.nn.batch_normalization(x, mean, variance, shift, scale, self.spec.epsilon)


class LayerNormLayer(Layer):
    """tf.nn.moments over the last axis and tf.nn.batch_normalization, whose documentation admits moments of any axes:
    TensorFlow's own
    way to layer normalisation outside Keras.
    """

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        mean, variance = tf.nn.moments(x, [-1], keepdims=True)
        return tf.nn.batch_normalization(x, mean, variance, self.roles["shift"], self.roles["scale"], self.spec.epsilon)
