"""Which program loads which exported format."""

from __future__ import annotations

import sys
from typing import Mapping

import attrs


@attrs.frozen(kw_only=True)
class Runtime:
    """A program that loads what a framework exported.

    Attributes:
        name: in messages.
        program: file below `programs/`.
        modules: what it imports, for a look at whether it can run in an interpreter.
        package: to install where it is nowhere.
        formats: names of exported formats, as in `EXPORTS` without "export-", or of one that models are published in.
        independent: whether it runs without the framework: then in the interpreter that `FWCONFORMANCE_RUNTIMES`
            names, where there is one. Else it needs the framework that wrote the file, and runs in its interpreter.
        node: whether it is a program for Node.
    """

    name: str
    program: str
    modules: tuple[str, ...] = ()
    package: str
    formats: tuple[str, ...]
    independent: bool = True
    node: bool = False


RUNTIMES: tuple[Runtime, ...] = (
    Runtime(
        name="onnxruntime",
        program="with_onnxruntime.py",
        modules=("onnxruntime",),
        package="onnxruntime",
        formats=("onnx",),
    ),
    Runtime(
        name="openvino",
        program="with_openvino.py",
        modules=("openvino",),
        package="openvino",
        formats=("openvino",),
    ),
    Runtime(
        name="litert",
        program="with_litert.py",
        modules=("ai_edge_litert",),
        package="ai-edge-litert",
        formats=("litert",),
    ),
    Runtime(
        name="stablehlo",
        program="with_jax.py",
        modules=("jax",),
        package="jax",
        formats=("stablehlo",),
    ),
    Runtime(
        name="coreml",
        program="with_coreml.py",
        # Core ML is in macOS, and coremltools speaks to it; elsewhere an interpreter in NumPy stands in.
        modules=("coremltools",) if sys.platform == "darwin" else (),
        package="coremltools",
        formats=("coreml",),
    ),
    Runtime(
        name="opencv",
        program="with_opencv.py",
        modules=("cv2",),
        # OpenCV 5 has no importer of Caffe's networks any more.
        package="opencv-python-headless==4.10.0.84",
        formats=("caffe-model",),
    ),
    Runtime(
        name="tensorflow-js",
        program="with_tensorflow_js.js",
        package="@tensorflow/tfjs",
        formats=("tensorflow-js",),
        node=True,
    ),
    Runtime(
        name="torch",
        program="with_torch.py",
        modules=("torch",),
        package="torch",
        formats=("torch-export", "torchscript", "aot-inductor"),
        independent=False,
    ),
    Runtime(
        name="executorch",
        program="with_executorch.py",
        modules=("executorch.runtime",),
        package="executorch",
        formats=("executorch",),
        independent=False,
    ),
    Runtime(
        name="saved-model",
        program="with_saved_model.py",
        modules=("tensorflow",),
        package="tensorflow",
        formats=("saved-model",),
        independent=False,
    ),
    Runtime(
        name="keras",
        program="with_keras.py",
        modules=("keras",),
        package="keras",
        formats=("keras-file", "hdf5"),
        independent=False,
    ),
    Runtime(
        name="mxnet",
        program="with_mxnet.py",
        modules=("mxnet",),
        package="mxnet",
        formats=("symbol-params",),
        independent=False,
    ),
)

#: Format to the runtime that loads it.
BY_FORMAT: Mapping[str, Runtime] = {name: runtime for runtime in RUNTIMES for name in runtime.formats}
