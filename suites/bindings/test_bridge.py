"""bridge.*: what a framework exported to ONNX, run by ONNX Runtime from another language."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import check_bridge

pytestmark = pytest.mark.bindings

LANGUAGES = ["java", "cpp", "javascript", "go", "rust", "csharp"]


def each(case):
    """One parameter a language, with the mark of its capability."""
    return [pytest.param(one, id=one, marks=pytest.mark.capability(f"bridge.{one}", case)) for one in LANGUAGES]


@pytest.mark.parametrize("language", each("install"))
def test_install(framework, oracle, case, language):
    """It builds with its ecosystem's own tool and says which version of ONNX Runtime it runs with."""
    check_bridge(case, framework, oracle, language, "install")


@pytest.mark.parametrize("language", each("inference"))
def test_inference(framework, oracle, case, language):
    """A convolutional network, for images that the export did not see."""
    check_bridge(case, framework, oracle, language, "inference")


@pytest.mark.parametrize("language", each("batch"))
def test_batch(framework, oracle, case, language):
    """Batches of 1 and 5 images in one session, exported with 3."""
    check_bridge(case, framework, oracle, language, "batch")


@pytest.mark.parametrize("language", each("recurrent"))
def test_recurrent(framework, oracle, case, language):
    """Sequences through two stacked LSTM layers."""
    check_bridge(case, framework, oracle, language, "recurrent")


@pytest.mark.parametrize("language", each("errors"))
def test_errors(framework, oracle, case, language):
    """A missing file and a wrong shape are errors, and the program goes on."""
    check_bridge(case, framework, oracle, language, "errors")
