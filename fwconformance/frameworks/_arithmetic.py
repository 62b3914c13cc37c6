# mypy: disable-error-code="import-not-found, import-untyped, unused-ignore"
"""Which libraries do a framework's arithmetic on a CPU, as the framework, or the process that loaded it, says."""

from __future__ import annotations

import pathlib
import re
from typing import Any

#: Names of shared libraries that hold a BLAS. NumPy and SciPy bring ones of their own, which no framework calls.
_BLAS = re.compile(r"/lib(openblas|blas|cblas|atlas|mkl)[^/]*$")
_OTHERS = ("/numpy", "/scipy")


def of_torch(torch: Any) -> str:
    """PyTorch's, by its own account of how it was built: "MKL 2024.2, oneDNN 3.13.3"."""
    told = torch.__config__.show()
    found = []
    for name, pattern in (("MKL", r"Math Kernel Library Version (\d+\.\d+)"), ("oneDNN", r"MKL-DNN v([\d.]+)")):
        version = re.search(pattern, told)
        if version:
            found.append(f"{name} {version.group(1)}")
    return ", ".join(found) or "not told by torch.__config__"


def of_tensorflow() -> str:
    """TensorFlow's: Eigen, and oneDNN where this process uses it."""
    try:
        from tensorflow.python.util import _pywrap_util_port
    except ImportError:
        return "Eigen"
    return "Eigen, oneDNN" if _pywrap_util_port.IsMklEnabled() else "Eigen"


def of_mxnet(mxnet: Any) -> str:
    """MXNet's, by its list of features."""
    features = mxnet.runtime.Features()
    names = {"BLAS_OPEN": "OpenBLAS", "BLAS_ATLAS": "ATLAS", "BLAS_MKL": "MKL", "BLAS_APPLE": "Accelerate"}
    names.update({"MKLDNN": "oneDNN", "ONEDNN": "oneDNN"})
    return ", ".join(sorted({word for name, word in names.items() if name in features and features.is_enabled(name)}))


def of_numpy(numpy: Any) -> str:
    """NumPy's BLAS, where its configuration names it."""
    try:
        told = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
    except (TypeError, KeyError):  # before NumPy 1.25
        return "NumPy's BLAS"
    return f"{told['name']} {told['version']}"


def linked(maps: pathlib.Path = pathlib.Path("/proc/self/maps")) -> str:
    """The BLAS libraries that this process has loaded; of a framework that is built against one and does not say."""
    try:
        paths = {line.split()[-1] for line in maps.read_text().splitlines() if "/" in line}
    except OSError:
        return "not told by this system"
    found = {path for path in paths if _BLAS.search(path) and not any(other in path for other in _OTHERS)}
    return ", ".join(sorted(path.rpartition("/")[2] for path in found)) or "none that this process shows"
