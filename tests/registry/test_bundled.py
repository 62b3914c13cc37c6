"""The bundled registry: that it holds what it must, and nothing that was made up."""

from __future__ import annotations

import re

import pytest

from fwconformance.evidence import Era, Level
from fwconformance.registry import Atom, Opinion, Ratio, Registry, load_registry, walk_rule

# Transcribed by hand from the list of the article's claims, apart from the registry.
_TEXT = """
keras.frontend-of-tensorflow tensorflow.origin tensorflow.most-popular-2020 keras.origin
keras.deep-learning-for-humans tensorflow.graph-model-steep keras.simple-api keras.gpu keras.tpu keras.multi-gpu
keras.distributed keras.deployment
keras.pretrained-zoo keras.custom-layers keras.backend-access keras.autokeras tensorflow.bindings.python
tensorflow.bindings.javascript tensorflow.bindings.cpp tensorflow.bindings.java tensorflow.bindings.go
keras.problem-range
keras.flexible-and-easy keras.low-level-control keras.scalable keras.autokeras.hpo keras.autokeras.nas
tensorflow.multi-language tensorflow.bindings-unstable keras.slower

pytorch.origin pytorch.similar-to-keras pytorch.more-complex-than-keras pytorch.fairly-easy pytorch.bindings.python
pytorch.bindings.cpp pytorch.bindings.java pytorch.used-in-products pytorch.gpu pytorch.tpu pytorch.distributed
pytorch.multi-gpu pytorch.ecosystem pytorch.autopytorch pytorch.pretrained-zoo pytorch.custom-modules
pytorch.better-cpp-java pytorch.skorch pytorch.not-as-simple pytorch.autopytorch-less

caffe.origin caffe.name caffe.cpp-core-python-interface caffe.vision-oriented caffe.outdated caffe2.origin
caffe2.merged-into-pytorch caffe.extremely-fast caffe.model-zoo caffe.cpp-api caffe.faster-than-tensorflow
caffe.harder-docs caffe.smaller-community caffe.less-popular caffe.less-beginner-friendly caffe.no-rnn-nlp

mxnet.origin mxnet.cloud-support.aws mxnet.cloud-support.azure mxnet.amazon-choice mxnet.eight-languages
mxnet.bindings.python mxnet.bindings.cpp mxnet.bindings.scala mxnet.bindings.java mxnet.bindings.clojure
mxnet.bindings.julia mxnet.bindings.r mxnet.bindings.perl mxnet.multi-gpu mxnet.distributed
mxnet.export-other-languages mxnet.ecosystem mxnet.flexible mxnet.large-community mxnet.more-complex-than-keras
mxnet.like-pytorch mxnet.lacks-functions

overall.top-two overall.keras-best-overall overall.keras-for-beginners overall.pytorch-for-research overall.few-lines
overall.pytorch-ahead-in-research overall.mxnet-decent-option overall.pytorch-growth
"""
CLAIMS = _TEXT.split()


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The bundled one, which must load without a problem."""
    return load_registry()


def test_the_article_has_96_claims() -> None:
    """Counted: 30 of TensorFlow and Keras, 20 of PyTorch, 16 of Caffe, 22 of MXNet, 8 overall."""
    assert len(CLAIMS) == len(set(CLAIMS)) == 30 + 20 + 16 + 22 + 8


def test_every_claim_of_the_article_is_there_and_no_other(registry: Registry) -> None:
    """By id."""
    assert sorted(registry.claims) == sorted(CLAIMS)


def test_a_claims_id_begins_with_its_subject(registry: Registry) -> None:
    """So that nothing is filed under another framework."""
    assert [name for name, claim in registry.claims.items() if name.split(".")[0] != claim.subject] == []


def test_no_claim_speaks_in_the_articles_name_twice(registry: Registry) -> None:
    """Each paraphrase is a sentence of its own."""
    texts = [claim.paraphrase for claim in registry.claims.values()]
    assert len(set(texts)) == len(texts)
    assert all(text.endswith(".") for text in texts)


def test_the_one_opinion_is_the_authors_favourite(registry: Registry) -> None:
    """Everything else could be true or false."""
    opinions = [name for name, claim in registry.claims.items() if isinstance(claim.rule, Opinion)]
    assert opinions == ["overall.keras-best-overall"]


def test_every_comparison_by_ratio_states_its_works_and_margin(registry: Registry) -> None:
    """Committed before the first run that it judges."""
    ratios = [part for claim in registry.claims.values() for part in walk_rule(claim.rule) if isinstance(part, Ratio)]
    assert ratios
    assert all(ratio.works and (ratio.above or ratio.at_most) for ratio in ratios)


def test_only_claims_of_several_processes_take_simulated_evidence(registry: Registry) -> None:
    """Everything else is decided on the real device."""
    weaker = {name: claim.level for name, claim in registry.claims.items() if claim.level is not Level.HARDWARE}
    assert set(weaker) == {"keras.distributed", "mxnet.distributed", "pytorch.distributed"}
    assert set(weaker.values()) == {Level.SIMULATED}


def test_claims_about_accelerators_speak_of_accelerators(registry: Registry) -> None:
    """A run on a CPU is no answer to them."""
    devices = {name: claim.device for name, claim in registry.claims.items() if re.search(r"gpu|tpu|scalable", name)}
    assert "cpu" not in devices.values()
    assert {name for name, device in devices.items() if device == "tpu"} == {"keras.tpu", "pytorch.tpu"}


def test_keras_without_tensorflow_is_asked_where_none_is_installed(registry: Registry) -> None:
    """The two environments of its other backends."""
    parts = walk_rule(registry.claims["keras.frontend-of-tensorflow"].rule)
    named = {part.environment for part in parts if isinstance(part, Atom)} - {None}
    assert named == {"keras-torch-cpu", "keras-jax-cpu"}


def test_the_core_environments_are_those_of_the_article_s_frameworks(registry: Registry) -> None:
    """What `tox run -m cpu` builds."""
    core = {name for name, environment in registry.environments.items() if environment.core}
    assert core == {
        "reference",
        "caffe-cpu",
        "torch-cpu",
        "tensorflow-cpu",
        "keras-cpu",
        "keras-torch-cpu",
        "keras-jax-cpu",
        "mxnet-cpu",
    }


def test_a_current_primary_expects_the_newest_release(registry: Registry) -> None:
    """Else its era would be no truth; builds for CPU and GPU are one release."""
    checked = 0
    for subject in registry.subjects.values():
        newest = subject.newest_release(Era.CURRENT)
        for primary in subject.primary:
            if primary.era is not Era.CURRENT:
                continue
            assert newest is not None
            environment = registry.environments[primary.environment]
            expected = {re.sub(r"-(cpu|gpu|cu\d+)$", "", name): version for name, version in environment.expect.items()}
            assert expected[newest.distribution] == newest.version, environment.name
            assert environment.uploaded == newest.uploaded, environment.name
            checked += 1
    assert checked == 13


def test_each_framework_has_a_newest_release_of_both_eras(registry: Registry) -> None:
    """2020's was uploaded by the end of that year."""
    for subject in registry.subjects.values():
        if subject.runs:
            newest = subject.newest_release(Era.Y2020)
            assert newest is not None
            assert newest.uploaded <= "2020-12-31"
            assert subject.newest_release(Era.CURRENT) is not None


def test_a_claim_of_which_no_record_was_read_has_none(registry: Registry) -> None:
    """None is made up: no comparison of Caffe's documentation with the others' was found."""
    assert all(name != "caffe.harder-docs" for name, _ in registry.records)


def test_every_record_names_what_was_read_by_its_address(registry: Registry) -> None:
    """And was read when we say, from a source no younger than that."""
    for records in registry.records.values():
        for record in records:
            assert record.sources
            assert record.read in {"2026-11-22", "2026-11-23", "2026-11-29", "2026-11-30"}
            assert all(source.date == "undated" or source.date <= record.read for source in record.sources)


def test_a_planned_area_or_group_is_used_by_some_claim(registry: Registry) -> None:
    """A plan that no claim of the article rests on would be idle."""
    used = {name.split(".")[0] for claim in registry.claims.values() for name in claim.rule.capabilities()}
    planned = {one.area for one in registry.capabilities.values() if not one.active}
    assert planned <= used
