"""The check of a bridge: what is asked first, what the program is given, and what it must answer."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.bindings import Answer
from fwconformance.frameworks import Artifact, NotAdapted, Project, Seam, Unavailable, create
from fwconformance.runtimes import Library
from fwconformance.suitekit import _bridge, check_bridge

PROJECT = Project(
    language="go",
    framework="onnxruntime",
    artifact="a module",
    lineage="community",
    because="It is a toy.",
    folder="go/onnxruntime",
    tool="go",
    rungs=("inference", "batch", "errors"),
    version="1.2.3",
)


class Exporter:
    """Keeps the model that it is given, in the place of a file."""

    def __init__(self, images="channels-first"):
        self.images = images

    def export(self, model, inputs, folder):
        self.model = model
        return Artifact(file="model.onnx", images=self.images).to_json()


class Case:
    """What a check asks of a case, compared by NumPy."""

    def __init__(self, tmp_path):
        self.tmp_path = tmp_path
        self.rng = np.random.default_rng(0)
        self.levels = []
        self.figures, self.details = [], []

    def figure(self, name, value, unit):
        self.figures.append(name)

    def detail(self, *words):
        self.details.append(words)

    def level(self, level):
        self.levels.append(level)

    def assert_close(self, actual, expected, what):
        assert np.asarray(actual).shape == np.asarray(expected).shape, f"{what}: shape"
        assert np.allclose(actual, expected, atol=1e-4), what


@pytest.fixture
def reference():
    return Seam(create("reference"))


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


@pytest.fixture
def crossing(reference, case, monkeypatch):
    """Run `step` with a program that answers what `respond` makes of the model and what it is given."""

    def cross(step, respond, *, images="channels-first"):
        exporter = Exporter(images)
        monkeypatch.setattr(_bridge, "built", lambda project: type("Built", (), {"project": project, "seconds": 0.0})())
        monkeypatch.setattr(_bridge, "_project", lambda _: PROJECT)
        monkeypatch.setattr(reference, "piece", lambda _: exporter)

        def answer(self, rung, tensors, numbers=None, files=None):
            return respond(exporter.model, tensors, files)

        monkeypatch.setattr(_bridge._Crossing, "answer", answer)
        check_bridge(case, reference, reference, "go", step)

    return cross


def answer(tensors, errors=None):
    return Answer(tensors=tensors, files={}, errors=errors or {})


ERRORS = {
    "file": {"type": "Error", "message": "no-such-model.onnx: not there"},
    "shape": {"type": "Error", "message": "Got: 11 Expected: 7"},
}


def test_without_an_exporter_nothing_is_built(reference, case, monkeypatch):
    """A toolchain that is not here says nothing of such a framework."""
    monkeypatch.setattr(_bridge, "built", lambda _: pytest.fail("it was built"))
    with pytest.raises(NotAdapted, match="export-onnx"):
        check_bridge(case, reference, reference, "java", "install")


def test_a_library_that_is_not_here_is_said(reference, case, monkeypatch):
    def nowhere():
        raise Unavailable("onnxruntime is nowhere")

    monkeypatch.setattr(reference, "piece", lambda _: Exporter())
    monkeypatch.setattr(_bridge, "onnxruntime_library", nowhere)
    with pytest.raises(Unavailable, match="onnxruntime is nowhere"):
        check_bridge(case, reference, reference, "rust", "install")


def test_only_those_that_borrow_it_ask_for_the_library(monkeypatch, tmp_path):
    library = Library(path=tmp_path / "libonnxruntime.so.9.8.7", version="9.8.7")
    monkeypatch.setattr(_bridge, "onnxruntime_library", lambda: library)
    assert _bridge._project("cpp").version == "9.8.7"
    monkeypatch.setattr(_bridge, "onnxruntime_library", lambda: pytest.fail("it was asked for"))
    assert _bridge._project("java").version != "9.8.7"


@pytest.mark.parametrize("step", ["inference", "recurrent"])
def test_the_models_own_outputs_pass(crossing, step):
    crossing(step, lambda model, given, _: answer({"outputs": model.forward(given["inputs"])}))


@pytest.mark.parametrize("step", ["inference", "recurrent"])
def test_outputs_that_are_a_hundredth_off_do_not(crossing, step):
    with pytest.raises(AssertionError, match="outputs for a batch of 3, against Python's, from go"):
        crossing(step, lambda model, given, _: answer({"outputs": 1.01 * model.forward(given["inputs"])}))


def test_images_are_turned_where_the_file_has_the_channels_last(crossing):
    def respond(model, given, files):
        assert given["inputs"].shape == (3, 10, 7, 3)
        return answer({"outputs": model.forward(given["inputs"].transpose(0, 3, 1, 2))})

    crossing("inference", respond, images="channels-last")


def test_both_batches_are_looked_at(crossing):
    def respond(model, given, files):
        return answer({"small": model.forward(given["small"]), "large": model.forward(given["large"])[:1]})

    with pytest.raises(AssertionError, match="outputs for a batch of 5"):
        crossing("batch", respond)


def erring(errors):
    return lambda model, given, _: answer({"outputs": model.forward(given["inputs"])}, errors)


def test_errors_that_say_what_is_wrong_pass(crossing):
    def respond(model, given, files):
        assert files == {"model": "model.onnx", "missing": "no-such-model.onnx"}
        assert given["wrong"].shape == (3, 3, 10, 11)
        return erring(ERRORS)(model, given, files)

    crossing("errors", respond)


@pytest.mark.parametrize("name", ["file", "shape"])
def test_an_error_that_was_not_met_is_a_fault(crossing, name):
    left = {key: value for key, value in ERRORS.items() if key != name}
    with pytest.raises(AssertionError, match=f"no error of the language for a wrong {name}"):
        crossing("errors", erring(left))


def test_an_error_that_does_not_say_what_is_wrong_is_a_fault(crossing):
    vague = {**ERRORS, "shape": {"type": "Error", "message": "it went wrong"}}
    with pytest.raises(AssertionError, match="does not name 11"):
        crossing("errors", erring(vague))
