"""Idiomatic programs: what is run, what is kept of it, and whose counts are given."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from fwconformance.evidence import Level
from fwconformance.frameworks import NotAdapted, Unsupported
from fwconformance.frameworks._idiomatic import ROOTS, Idiom
from fwconformance.registry import fixtures_dir, load_registry
from fwconformance.suitekit import _idioms
from fwconformance.suitekit._program_counts import imports_of

PROGRAM = """
from tasks import report, wine

# Data
(x_train, y_train), (x_test, y_test) = wine()

# Model and training
model = {accuracy}

# Result
report(model)
"""


class OneOfOurs:
    """A framework as a seam shows it, whose programs a test writes."""

    name, backend, device = "numpy", "", "cpu"

    def versions(self):
        return {"numpy": "1"}


@pytest.fixture
def case(make_case):
    return make_case("usability.program-size", "mlp-classifier")


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes the programs of `OneOfOurs`, whose runs are kept in a folder of the test's own."""
    for name in ("numpy", "shared"):
        (tmp_path / "usability" / name).mkdir(parents=True)
    (tmp_path / "data").symlink_to(fixtures_dir() / "data")
    tasks = fixtures_dir() / "usability" / "shared" / "tasks.py"
    (tmp_path / "usability" / "shared" / "tasks.py").write_bytes(tasks.read_bytes())
    monkeypatch.setattr(_idioms, "fixtures_dir", lambda: tmp_path)
    monkeypatch.setattr(_idioms, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setitem(ROOTS, "numpy", ("numpy",))

    def write(accuracy, task="mlp-classifier"):
        (tmp_path / "usability" / "numpy" / f"{task}.py").write_text(PROGRAM.format(accuracy=accuracy))

    return write


def test_a_program_that_reaches_its_bound_passes(case, written):
    """With what it reached as a figure."""
    written("0.95")
    _idioms.check_program(case, OneOfOurs(), "mlp-classifier")
    assert (case.figures["held-out accuracy"].value, case.stated) == (0.95, Level.HARDWARE)


@pytest.mark.parametrize("check", [_idioms.check_program, _idioms.counts])
@pytest.mark.parametrize(
    ("accuracy", "said"),
    [("0.4", "reached 0.400"), ("1 / 0", "ZeroDivisionError"), ("float('nan')", "reached nan")],
)
def test_one_that_does_not_fails_and_counts_for_nothing(case, written, check, accuracy, said):
    """Whether it is run or counted."""
    written(accuracy)
    with pytest.raises(AssertionError, match=said):
        check(case, OneOfOurs(), "mlp-classifier")
    assert case.stated is None


def test_one_that_reports_nothing_fails(case, written, tmp_path):
    written("0.95")
    path = tmp_path / "usability" / "numpy" / "mlp-classifier.py"
    path.write_text(path.read_text().replace("report(model)", "print(model)"))
    with pytest.raises(AssertionError, match="reported no accuracy"):
        _idioms.check_program(case, OneOfOurs(), "mlp-classifier")


def test_counts_follow_a_run_that_is_kept_and_a_changed_program_is_run_again(case, written, monkeypatch):
    """So that no count speaks for bytes that were not run here."""
    ran = []
    original = _idioms._run
    monkeypatch.setattr(_idioms, "_run", lambda path, framework: ran.append(path) or original(path, framework))
    written("0.95")
    for _ in range(2):
        assert _idioms.counts(case, OneOfOurs(), "mlp-classifier").model_statements == 1
    assert len(ran) == 1
    written("0.96")
    _idioms.counts(case, OneOfOurs(), "mlp-classifier")
    monkeypatch.setattr(Idiom, "prelude", "pass\n")
    _idioms.counts(case, OneOfOurs(), "mlp-classifier")
    assert len(ran) == 3


def test_an_old_run_speaks_for_nothing(case, written, monkeypatch):
    written("0.95")
    _idioms.check_program(case, OneOfOurs(), "mlp-classifier")
    monkeypatch.setattr(_idioms, "_KEPT", -1.0)
    assert _idioms._kept(_idioms.program(OneOfOurs(), "mlp-classifier"), OneOfOurs()) is None


def test_few_statements_are_ten_at_most(case, written):
    """More of them are no fault: the framework has no such short form."""
    written("0.95", "image-classifier")
    _idioms.check_few_statements(case, OneOfOurs())
    written("0.95\nfor _ in range(2):\n    pass" + "\nmodel = model" * 9, "image-classifier")
    with pytest.raises(Unsupported, match="12 statements to define and train, more than 10"):
        _idioms.check_few_statements(case, OneOfOurs())


def test_the_ordinary_program_stands_for_graph_mode_where_there_is_no_other(written):
    written("0.95")
    assert _idioms.program(OneOfOurs(), "graph-mode-mlp").stem == "mlp-classifier"
    with pytest.raises(NotAdapted, match="no idiomatic program of numpy for graph-mode-image-classifier"):
        _idioms.program(OneOfOurs(), "graph-mode-image-classifier")


def test_no_program_speaks_for_an_accelerator_or_for_a_framework_without_any(written):
    """Both are gaps of ours."""
    written("0.95")
    other = OneOfOurs()
    other.device = "cuda:0"
    with pytest.raises(NotAdapted, match="on the CPU here"):
        _idioms.program(other, "mlp-classifier")
    other.device, other.name = "cpu", "unheard-of"
    with pytest.raises(NotAdapted, match="no idiomatic programs for unheard-of"):
        _idioms.program(other, "mlp-classifier")


@pytest.mark.parametrize("name", ROOTS)
def test_each_framework_has_a_program_for_each_task_that_is_divided_and_its_own(name):
    """It imports its framework, the tasks, and Python's own library, and nothing else."""
    for task in _idioms.BOUNDS:
        path = _idioms._find(Idiom(framework=name), task)
        found = _idioms.counts_of(path, name)
        assert found.tokens > 50
        assert any(each.split(".")[0] == ROOTS[name][0] for each in found.names)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {full.split(".")[0] for full in imports_of(tree).values()}
        assert modules <= {*ROOTS[name], "tasks", "pathlib"}, path


def test_the_cases_are_the_tasks():
    """Of each capability that speaks of programs one by one."""
    capabilities = load_registry().capabilities
    for name in ("idiomatic-programs", "program-size", "concepts"):
        assert [one.id for one in capabilities[f"usability.{name}"].cases] == list(_idioms.BOUNDS)


def test_each_pair_of_frameworks_is_compared():
    found = _idioms.likenesses()
    assert len(found) == len(ROOTS) * (len(ROOTS) - 1) / 2
    assert all(0 < each < 1 for each in found.values())


@pytest.mark.parametrize(("task", "held_out"), [("wine", 58), ("digits", 397), ("sentences", 400)])
def test_no_row_that_is_held_out_is_trained_on(task, held_out):
    """And both parts are the same in every process."""
    script = (
        f"import tasks\n(x, y), (u, v) = tasks.{task}()\n"
        "seen = {row.tobytes() for row in x}\n"
        "print(len(u), len(v) == len(u), any(row.tobytes() in seen for row in u), x.sum(), u.sum())"
    )
    command = [sys.executable, "-c", script]
    folder = fixtures_dir() / "usability" / "shared"
    first, second = (subprocess.run(command, cwd=str(folder), stdout=subprocess.PIPE, check=True).stdout for _ in "ab")
    assert first == second
    assert first.decode().split()[:3] == [str(held_out), "True", "False"]


def test_what_programs_find_beside_themselves_hides_no_framework():
    """A folder named like a framework on the path would be taken for one that is not installed."""
    assert [path.name for path in (fixtures_dir() / "usability" / "shared").iterdir() if path.suffix] == ["tasks.py"]
