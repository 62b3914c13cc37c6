"""tf2onnx of 2020, played by a stand-in: what its command is told, and what is said of how it ends."""

from __future__ import annotations

import sys

import pytest

from fwconformance.frameworks import _tf2onnx

TABLE = "OPSET_TO_IR_VERSION = {8: 4, 12: 7, 11: 6}"
WRITES = "import sys\nopen(sys.argv[sys.argv.index('--output') + 1], 'w').write(' '.join(sys.argv[1:]))"


@pytest.fixture
def convert(tmp_path, monkeypatch):
    """Run `_tf2onnx.convert_saved_model` with this text in the place of tf2onnx.convert."""
    package = tmp_path / "tf2onnx"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "constants.py").write_text(TABLE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "tf2onnx"]:
        monkeypatch.delitem(sys.modules, name)
    target = tmp_path / "model.onnx"

    def run(text):
        (package / "convert.py").write_text(text)
        _tf2onnx.convert_saved_model("saved", str(target), "serve")
        return target

    yield run
    for name in [name for name in sys.modules if name.partition(".")[0] == "tf2onnx"]:
        del sys.modules[name]


def test_it_is_told_the_model_the_signature_and_the_newest_opset(convert):
    told = convert(WRITES).read_text()
    assert told.startswith("--saved-model saved --signature_def serve --tag serve --opset 12 --output ")


def test_a_converter_that_fails_is_told_of_by_its_last_words(convert):
    with pytest.raises(RuntimeError, match="does not convert the SavedModel: the disk is full"):
        convert("raise SystemExit('the disk is full')")


def test_a_converter_that_ends_well_and_wrote_nothing_is_a_failure(convert):
    with pytest.raises(RuntimeError, match="does not convert the SavedModel"):
        convert("")


def test_the_module_is_imported_by_its_whole_name(convert):
    convert(
        f"if __name__ == '__main__':\n    {WRITES.splitlines()[0]}\n    {WRITES.splitlines()[1]}\nfrom_function = 5"
    )
    assert _tf2onnx.convert_module().from_function == 5
