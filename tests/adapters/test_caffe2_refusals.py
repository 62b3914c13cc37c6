"""Each refusal of the Caffe2 adapter is measured, and flips where the thing exists."""

from __future__ import annotations

import attrs
import pytest

pytest.importorskip("caffe2.python", reason="Caffe2 is not here: tox runs these tests in caffe2-cpu")

from fwconformance.frameworks import NotAdapted, Unsupported
from fwconformance.frameworks.caffe2 import _extend, _lacking, _optimizers, _refusals


def elsewhere(kind):
    own = _optimizers.own_conventions(kind)["epsilon_placement"]
    return _optimizers.placement(kind, "inside" if own == "outside" else "outside")


PROBES = {
    "running variance": _refusals.running_variance,
    "adam": lambda: _refusals.epsilon_placement("corrected"),
    "adagrad": lambda: elsewhere("adagrad"),
    "rmsprop": lambda: elsewhere("rmsprop"),
}


@pytest.mark.parametrize("name", sorted(PROBES))
def test_caffe2_lacks_it(name):
    absent, evidence = PROBES[name]().run()
    assert absent, evidence
    assert "no parameter chooses" in evidence


@pytest.mark.parametrize("name", sorted(PROBES))
def test_a_caffe2_that_follows_it_flips_the_probe(name):
    probe = PROBES[name]()
    absent, evidence = attrs.evolve(probe, measure=lambda: probe.gives[probe.asked]).run()
    assert not absent, evidence


def other(convention):
    """What Caffe2 does not have."""
    return convention


@pytest.mark.parametrize("name", sorted(PROBES))
def test_a_parameter_that_may_choose_flips_the_probe(name):
    probe = PROBES[name]()
    absent, evidence = attrs.evolve(probe, takes=other).run()
    assert not absent
    assert "convention" in evidence


@pytest.mark.parametrize("name", sorted(PROBES))
def test_a_measurement_that_tells_nothing_is_an_error(name):
    with pytest.raises(ValueError, match="tells no convention apart"):
        attrs.evolve(PROBES[name](), measure=lambda: 77.0).run()


def test_an_operator_that_is_there_flips_the_probe():
    assert _refusals.Operators(names=("HuberLoss",)).run()[0]
    absent, evidence = _refusals.Operators(names=("HuberLoss", "Relu")).run()
    assert not absent
    assert evidence.endswith("has Relu")


def test_an_operator_s_refusal_says_what_was_looked_through():
    with pytest.raises(Unsupported, match=r"has \d+ operators and none of: HuberLoss"):
        _refusals.no_operator("HuberLoss")
    with pytest.raises(NotAdapted, match="has Relu"):
        _refusals.no_operator("Relu")


@pytest.mark.parametrize("name", _lacking.NAMES)
def test_a_format_without_a_module_is_unsupported(name):
    with pytest.raises(Unsupported, match=r"caffe2\.python has \d+ modules, and none with"):
        _lacking.piece(name)


@pytest.mark.parametrize("name", _lacking.NAMES)
def test_a_module_that_is_there_flips_the_probe(name):
    words = _lacking._WORDS[name]
    absent, evidence = _lacking.Modules(words=words, listed=lambda: ["brew", f"to_{words[0].upper()}"]).run()
    assert not absent
    assert words[0].upper() in evidence


def test_formats_that_caffe2_has_a_module_for_are_not_refused():
    assert "export-onnx" not in _lacking.NAMES


def test_gradient_operators_that_have_gradients_flip_the_probe():
    absent, evidence = _extend.again().run()
    assert absent
    assert "TanhGradient" in evidence
    assert not attrs.evolve(_extend.again(), call=lambda: None).run()[0]
