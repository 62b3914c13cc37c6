"""The converter of TensorFlow.js, played by stand-ins: what is said where it is not there, and of what it prints."""

from __future__ import annotations

import sys

import pytest

from fwconformance.frameworks import Unavailable, Unsupported, _tfjs


@pytest.fixture
def convert(tmp_path, monkeypatch):
    """Run `_tfjs.convert` with this text in the converter's place."""
    monkeypatch.setenv(_tfjs.VARIABLE, sys.executable)
    target = tmp_path / "tensorflow-js"

    def run(text):
        monkeypatch.setattr(_tfjs, "_SCRIPT", text)
        _tfjs.convert("saved", str(target), "serve")
        return target

    return run


@pytest.mark.parametrize(("named", "saying"), [("", "names no interpreter"), ("nowhere", "that is not there")])
def test_without_its_interpreter_it_says_which_environment_to_build(monkeypatch, tmp_path, named, saying):
    monkeypatch.setenv(_tfjs.VARIABLE, str(tmp_path / named) if named else "")
    with pytest.raises(Unavailable, match=rf"{saying}.*`tox -e tensorflow-js`"):
        _tfjs.convert("saved", str(tmp_path / "tensorflow-js"), "serve")


def test_it_is_told_the_model_the_signature_and_the_folder(convert):
    text = (
        "import pathlib, sys; target = pathlib.Path(sys.argv[-1]); target.mkdir(); "
        "(target / 'model.json').write_text(' '.join(sys.argv))"
    )
    target = convert(text)
    told = (target / "model.json").read_text()
    assert "--signature_name=serve saved " in told
    assert told.endswith(str(target))


def test_an_operation_that_tensorflow_js_lacks_is_unsupported_in_the_converters_words(convert):
    text = "raise SystemExit('ValueError: Unsupported Ops in the model before optimization\\nBlockLSTM')"
    with pytest.raises(Unsupported, match="Unsupported Ops in the model before optimization BlockLSTM"):
        convert(text)


def test_another_failure_is_no_evidence_about_the_framework(convert):
    with pytest.raises(RuntimeError, match="disk is full"):
        convert("raise SystemExit('the disk is full')")


def test_a_converter_that_ends_well_and_wrote_nothing_is_a_failure(convert):
    with pytest.raises(RuntimeError, match="printed nothing"):
        convert("")
