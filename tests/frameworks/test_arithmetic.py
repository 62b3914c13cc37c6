"""Which libraries compute, as frameworks and processes tell it."""

from __future__ import annotations

import types

import numpy as np

from fwconformance.frameworks._arithmetic import linked, of_numpy, of_torch

MAPS = """\
7f0 r-xp 00000000 08:01 1 /usr/lib/x86_64-linux-gnu/libc.so.6
7f1 r-xp 00000000 08:01 2 /usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblasp-r0.3.21.so
7f2 r-xp 00000000 08:01 3 /env/lib/python3.11/site-packages/numpy.libs/libopenblas64_p-r0.so
7f3 r-xp 00000000 08:01 4 /env/lib/python3.11/site-packages/scipy/linalg/_fblas.so
7f4 rw-p 00000000 00:00 0
"""


def test_a_process_shows_its_blas_and_not_that_of_numpy(tmp_path):
    (tmp_path / "maps").write_text(MAPS)
    assert linked(tmp_path / "maps") == "libopenblasp-r0.3.21.so"


def test_a_system_without_such_a_file_says_so(tmp_path):
    assert linked(tmp_path / "maps") == "not told by this system"
    (tmp_path / "maps").write_text(MAPS.splitlines()[0])
    assert linked(tmp_path / "maps") == "none that this process shows"


def test_torch_tells_how_it_was_built():
    told = (
        "- Intel(R) oneAPI Math Kernel Library Version 2024.2-Product Build\n- Intel(R) MKL-DNN v3.13.3 (Git Hash b3)"
    )
    torch = types.SimpleNamespace(__config__=types.SimpleNamespace(show=lambda: told))
    assert of_torch(torch) == "MKL 2024.2, oneDNN 3.13.3"
    torch.__config__.show = lambda: "- NNPACK is enabled"
    assert of_torch(torch) == "not told by torch.__config__"


def test_numpy_tells_its_blas():
    assert "blas" in of_numpy(np).lower()
