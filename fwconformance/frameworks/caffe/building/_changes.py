"""What has to be changed in Caffe's source to build and run it today. Each change fits exactly as often as it says."""

from __future__ import annotations

from pathlib import Path

import attrs

from fwconformance.frameworks.caffe.building._errors import BuildError


@attrs.frozen(kw_only=True)
class Change:
    """In `file`, `old` becomes `new`, at each of the `times` places where it stands; `because` is for the record."""

    file: str
    old: str
    new: str
    because: str
    times: int = 1


_PYTHON_LAYER = """
template <typename Value>
shared_ptr<Layer<Value> > MakePythonLayer(const LayerParameter& param) {
  try {
    const PythonParameter& named = param.python_param();
    bp::object made = bp::import(named.module().c_str()).attr(named.layer().c_str())(param);
    return bp::extract<shared_ptr<PythonLayer<Value> > >(made)();
  } catch (const bp::error_already_set&) {
    PyErr_Print();
    throw;
  }
}

REGISTER_LAYER_CREATOR(Python, MakePythonLayer);
"""

CHANGES = (
    Change(
        file="src/caffe/util/io.cpp",
        old="SetTotalBytesLimit(kProtoReadBytesLimit, 536870912)",
        new="SetTotalBytesLimit(kProtoReadBytesLimit)",
        because="protobuf 3.6 deprecated the warning threshold, and later ones have no such argument",
    ),
    Change(file="python/caffe/io.py", old=".tostring()", new=".tobytes()", because="NumPy removed it"),
    Change(file="python/caffe/io.py", old="np.fromstring(", new="np.frombuffer(", because="NumPy removed it"),
    Change(
        file="python/caffe/_caffe.cpp",
        old="namespace bp = boost::python;\n\nnamespace caffe {\n",
        new="namespace bp = boost::python;\n\nnamespace caffe {\n" + _PYTHON_LAYER,
        because="the extension registers the Python layer, so that the library needs no Python, nor do C++ programs",
    ),
    Change(
        file="src/caffe/CMakeLists.txt",
        old="target_compile_definitions(caffe ${Caffe_DEFINITIONS})",
        new="if(Caffe_DEFINITIONS)\n  target_compile_definitions(caffe ${Caffe_DEFINITIONS})\nendif()",
        because="a build for GPUs without OpenCV, LevelDB and LMDB has no definitions, and cmake wants one",
    ),
    Change(
        file="python/CMakeLists.txt",
        old="${Caffe_LINK} ${PYTHON_LIBRARIES}",
        new="${Caffe_LINK} ${PYTHON_LIBRARIES} ${Boost_LIBRARIES}",
        because="the extension links Boost.Python itself",
    ),
    Change(file="python/caffe/io.py", old="as_grey=", new="as_gray=", because="scikit-image 0.16 renamed it"),
)


def apply(tree: Path, changes: tuple[Change, ...] = CHANGES) -> None:
    """Make the changes in the source below `tree`. Raises BuildError where one does not fit, changing no file then."""
    texts: dict[str, str] = {}
    for change in changes:
        path = tree / change.file
        if change.file not in texts:
            try:
                texts[change.file] = path.read_text(encoding="utf-8")
            except OSError as error:
                raise BuildError(f"the source has no {change.file} to change: {error.strerror}") from error
        found = texts[change.file].count(change.old)
        if found != change.times:
            raise BuildError(
                f"{change.file}: {change.old!r} stands there {found} times instead of {change.times}: "
                "this is not the source that our changes are for"
            )
        texts[change.file] = texts[change.file].replace(change.old, change.new)
    for name, text in texts.items():
        (tree / name).write_text(text, encoding="utf-8")
