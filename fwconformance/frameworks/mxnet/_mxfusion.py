# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "mxfusion": posteriors by MXFusion, as its examples write them."""

from __future__ import annotations

import importlib
import warnings
from typing import Any, Mapping, NoReturn

import mxnet as mx

from fwconformance.frameworks._estimators import imported
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._requirements import required, summary

mxfusion = imported("mxfusion", "mxfusion", "mxnet-cpu")
distributions = importlib.import_module("mxfusion.components.distributions")
operators = importlib.import_module("mxfusion.components.functions.operators")
inference = importlib.import_module("mxfusion.inference")

_SEED = 20200101
_PARTICLES = 16
_RATES = (0.05, 0.01, 0.002)  # one after the other
_EACH = 9  # of the steps that are asked for, one in so many at each rate: each takes its time


class Fusion:
    """The piece."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def requires(self) -> Mapping[str, str]:
        return required("mxfusion")

    def summary(self) -> str:
        return summary("mxfusion")

    def variational(
        self, inputs: Any, observations: Any, *, prior: float, noise: float, steps: int
    ) -> Mapping[str, Any]:
        examples, features = inputs.shape
        x, y = self._array(inputs.T), self._array(observations[None])
        mx.random.seed(_SEED)
        model = mxfusion.Model()
        model.x = mxfusion.Variable(shape=(features, examples))
        model.coefficients = self._normal(self._array([[0.0]]), prior, (1, features))
        model.seen = operators.dot(model.coefficients, model.x)
        model.y = self._normal(model.seen, noise, (1, examples))

        guide = mxfusion.Posterior(model)
        start = mx.nd.eye(features, ctx=self._context)[None] / 2
        guide.scale = mxfusion.Variable(shape=(1, features, features), initial_value=start)
        guide.mean = mxfusion.Variable(shape=(1, features), initial_value=self._array([[0.0] * features]))
        guide.covariance = operators.dot(guide.scale, operators.transpose(guide.scale, axes=(0, 2, 1)))
        family = distributions.MultivariateNormal(guide.mean, guide.covariance, ctx=self._context)
        guide.coefficients.set_prior(family)

        algorithm = inference.StochasticVariationalInference(
            model=model, posterior=guide, observed=[model.x, model.y], num_samples=_PARTICLES
        )
        fit = inference.GradBasedInference(inference_algorithm=algorithm, context=self._context)
        with warnings.catch_warnings():
            # It says so at every evaluation of a function of what is observed, as here.
            warnings.simplefilter("ignore", UserWarning)
            for rate in _RATES:
                fit.run(max_iter=max(1, steps // _EACH), learning_rate=rate, x=x, y=y)
        scale = fit.params[guide.scale]
        return {"mean": fit.params[guide.mean][0], "covariance": mx.nd.linalg.gemm2(scale, scale, transpose_b=True)[0]}

    def sampled(
        self, inputs: Any, observations: Any, *, prior: float, noise: float, warmup: int, samples: int
    ) -> NoReturn:
        names = ("NUTS", "NoUTurnSampler", "HMC", "HamiltonianMonteCarlo", "MCMC", "mcmc", "hmc", "nuts")
        refuse(Lookup(root=inference, label="mxfusion.inference", names=names))

    def _normal(self, mean: Any, deviation: float, shape: tuple[int, ...]) -> Any:
        # With an axis for each of the variable's: that of the samples comes before them, and a shorter one would be
        # paired with it.
        variance = self._array([[deviation**2]])
        return distributions.Normal.define_variable(mean=mean, variance=variance, shape=shape, ctx=self._context)

    def _array(self, values: Any) -> Any:
        return mx.nd.array(values, ctx=self._context, dtype="float32")


def piece(name: str, context: Any) -> Fusion:
    """The piece."""
    return Fusion(context)
