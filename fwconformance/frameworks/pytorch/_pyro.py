# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "pyro": posteriors by Pyro, as its documentation writes them."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Iterator, Mapping

import torch

from fwconformance.frameworks._estimators import imported
from fwconformance.frameworks._requirements import required, summary

pyro = imported("pyro", "pyro-ppl", "torch-cpu")
infer = importlib.import_module("pyro.infer")
autoguide = importlib.import_module("pyro.infer.autoguide")
optim = importlib.import_module("pyro.optim")
distributions = importlib.import_module("pyro.distributions")

_SEED = 20200101
_RATE = 0.05


class Pyro:
    """The piece."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def requires(self) -> Mapping[str, str]:
        return required("pyro-ppl")

    def summary(self) -> str:
        return summary("pyro-ppl")

    def variational(
        self, inputs: Any, observations: Any, *, prior: float, noise: float, steps: int
    ) -> Mapping[str, Any]:
        model = self._model(inputs, observations, prior, noise)
        with _seeded():
            guide = autoguide.AutoMultivariateNormal(model, init_loc_fn=autoguide.init_to_mean)
            # Its rate decays, as Pyro's guide to convergence recommends.
            optimizer = optim.ClippedAdam({"lr": _RATE, "lrd": 0.1 ** (1 / steps)})
            elbo = infer.Trace_ELBO(num_particles=8, vectorize_particles=True)
            inference = infer.SVI(model, guide, optimizer, elbo)
            for _ in range(steps):
                inference.step()
            posterior = guide.get_posterior()
            mean, covariance = posterior.mean.detach(), posterior.covariance_matrix.detach()
        return {"mean": mean, "covariance": covariance}

    def sampled(self, inputs: Any, observations: Any, *, prior: float, noise: float, warmup: int, samples: int) -> Any:
        kernel = infer.NUTS(self._model(inputs, observations, prior, noise))
        with _seeded():
            chain = infer.MCMC(kernel, num_samples=samples, warmup_steps=warmup, disable_progbar=True)
            chain.run()
        return chain.get_samples()["coefficients"].detach()

    def _model(self, inputs: Any, observations: Any, prior: float, noise: float) -> Any:
        x, y = (torch.as_tensor(each, dtype=torch.float32, device=self._device) for each in (inputs, observations))
        at = torch.zeros(x.shape[1], device=self._device)

        def model() -> None:
            coefficients = pyro.sample("coefficients", distributions.Normal(at, prior).to_event(1))
            with pyro.plate("observations", len(y)):
                # Not `x @ coefficients`: several particles come at once, along an axis before the observations'.
                pyro.sample("y", distributions.Normal((coefficients * x).sum(-1), noise), obs=y)

        return model


@contextlib.contextmanager
def _seeded() -> Iterator[None]:
    """Pyro's own `set_rng_seed` would set NumPy's and Python's too; its parameters are one store for the process."""
    with torch.random.fork_rng(), pyro.get_param_store().scope():
        torch.manual_seed(_SEED)
        yield


def piece(name: str, device: Any) -> Pyro:
    """The piece."""
    return Pyro(device)
