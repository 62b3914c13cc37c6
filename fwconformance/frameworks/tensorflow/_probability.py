# mypy: disable-error-code="import-not-found, import-untyped, misc, untyped-decorator, no-any-return, unused-ignore"
"""Piece "tensorflow-probability": posteriors by TensorFlow Probability, as its documentation writes them."""

from __future__ import annotations

import importlib
from typing import Any, Mapping

import tensorflow as tf

from fwconformance.frameworks._estimators import imported
from fwconformance.frameworks._requirements import required, summary
from fwconformance.frameworks.tensorflow._model import scope

_TOX = "tensorflow-probability-cpu"
# What it is built with comes lazily, at the first attribute, and with it the Keras that it asks for.
tfp = imported("tensorflow_probability", "tensorflow-probability", _TOX)
tf_keras = imported("tf_keras", "tf-keras", _TOX)
vi = importlib.import_module("tensorflow_probability.python.vi")
mcmc = importlib.import_module("tensorflow_probability.python.mcmc")
tfd, tfb = tfp.distributions, tfp.bijectors

_SEED = 20200101
_RATE = 0.05
_PARTICLES = 8


class Probability:
    """The piece."""

    def __init__(self, device: str) -> None:
        self._device = device

    def requires(self) -> Mapping[str, str]:
        return required("tensorflow-probability")

    def summary(self) -> str:
        return summary("tensorflow-probability")

    def variational(
        self, inputs: Any, observations: Any, *, prior: float, noise: float, steps: int
    ) -> Mapping[str, Any]:
        features = inputs.shape[1]
        with scope(self._device):
            density = self._density(inputs, observations, prior, noise)
            scale = tfp.util.TransformedVariable(tf.eye(features), tfb.FillScaleTriL())
            guide = tfd.MultivariateNormalTriL(tf.Variable(tf.zeros(features)), scale)
            # Its rate decays, so that the noise of the gradients does.
            rate = tf_keras.optimizers.schedules.ExponentialDecay(_RATE, steps, 0.1)
            vi.fit_surrogate_posterior(
                target_log_prob_fn=density,
                surrogate_posterior=guide,
                optimizer=tf_keras.optimizers.Adam(rate),
                num_steps=steps,
                sample_size=_PARTICLES,
                seed=_SEED,
            )
            return {"mean": guide.mean(), "covariance": guide.covariance()}

    def sampled(self, inputs: Any, observations: Any, *, prior: float, noise: float, warmup: int, samples: int) -> Any:
        with scope(self._device):
            density = self._density(inputs, observations, prior, noise)
            kernel = mcmc.DualAveragingStepSizeAdaptation(
                mcmc.NoUTurnSampler(density, step_size=0.1), num_adaptation_steps=int(0.8 * warmup)
            )

            @tf.function
            def chain() -> Any:
                return mcmc.sample_chain(
                    num_results=samples,
                    num_burnin_steps=warmup,
                    current_state=tf.zeros(inputs.shape[1]),
                    kernel=kernel,
                    trace_fn=None,
                    seed=_SEED,
                )

            return chain()

    def _density(self, inputs: Any, observations: Any, prior: float, noise: float) -> Any:
        x, y = (tf.constant(each, tf.float32) for each in (inputs, observations))
        model = tfd.JointDistributionNamed(
            {
                "coefficients": tfd.Sample(tfd.Normal(0.0, prior), x.shape[1]),
                "y": lambda coefficients: tfd.Independent(tfd.Normal(tf.linalg.matvec(x, coefficients), noise), 1),
            }
        )
        return lambda coefficients: model.log_prob(coefficients=coefficients, y=y)


def piece(name: str, device: str) -> Probability:
    """The piece."""
    return Probability(device)
