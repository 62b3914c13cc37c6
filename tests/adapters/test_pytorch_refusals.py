"""Each refusal of the PyTorch adapter is measured, and flips where the thing exists."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks.pytorch import _refusals  # noqa: E402

PROBES = {
    "running variance": _refusals.running_variance,
    "reset": _refusals.reset_placement,
    "epsilon": lambda **named: _refusals.epsilon_placement("uncorrected", **named),
}


class BiasedNorm(torch.nn.BatchNorm1d):
    """Keeps the biased variance."""

    def forward(self, x):
        self.running_var = x.var(0, unbiased=False)
        return x


class ResettingBefore(torch.nn.GRU):
    """One step in which the reset gate acts on the state alone, so that it leaves the recurrent bias as it is."""

    def forward(self, x):
        update = torch.sigmoid(self.bias_ih_l0[1] + self.bias_hh_l0[1])
        return ((1 - update) * torch.tanh(self.bias_ih_l0[2] + self.bias_hh_l0[2])).reshape(1), None


class UncorrectedAdam(torch.optim.Adam):
    """Adds epsilon before the correction, for a first step."""

    def step(self):
        (weight,) = self.param_groups[0]["params"]
        rate, eps = self.param_groups[0]["lr"], self.param_groups[0]["eps"]
        with torch.no_grad():
            root = (0.001 * weight.grad**2).sqrt()
            weight -= rate * 0.001**0.5 / 0.1 * (0.1 * weight.grad) / (root + eps)


STAND_INS = {"running variance": BiasedNorm, "reset": ResettingBefore, "epsilon": UncorrectedAdam}


@pytest.mark.parametrize("name", sorted(PROBES))
def test_pytorch_lacks_it(name):
    absent, evidence = PROBES[name]().run()
    assert absent
    assert "no parameter chooses" in evidence


@pytest.mark.parametrize("name", sorted(PROBES))
def test_a_framework_that_has_it_flips_the_probe(name):
    absent, evidence = PROBES[name](kind=STAND_INS[name]).run()
    assert not absent, evidence


def test_a_parameter_that_may_choose_flips_the_probe():
    def newer(self, mode, input_size, hidden_size, reset_after=True):
        """Stands for RNNBase's initialiser in a release that offers the choice."""

    absent, evidence = _refusals.reset_placement(takes=newer).run()
    assert not absent
    assert "reset_after" in evidence
