# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "bindings": Caffe is written in C++, and its library and headers lie in the package that pycaffe is in."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

import attrs
import caffe
import numpy as np

from fwconformance.frameworks import _bindings_python
from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._c_headers import CHeaders
from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import NotAdapted, Unavailable
from fwconformance.frameworks.caffe import _bindings_octave
from fwconformance.frameworks.caffe._nets import held
from fwconformance.frameworks.caffe.building._packages import missing

#: Of Debian's packages that a build of Caffe needs, those whose headers Caffe's own include.
_HEADERS = ("libboost-thread-dev", "libgflags-dev", "libgoogle-glog-dev", "libopenblas-dev", "libprotobuf-dev")
#: Without its log of every layer of every net, and what it logs without files, times and process ids.
_QUIET = {"GLOG_minloglevel": "2", "GLOG_logtostderr": "1", "GLOG_log_prefix": "0"}
_WITHOUT = "this Caffe was installed without its headers and library: `tox -e caffe-cpu` builds one that has them"


class BindingsPiece:
    """A net as a user deploys it: its declaration, and its weights as a caffemodel."""

    def projects(self, language: str) -> Sequence[Mapping[str, Any]]:
        if language == "python":
            program = _bindings_python.program("caffe", "Caffe", str(caffe.__version__))
            return [attrs.evolve(program, environment=_QUIET).to_json()]
        if language == "cpp":
            return [_cpp(*headers_and_libraries()).to_json()]
        if language == "octave":
            given = _bindings_octave.projects(*headers_and_libraries(), str(caffe.__version__))
            return [attrs.evolve(project, environment=_QUIET).to_json() for project in given]
        if language == "c":
            in_c = CHeaders(root=_headers(), patterns=("caffe/**/*.h*",), label="headers of Caffe")
            refuse(in_c, note="Caffe is a C++ library with no interface in C")
        raise NotAdapted(f"the Caffe adapter has no program in {language} yet")

    def releases(self) -> Sequence[Mapping[str, Any]]:
        raise NotAdapted("the Caffe adapter has no program for two releases of a binding yet")

    def export(self, project: Mapping[str, Any], model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        plan = model.plan_for(tuple(inputs.shape))
        path = pathlib.Path(folder)
        (path / "deploy.prototxt").write_text(str(plan.spec.to_proto()), encoding="utf-8")
        model.master.save(str(path / "model.caffemodel"))
        return {"net": "deploy.prototxt", "weights": "model.caffemodel"}

    def restored(
        self, project: Mapping[str, Any], network: neutral.Network, files: Mapping[str, str], folder: str, inputs: Any
    ) -> Any:
        path = pathlib.Path(folder)
        net = caffe.Net(str(path / files["net"]), str(path / files["weights"]), caffe.TEST)
        net.blobs["data"].reshape(*inputs.shape)
        net.reshape()
        net.blobs["data"].data[...] = np.asarray(inputs)
        net.forward()
        return held({"outputs": net.blobs["outputs"].data})["outputs"]


def _headers() -> pathlib.Path:
    """The folder of headers that the package has for those who compile against it. Raises Unavailable."""
    headers = pathlib.Path(caffe.__file__).parent / "include"
    if not (headers / "caffe" / "caffe.hpp").is_file():
        raise Unavailable(_WITHOUT)
    return headers


def headers_and_libraries() -> tuple[pathlib.Path, pathlib.Path]:
    """That folder and the one of its libraries. Raises Unavailable, also where others' headers are missing."""
    headers, libraries = _headers(), pathlib.Path(caffe.__file__).parent.with_name("caffe.libs")
    if not list(libraries.glob("libcaffe*")):
        raise Unavailable(_WITHOUT)
    lacking = missing(_HEADERS)
    if lacking:
        raise Unavailable(f"Caffe's headers include those of packages that are missing: install {', '.join(lacking)}")
    return headers, libraries


def _cpp(headers: pathlib.Path, libraries: pathlib.Path) -> Project:
    version = str(caffe.__version__)
    return Project(
        language="cpp",
        framework="caffe",
        artifact="libcaffe",
        lineage="official",
        because="Caffe is a C++ library; this is its own interface, which the others are built on.",
        folder="cpp/caffe",
        shared="cpp/shared",
        tool="cmake",
        rungs=RUNGS[1:],
        settings={
            "CAFFE_INCLUDE": str(headers),
            "CAFFE_LIBRARIES": str(libraries),
            "CAFFE_VERSION": version,
        },
        version=version,
        environment=_QUIET,
    )
