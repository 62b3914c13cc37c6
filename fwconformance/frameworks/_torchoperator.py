"""An operator of a user's own for PyTorch, and for Keras on it: how it is compiled and where it is then. torch is
handed in.
"""

from __future__ import annotations

import pathlib
from typing import Any, Mapping

from fwconformance.frameworks._pieces_extend import operator_project
from fwconformance.frameworks._protocol import Unavailable


def project(torch: Any) -> Mapping[str, Any]:
    """`Project(...).to_json()` of the library. Raises Unavailable where torch has no headers."""
    package = pathlib.Path(torch.__file__).parent
    if not (package / "include" / "torch" / "library.h").is_file():
        raise Unavailable("this torch was installed without its headers: install the wheel of torch.org or PyPI")
    version = str(torch.__version__)
    settings = {
        "TORCH_ROOT": str(package),
        "TORCH_BUILD": version,
        "TORCH_CXX11_ABI": "1" if torch.compiled_with_cxx11_abi() else "0",
    }
    return operator_project("pytorch", "pytorch", "libtorch of the installed torch", settings, version).to_json()


def operator(torch: Any, library: str) -> Any:
    """The operator out of the file `library`, on float32 tensors of the CPU, with its gradient."""
    torch.ops.load_library(library)
    return torch.ops.fwconformance.tamed_cube
