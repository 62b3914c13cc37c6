"""torch.compile behind the seam."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import LSTM, SGD, Activation, Dense, Loss, Network, Unavailable, Unsupported  # noqa: E402
from fwconformance.frameworks.pytorch import create  # noqa: E402

NETWORK = Network(layers=(Dense(units=3), Activation(kind="tanh"), Dense(units=2)), input_shape=(4,))
MSE = Loss(kind="mse")


@pytest.fixture(scope="module")
def framework():
    return create()


def test_without_a_compiler_it_is_unavailable(framework, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(Unavailable, match="install g"):
        framework.build(NETWORK).compiled()


def test_a_release_without_it_is_unsupported(framework, monkeypatch):
    model = framework.build(NETWORK)
    monkeypatch.delattr(torch, "compile")
    with pytest.raises(Unsupported, match="torch has none of: compile"):
        model.compiled()


def graphs_of(model):
    """A backend that counts the graphs compiled, in place of the default compiler."""
    seen = []

    def backend(graph, examples):
        seen.append(graph)
        return graph.forward

    original = torch.compile

    def compile_counting(module, **named):
        return original(module, backend=backend, **named)

    return seen, compile_counting


def test_the_graph_runs_and_shares_the_weights(framework, monkeypatch):
    """Training through the compiled form trains the model, and is seen by both."""
    model, inputs = framework.build(NETWORK), np.random.default_rng(1).normal(size=(3, 4))
    seen, counting = graphs_of(model)
    monkeypatch.setattr(torch, "compile", counting)
    compiled = model.compiled()
    assert torch.allclose(compiled.forward(inputs), model.forward(inputs), atol=1e-6)
    assert len(seen) == 1
    before = model.forward(inputs)
    framework.trainer(compiled, MSE, SGD(rate=0.5)).step(inputs, np.zeros((3, 2)))
    assert not torch.allclose(model.forward(inputs), before)
    assert torch.allclose(compiled.forward(inputs), model.forward(inputs), atol=1e-6)


def test_many_models_are_all_compiled(framework, monkeypatch):
    """PyTorch falls back to eager mode, with a warning only, past a number of compilations of one function."""
    inputs = np.ones((1, 4))
    seen, counting = graphs_of(None)
    monkeypatch.setattr(torch, "compile", counting)
    for _ in range(12):
        framework.build(NETWORK).compiled().forward(inputs)
    assert len(seen) == 12


def test_a_recurrent_network_may_break_the_graph(framework, monkeypatch):
    network = Network(layers=(LSTM(units=2), Dense(units=2)), input_shape=(None, 3))
    model, inputs = framework.build(network), np.ones((1, 4, 3))
    seen, counting = graphs_of(model)
    monkeypatch.setattr(torch, "compile", counting)
    assert torch.allclose(model.compiled().forward(inputs), model.forward(inputs), atol=1e-6)
    assert seen, "nothing of it was compiled"
