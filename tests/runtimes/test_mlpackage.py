"""A Core ML package read back: written here byte by byte, as the published formats say."""

from __future__ import annotations

import json
import struct
import sys

import pytest

np = pytest.importorskip("numpy")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from fwconformance.runtimes import _places  # noqa: E402

FLOAT32, INT32, STRING = 11, 23, 2


@pytest.fixture(scope="module")
def mlpackage():
    """The program's module, found as in its own process."""
    sys.path.insert(0, str(_places.PROGRAMS))
    try:
        import _mlpackage
    finally:
        sys.path.remove(str(_places.PROGRAMS))
    yield _mlpackage
    del sys.modules["_mlpackage"]


def varint(value):
    value &= (1 << 64) - 1
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])


def number(field, value):
    return varint(field << 3) + varint(value)


def message(field, *parts):
    content = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return varint(field << 3 | 2) + varint(len(content)) + content


def entry(field, key, content):
    return message(field, message(1, key), message(2, content))


def kind(dtype, *shape):
    sizes = [message(3, message(2) if size is None else message(1, number(1, size))) for size in shape]
    return message(1, number(1, dtype), number(2, len(shape)), *sizes)


def constant(name, dtype, shape, *value):
    held = message(2, kind(dtype, *shape)) + b"".join(value)
    return message(3, message(1, "const"), message(3, message(1, name), message(2, kind(dtype, *shape))),
                   entry(5, "val", held))  # fmt: skip


def immediate(field, content):
    return message(3, message(1, message(field, content)))


def package(folder, *operations, functions=("main",), weights=b""):
    bounds = [message(1, number(1, 1), number(2, -1)), message(1, number(1, 2), number(2, 2))]
    array = message(5, message(31, *bounds))
    block = b"".join(operations) + message(2, "sum")
    main = message(1, message(1, "x"), message(2, kind(FLOAT32, None, 2))) + message(2, "CoreML6")
    main += entry(3, "CoreML6", block)
    program = message(502, *(entry(2, name, main) for name in functions)) if functions else message(500)
    model = number(1, 7) + message(2, message(1, message(1, "x"), message(3, array))) + program
    place = folder / "Data" / "com.apple.CoreML"
    (place / "weights").mkdir(parents=True)
    (place / "model.mlmodel").write_bytes(model)
    (place / "weights" / "weight.bin").write_bytes(weights)
    manifest = {"rootModelIdentifier": "id", "itemInfoEntries": {"id": {"path": "com.apple.CoreML/model.mlmodel"}}}
    (folder / "Manifest.json").write_text(json.dumps(manifest))
    return folder


def in_file(offset):
    return message(5, message(1, "@model_path/weights/weight.bin"), number(2, offset))


def blob(dtype, content):
    """The table of the file, one record, and its values at byte 128."""
    return bytes(64) + struct.pack("<IIQQ", 0xDEADBEEF, dtype, len(content), 128).ljust(64, b"\0") + content


def test_inputs_operations_and_outputs_come_back(mlpackage, tmp_path):
    bindings = message(1, message(1, "x")), message(1, message(1, "w"))
    added = message(
        3, message(1, "add"), *(entry(2, name, each) for name, each in zip("xy", bindings)),
        message(3, message(1, "sum"), message(2, kind(FLOAT32, None, 2))),
    )  # fmt: skip
    kept = constant("w", FLOAT32, (2,), in_file(64))
    values = np.array([1.5, -2.5], dtype="<f4")
    program = mlpackage.read(package(tmp_path, kept, added, weights=blob(2, values.tobytes())))
    assert program.inputs == [("x", ("<f4", (None, 2)))]
    assert program.ranges == {"x": [(1, None), (2, 2)]}
    assert (program.outputs, program.opset) == (["sum"], "CoreML6")
    first, second = program.operations
    assert first.value.tolist() == [1.5, -2.5]
    assert (second.kind, second.inputs) == ("add", {"x": ["x"], "y": ["w"]})
    assert second.outputs == [("sum", ("<f4", (None, 2)))]


@given(values=st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=5))
def test_packed_integers_keep_their_values_and_signs(mlpackage, tmp_path_factory, values):
    content = message(1, b"".join(map(varint, values)))
    folder = package(tmp_path_factory.mktemp("p"), constant("c", INT32, (len(values),), immediate(2, content)))
    assert mlpackage.read(folder).operations[0].value.tolist() == values


def test_floats_words_and_an_empty_number_come_back(mlpackage, tmp_path):
    program = mlpackage.read(
        package(
            tmp_path,
            constant("f", FLOAT32, (2,), immediate(1, message(1, np.array([0.5, 4], "<f4").tobytes()))),
            constant("s", STRING, (), immediate(4, message(1, "valid"))),
        )
    )
    assert [each.value.tolist() for each in program.operations] == [[0.5, 4.0], "valid"]


def test_weights_that_are_not_where_the_program_says_are_no_weights(mlpackage, tmp_path):
    folder = package(tmp_path, constant("w", FLOAT32, (1,), in_file(0)), weights=blob(2, bytes(4)))
    with pytest.raises(ValueError, match=r"weight\.bin has no weights at byte 0"):
        mlpackage.read(folder)


def test_weights_of_another_type_are_refused(mlpackage, tmp_path):
    folder = package(tmp_path, constant("w", FLOAT32, (1,), in_file(64)), weights=blob(1, bytes(4)))
    with pytest.raises(ValueError, match="have data type 1, not <f4"):
        mlpackage.read(folder)


@pytest.mark.parametrize(
    ("functions", "said"), [((), "is no ML program"), (("main", "more"), "the functions main, more")]
)
def test_a_model_that_is_no_program_of_one_function_is_refused(mlpackage, tmp_path, functions, said):
    with pytest.raises(ValueError, match=said):
        mlpackage.read(package(tmp_path, functions=functions))


def test_a_file_that_is_cut_off_is_refused(mlpackage, tmp_path):
    folder = package(tmp_path)
    file = folder / "Data" / "com.apple.CoreML" / "model.mlmodel"
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(ValueError, match="no whole protocol buffer"):
        mlpackage.read(folder)
