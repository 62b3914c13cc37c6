"""Reading a matrix document."""

from __future__ import annotations

import json

import pytest

import fwconformance
from fwconformance.matrix import MatrixError, Suite, build_matrix, load_matrix, matrix_from_json


@pytest.fixture
def matrix(world):
    return build_matrix([world.shard(), world.shard("torch-cpu")], world.registry)


@pytest.fixture
def path(matrix, tmp_path):
    path = tmp_path / "matrix.json"
    path.write_text(matrix.dumps(), encoding="utf-8")
    return path


def test_a_file_reads_back_as_typed_objects(matrix, path):
    """The public name at the top of the package."""
    assert fwconformance.load_matrix(path) == matrix
    assert fwconformance.load_matrix(str(path)).cell("train.sgd", "torch-cpu").status.value == "supported"


def test_a_report_folder_is_read_by_its_matrix(matrix, path, tmp_path):
    """As `fwconformance render` and `show` take it."""
    assert load_matrix(tmp_path) == matrix
    path.unlink()
    with pytest.raises(MatrixError, match=r"matrix\.json: cannot be read: No such file"):
        load_matrix(tmp_path)


def test_fields_that_are_not_known_are_ignored(matrix):
    """A newer minor version only adds some."""
    document = matrix.to_json()
    document.update(schema="fwconformance.matrix/1.7", extra=1)
    for name in ("columns", "capabilities", "cells", "claims", "records", "findings"):
        document[name][0]["extra"] = 1
    document["cells"][0]["cases"] = [{**case, "extra": 1} for case in document["cells"][0]["cases"]]
    document["claims"][0]["verdicts"][0]["extra"] = 1
    assert matrix_from_json(document) == matrix


def test_a_newer_major_version_asks_for_an_upgrade(path):
    """Naming both."""
    path.write_text(json.dumps({"schema": "fwconformance.matrix/2"}))
    with pytest.raises(
        MatrixError, match=r"matrix.json: was made by a newer fwconformance .*/2; this one reads .*upgrade"
    ):
        load_matrix(path)


@pytest.mark.parametrize("text", ["", "{", "nonsense", '{"schema": NaN}', "\x00"])
def test_what_is_no_json_is_said_to_be_so(path, text):
    """With what to do."""
    path.write_text(text)
    with pytest.raises(MatrixError, match=r"matrix.json: is no JSON, or a part of it .*copy it again"):
        load_matrix(path)


def test_every_truncation_is_an_error(path):
    """At no place does half a file pass for a whole one."""
    data = path.read_bytes().rstrip()
    for end in range(0, len(data), max(1, len(data) // 50)):
        path.write_bytes(data[:end])
        with pytest.raises(MatrixError):
            load_matrix(path)


@pytest.mark.parametrize("document", [[], {}, {"schema": 1}, {"schema": "fwconformance.shard/1"}, None, "text"])
def test_another_document_is_no_matrix(path, document):
    """The schema says what a file is."""
    path.write_text(json.dumps(document))
    with pytest.raises(MatrixError, match="is no matrix of fwconformance"):
        load_matrix(path)


@pytest.mark.parametrize(
    "name", ["suites", "columns", "capabilities", "cells", "claims", "records", "findings", "proofs"]
)
def test_a_missing_part_is_named(matrix, name):
    """None of them is optional."""
    document = matrix.to_json()
    del document[name]
    with pytest.raises(MatrixError, match=f"'{name}' is missing"):
        matrix_from_json(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(cells={}),
        lambda document: document["cells"][0].update(status="green"),
        lambda document: document["cells"].append(None),
        lambda document: document["claims"][0]["verdicts"][0].update(answer="yes"),
        lambda document: document["columns"][0].update(era="1990"),
        lambda document: document["cells"][0].update(level=7),
    ],
)
def test_a_wrong_value_is_an_error(matrix, change):
    """Never a matrix that is half right."""
    document = matrix.to_json()
    change(document)
    with pytest.raises(MatrixError, match="is not as a matrix should be"):
        matrix_from_json(document)


def test_a_file_that_is_not_there_says_why(tmp_path):
    """In the system's words."""
    with pytest.raises(MatrixError, match=r"none\.json: cannot be read: No such file"):
        load_matrix(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda matrix: matrix.cell("layers.none", "keras-cpu"), "no capability 'layers.none'"),
        (lambda matrix: matrix.cell("train.sgd", "keras-gpu"), "its environments are: keras-cpu, torch-cpu"),
        (lambda matrix: matrix.column("keras-cpu", "elsewhere"), "no column keras-cpu labelled 'elsewhere'"),
        (lambda matrix: matrix.claim("keras.none"), "no claim 'keras.none'"),
    ],
)
def test_a_question_about_what_is_not_there_says_what_is(matrix, ask, words):
    """Instead of a KeyError."""
    with pytest.raises(MatrixError, match=words):
        ask(matrix)


def test_who_judged_reads_back(world):
    """As part of the document."""
    judge = Suite(version="0.1.0", content=world.suite)
    matrix = build_matrix([world.shard()], world.registry, judged_by=judge)
    assert matrix_from_json(json.loads(matrix.dumps())).judged_by == judge


def test_a_document_of_before_the_judge_was_kept_still_loads(matrix):
    """The field came later."""
    document = matrix.to_json()
    del document["judged_by"]
    assert matrix_from_json(document) == matrix


def _again(document, name):
    document[name].append(document[name][0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda document: _again(document, "columns"), r"columns that stand twice: keras-cpu \(a box"),
        (lambda document: _again(document, "capabilities"), "capabilities that stand twice: backend.own"),
        (lambda document: _again(document, "claims"), "claims that stand twice: keras.gpu"),
        (lambda document: _again(document, "cells"), r"cells that stand twice: backend.own in keras-cpu \(a box"),
        (
            lambda document: document["cells"].append({**document["cells"][0], "environment": "nowhere"}),
            "cells of a column that is not there: backend.own in nowhere",
        ),
        (
            lambda document: document["cells"].append({**document["cells"][0], "capability": "no.such"}),
            "cells of a capability that is not there: no.such in keras-cpu",
        ),
        (lambda document: document["cells"].pop(0), "cells that are missing: backend.own in keras-cpu"),
        (lambda document: document["cells"].clear(), "cells that are missing: .* and 5 more"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(path, matrix, change, words):
    """The first rows of each kind are named; the reader never picks one of two."""
    document = matrix.to_json()
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(MatrixError, match=rf"matrix.json: contradicts itself: (.*; )?{words}"):
        load_matrix(path)
