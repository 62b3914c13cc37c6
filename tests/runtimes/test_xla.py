"""XLA as a judge of programs. These tests need the interpreter of the tox environment `runtimes`."""

from __future__ import annotations

import importlib.util
import os
import pathlib

import pytest

np = pytest.importorskip("numpy")

from fwconformance.frameworks import Unavailable  # noqa: E402
from fwconformance.runtimes import VARIABLE, Argument, ProgramRefused, compile_program  # noqa: E402

needs_xla = pytest.mark.skipif(
    not pathlib.Path(os.environ.get(VARIABLE, "")).is_file() and importlib.util.find_spec("libtpu") is None,
    reason=f"{VARIABLE} names no interpreter with XLA",
)

DOUBLED = """
module @doubled {
  func.func public @main(%x: tensor<4xf32>) -> (tensor<4xf32>) {
    %y = stablehlo.add %x, %x : tensor<4xf32>
    return %y : tensor<4xf32>
  }
}
"""

# 100,000 by 100,000 floats are 40 GB; a v5e has 16.
TOO_LARGE = """
module @too_large {
  func.func public @main(%x: tensor<100000x100000xf32>) -> (tensor<100000x100000xf32>) {
    %y = stablehlo.dot_general %x, %x, contracting_dims = [1] x [0]
        : (tensor<100000x100000xf32>, tensor<100000x100000xf32>) -> tensor<100000x100000xf32>
    return %y : tensor<100000x100000xf32>
  }
}
"""

# The eigenvalues of a matrix that is not symmetric are LAPACK's work, which a TPU has not.
EIG = """
module @eig {
  func.func public @main(%x: tensor<4x4xf32>) -> (tensor<4xcomplex<f32>>) {
    %y = stablehlo.custom_call @lapack_sgeev_ffi(%x) {api_version = 4 : i32}
        : (tensor<4x4xf32>) -> tensor<4xcomplex<f32>>
    return %y : tensor<4xcomplex<f32>>
  }
}
"""


def written(tmp_path, text):
    path = tmp_path / "program.mlir"
    path.write_text(text, encoding="utf-8")
    return path


@needs_xla
def test_program_runs_and_compiles(tmp_path):
    """A sum runs on the CPU and compiles for a v5e: values, code and the device's name come back."""
    seen = compile_program(
        written(tmp_path, DOUBLED),
        [Argument(values=np.arange(4, dtype=np.float32))],
        platform="tpu",
        topology="v5e:2x2",
    )
    assert seen.results[0][0].tolist() == [0.0, 2.0, 4.0, 6.0]
    assert seen.target == "TPU v5 lite"
    assert seen.memory["generated_code"] > 0


@needs_xla
def test_program_that_does_not_fit_is_refused(tmp_path):
    """A product of 40 GB operands is refused for a chip with 16 GB."""
    with pytest.raises(ProgramRefused, match="RESOURCE_EXHAUSTED") as refused:
        compile_program(written(tmp_path, TOO_LARGE), platform="tpu", topology="v5e:2x2", run=False)
    assert refused.value.stage == "compile"


@needs_xla
def test_operation_that_a_tpu_lacks_is_refused(tmp_path):
    """LAPACK's eigenvalues do not compile for a TPU."""
    with pytest.raises(ProgramRefused, match=r"lapack_sgeev|custom.call") as refused:
        compile_program(written(tmp_path, EIG), platform="tpu", topology="v5e:2x2", run=False)
    assert refused.value.stage == "compile"


@needs_xla
def test_broken_program_is_refused(tmp_path):
    """What is no MLIR is XLA's to refuse, with a message."""
    with pytest.raises(ProgramRefused):
        compile_program(written(tmp_path, "module {"), run=True)


def test_nowhere(monkeypatch, tmp_path):
    """Where no interpreter has XLA, the message says what to install."""
    if importlib.util.find_spec("libtpu") is not None:
        pytest.skip("libtpu is installed here")
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(Unavailable, match="jax and libtpu"):
        compile_program(written(tmp_path, DOUBLED), platform="tpu", topology="v5e:2x2")
