"""LiteRT from PyTorch: what is said of a tool that is not here, and of a batch axis that it refuses.

litert-torch is stood in for: it needs an older torch, and minutes. tox -e torch-litert-cpu runs the real one.
"""

from __future__ import annotations

import pathlib
import sys
import types

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import Dense, Network, Unavailable, Unsupported  # noqa: E402
from fwconformance.frameworks.pytorch import _export_litert, create  # noqa: E402

INPUTS = np.arange(12, dtype=np.float32).reshape(3, 4) / 10


class Converted:
    def export(self, path):
        pathlib.Path(path).write_text("written")


@pytest.fixture
def pytorch():
    return create()


@pytest.fixture
def model(pytorch):
    return pytorch.build(Network(layers=(Dense(units=2),), input_shape=(4,)))


@pytest.fixture
def stand_in(monkeypatch):
    """litert_torch, whose `convert` is the function given; returns what it was called with."""

    def plant(convert):
        called = []

        def record(module, example, **named):
            called.append((module, example, named, module_in_place.config.show_progress))
            return convert(**named)

        module_in_place = types.ModuleType("litert_torch")
        module_in_place.config = types.SimpleNamespace(show_progress=True)
        module_in_place.convert = record
        monkeypatch.setitem(sys.modules, "litert_torch", module_in_place)
        monkeypatch.setattr(_export_litert, "importable", lambda _: True)
        return called

    return plant


def test_where_it_is_not_installed_the_environment_that_has_it_is_named(pytorch, model, monkeypatch, tmp_path):
    monkeypatch.setattr(_export_litert, "importable", lambda _: False)
    with pytest.raises(Unavailable, match="`tox -e torch-litert-cpu` has it"):
        pytorch.piece("export-litert").export(model, INPUTS, str(tmp_path))


def test_the_converter_is_handed_the_module_in_inference_mode_without_its_progress(pytorch, model, stand_in, tmp_path):
    called = stand_in(lambda **_: Converted())
    artifact = pytorch.piece("export-litert").export(model, INPUTS, str(tmp_path))
    ((module, (example,), named, progress),) = called
    assert not module.training
    assert example.shape == (3, 4)
    assert named == {}
    assert progress is False
    assert sys.modules["litert_torch"].config.show_progress is True
    assert (tmp_path / artifact["file"]).read_text() == "written"


@pytest.mark.parametrize(
    "error",
    [
        TypeError("Shapes must be 1D sequences of concrete values of integer type, got (JitTracer(int32[]),)."),
        TypeError("Only non-negative indices are allowed when broadcasting static shapes"),
        AssertionError("float32[-9223372036854775808,3]\nWhile executing %mul"),
    ],
)
def test_a_batch_axis_that_it_refuses_is_unsupported_in_its_words(pytorch, model, stand_in, tmp_path, error):
    def convert(**named):
        raise error

    stand_in(convert)
    with pytest.raises(Unsupported) as caught:
        pytorch.piece("export-litert").export_any_batch(model, INPUTS, str(tmp_path))
    assert str(error).splitlines()[0] in str(caught.value)


def test_where_it_takes_any_batch_the_file_is_written(pytorch, model, stand_in, tmp_path):
    """The probe flips: nothing is refused that exists."""
    called = stand_in(lambda **_: Converted())
    artifact = pytorch.piece("export-litert").export_any_batch(model, INPUTS, str(tmp_path))
    assert set(called[0][2]) == {"dynamic_shapes"}
    assert (tmp_path / artifact["file"]).is_file()


@pytest.mark.parametrize("kind", [TypeError, AssertionError])
def test_another_error_of_the_converter_is_no_refusal(pytorch, model, stand_in, tmp_path, kind):
    def convert(**named):
        raise kind("something else")

    stand_in(convert)
    with pytest.raises(kind, match="something else"):
        pytorch.piece("export-litert").export_any_batch(model, INPUTS, str(tmp_path))
