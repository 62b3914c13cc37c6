"""Each refusal of the MXNet adapter is measured, and flips where the thing exists."""

from __future__ import annotations

import warnings

import pytest

with warnings.catch_warnings():
    # Its last release uses names that NumPy has deprecated since.
    warnings.simplefilter("ignore", DeprecationWarning)
    mxnet = pytest.importorskip("mxnet", reason="MXNet is not installed here: tox runs these tests in mxnet-cpu")

from fwconformance.frameworks import NotAdapted, Unsupported
from fwconformance.frameworks.mxnet import _extend, _refusals

PROBES = {
    "running variance": _refusals.running_variance,
    "reset": _refusals.reset_placement,
    "epsilon": lambda **named: _refusals.epsilon_placement("corrected", **named),
}


class UnbiasedNorm(mxnet.gluon.nn.BatchNorm):
    """Keeps the unbiased variance."""

    def forward(self, x):
        count = x.shape[0]
        centred = x - x.mean(axis=0, keepdims=True)
        self.running_var.set_data((centred**2).sum(axis=0) / (count - 1))
        return x


class ResettingBefore(mxnet.gluon.rnn.GRU):
    """One step in which the reset gate acts on the state alone, so that it leaves the recurrent bias as it is."""

    def __call__(self, x):
        inward, recurrent = self.l0_i2h_bias.data(), self.l0_h2h_bias.data()
        update = (inward[1] + recurrent[1]).sigmoid()
        return (1 - update) * (inward[2] + recurrent[2]).tanh()


class CorrectedAdam(mxnet.optimizer.Adam):
    """Adds epsilon after the correction, for a first step."""

    def update(self, index, weight, grad, state):
        weight -= self.lr * grad / (grad.abs() + self.epsilon)


STAND_INS = {"running variance": UnbiasedNorm, "reset": ResettingBefore, "epsilon": CorrectedAdam}


@pytest.mark.parametrize("name", sorted(PROBES))
def test_mxnet_lacks_it(name):
    absent, evidence = PROBES[name]().run()
    assert absent
    assert "no parameter chooses" in evidence


@pytest.mark.parametrize("name", sorted(PROBES))
def test_a_framework_that_has_it_flips_the_probe(name):
    absent, evidence = PROBES[name](kind=STAND_INS[name]).run()
    assert not absent, evidence


def test_a_parameter_that_may_choose_flips_the_probe():
    class Newer(mxnet.gluon.rnn.GRU):
        def __init__(self, hidden_size, reset_after=True, **named):
            super().__init__(hidden_size, **named)

    absent, evidence = _refusals.reset_placement(kind=Newer).run()
    assert not absent
    assert "reset_after" in evidence


def test_an_operator_whose_gradient_has_none_is_unsupported_in_mxnets_words():
    def work():
        raise mxnet.base.MXNetError("Operator _backward_x is non-differentiable because it didn't register FGradient")

    with pytest.raises(Unsupported, match="_backward_x is non-differentiable"):
        _extend._again(work)


def test_one_that_has_gives_it_and_another_error_goes_through():
    assert _extend._again(lambda: 3) == 3
    with pytest.raises(mxnet.base.MXNetError, match="shapes"):
        _extend._again(lambda: (_ for _ in ()).throw(mxnet.base.MXNetError("shapes")))


def test_a_refusal_that_does_not_come_again_is_a_gap_of_ours():
    errors = [mxnet.base.MXNetError("x didn't register FGradient attribute")]

    def work():
        if errors:
            raise errors.pop()

    with pytest.raises(NotAdapted):
        _extend._again(work)
