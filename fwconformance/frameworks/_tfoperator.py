"""An operator of a user's own for TensorFlow, and for Keras on it: how it is compiled and where it is then. tf is
handed in.
"""

from __future__ import annotations

import functools
import pathlib
import re
from typing import Any, Mapping

from fwconformance.frameworks._pieces_extend import operator_project
from fwconformance.frameworks._protocol import Unavailable


def project(tf: Any) -> Mapping[str, Any]:
    """`Project(...).to_json()` of the library. Raises Unavailable where TensorFlow has no headers."""
    root, flags = pathlib.Path(tf.sysconfig.get_lib()), " ".join(tf.sysconfig.get_compile_flags())
    if not (root / "include" / "tensorflow" / "core" / "framework" / "op_kernel.h").is_file():
        raise Unavailable("this TensorFlow was installed without its headers: the wheels for Linux have them")
    standard = re.search(r"-std=c\+\+(\d+)", flags)
    settings = {
        "TENSORFLOW_ROOT": str(root),
        "TENSORFLOW_BUILD": str(tf.__version__),
        # Releases whose flags name no standard were compiled as C++14.
        "TENSORFLOW_CXX_STANDARD": standard.group(1) if standard else "14",
        "TENSORFLOW_CXX11_ABI": "0" if "_GLIBCXX_USE_CXX11_ABI=0" in flags else "1",
    }
    artifact = "libtensorflow_framework of the installed TensorFlow"
    return operator_project("tensorflow", "tensorflow", artifact, settings, str(tf.__version__)).to_json()


@functools.lru_cache(maxsize=None)
def operator(tf: Any, library: str) -> Any:
    """The operator out of that file, with its gradient registered, which TensorFlow takes once a process."""
    module = tf.load_op_library(library)
    tf.RegisterGradient("TamedCube")(
        lambda operation, upstream: module.tamed_cube_grad(upstream=upstream, x=operation.inputs[0])
    )
    return module.tamed_cube
