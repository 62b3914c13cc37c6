"""An artifact run by another program: what comes back, and how each way of going wrong is told apart."""

from __future__ import annotations

import os
import sys
import time

import numpy as np
import pytest

from fwconformance.frameworks import Artifact, Unavailable
from fwconformance.processes import Hung
from fwconformance.runtimes import BatchRefused, RuntimeFailed

TWICE = """
    import _serve

    def load(request):
        return (lambda values: values * 2), "toy 1.2"

    _serve.serve(load)
"""


def test_each_batch_comes_back_computed_with_the_runtime_that_did(ask, batches):
    ran = ask(TWICE)
    assert ran.runtime == "toy 1.2"
    assert 0 < ran.seconds < 20
    for output, batch in zip(ran.outputs, batches):
        assert output.dtype == batch.dtype
        assert np.array_equal(output, batch * 2)


def test_programs_find_what_lies_beside_them_under_the_supervisor_too(ask, monkeypatch):
    """Its processes are told to leave the folder of a script out of their path, and so are those that they start."""
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    assert ask(TWICE).runtime == "toy 1.2"
    monkeypatch.setenv("FWCONFORMANCE_RUNTIMES", sys.executable)
    assert ask(TWICE).runtime == "toy 1.2"


def test_a_batch_that_does_not_lie_in_one_piece_arrives_as_it_is(ask):
    turned = np.arange(24, dtype=np.float32).reshape(2, 3, 4).transpose(0, 2, 1)
    assert np.array_equal(ask(TWICE, given=[turned]).outputs[0], turned * 2)


def test_the_program_is_told_where_file_and_entry_lie(ask, tmp_path):
    (tmp_path / "weights.bin").write_bytes(b"")
    program = """
        import _serve
        import numpy as np

        def load(request):
            return (lambda values: np.frombuffer((request["file"] + "|" + request["entry"]).encode(), "u1")), "toy"

        _serve.serve(load)
    """
    told = ask(program, artifact=Artifact(file="model.bin", entry="weights.bin")).outputs[0].tobytes().decode()
    assert told == f"{tmp_path / 'model.bin'}|{tmp_path / 'weights.bin'}"
    told = ask(program, artifact=Artifact(file="model.bin", entry="a_signature")).outputs[0].tobytes().decode()
    assert told.endswith("|a_signature")


def test_a_refused_batch_says_which_and_by_whom(ask):
    program = """
        import _serve

        def load(request):
            def call(values):
                if len(values) != 2:
                    raise ValueError("batch\\n is 2")
                return values
            return call, "toy 1.2"

        _serve.serve(load)
    """
    with pytest.raises(BatchRefused, match=r"^ValueError: batch is 2$") as caught:
        ask(program)
    assert (caught.value.batch, caught.value.runtime) == (1, "toy 1.2")


def test_a_file_that_does_not_load_is_no_matter_of_a_batch(ask):
    with pytest.raises(RuntimeFailed, match="toy does not load the file: OSError: no such file"):
        ask('import _serve\ndef load(request): raise OSError("no such file")\n_serve.serve(load)')


def test_a_crash_says_how_it_ended_and_what_it_printed(ask):
    with pytest.raises(RuntimeFailed, match=r"toy ended \(SIGSEGV: invalid memory access\).*last words"):
        ask('import os\nprint("last words", flush=True)\nos.kill(os.getpid(), 11)')


def test_a_program_that_ends_without_an_answer_is_no_answer(ask):
    with pytest.raises(RuntimeFailed, match=r"toy ended \(exit code 0\) without an answer"):
        ask("")


def test_a_hang_is_cut_and_nothing_is_left_of_it(ask, tmp_path):
    program = f"""
        import os, pathlib, time

        pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
        time.sleep(60)
    """
    start = time.monotonic()
    with pytest.raises(Hung, match="toy: no end after"):
        ask(program, limit=1.5)
    assert time.monotonic() - start < 15
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_no_scratch_folder_is_left(ask, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    ask(TWICE)
    with pytest.raises(RuntimeFailed):
        ask("")
    assert list(scratch.iterdir()) == []


def test_a_runtime_that_is_nowhere_says_what_to_do(ask):
    with pytest.raises(Unavailable, match=r"toy-package is not installed.*names no interpreter.*`tox -e runtimes`"):
        ask(TWICE, modules=("no_such_module_of_ours",))


def test_a_variable_that_names_nothing_says_so(ask, monkeypatch, tmp_path):
    monkeypatch.setenv("FWCONFORMANCE_RUNTIMES", str(tmp_path / "nothing"))
    with pytest.raises(Unavailable, match="the interpreter that FWCONFORMANCE_RUNTIMES names is not there"):
        ask(TWICE, modules=("no_such_module_of_ours",))


def test_an_interpreter_without_the_runtime_says_so(ask, monkeypatch):
    monkeypatch.setenv("FWCONFORMANCE_RUNTIMES", sys.executable)
    with pytest.raises(
        Unavailable, match=r"the interpreter that FWCONFORMANCE_RUNTIMES names lacks it.*ModuleNotFoundError"
    ):
        ask(TWICE, modules=("no_such_module_of_ours",))


def test_a_runtime_bound_to_the_framework_is_looked_for_beside_it_alone(ask, monkeypatch):
    monkeypatch.setenv("FWCONFORMANCE_RUNTIMES", sys.executable)
    with pytest.raises(Unavailable, match=r"install toy-package$"):
        ask(TWICE, modules=("no_such_module_of_ours",), independent=False)


def test_where_the_named_interpreter_lacks_it_the_one_beside_the_framework_is_used(ask, monkeypatch, tmp_path):
    # A module that only this interpreter can find: the named one is started without our path.
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "only_here.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "here"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "here"))
    monkeypatch.setenv("FWCONFORMANCE_RUNTIMES", sys.executable)
    assert ask(TWICE, modules=("only_here",)).runtime == "toy 1.2"


def test_the_backend_of_keras_reaches_the_program(ask, monkeypatch, tmp_path, batches):
    program = """
        import os

        import _serve

        _serve.serve(lambda request: ((lambda values: values), os.environ.get("KERAS_BACKEND", "none")))
    """
    from fwconformance.runtimes import run

    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert ask(program).runtime == "none"
    ran = run("toy", Artifact(file="model.bin"), tmp_path, batches, backend="jax")
    assert ran.runtime == "jax"
