"""The converter of TensorFlow.js, in an interpreter of its own.

tensorflowjs asks for packages that hold TensorFlow at a release of their own, so it cannot be installed beside today's.
The tox environment `tensorflow-js` has it with all that it asks for; it reads the SavedModel that today's TensorFlow
wrote.
"""

from __future__ import annotations

import os
import pathlib
from typing import Sequence

from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.processes import Ended, run_program

#: Path of the Python of the tox environment `tensorflow-js`.
VARIABLE = "FWCONFORMANCE_TENSORFLOW_JS"

#: Seconds. Its imports alone take 20 on one core, twice that where they are compiled first.
LIMIT = 110.0

_SCRIPT = "from tensorflowjs.converters.converter import pip_main; pip_main()"
_PREDICT = """
import sys
import numpy
import tensorflowjs
model, folder = sys.argv[1:]
outputs = tensorflowjs.converters.load_keras_model(model).predict(numpy.load(folder + "/inputs.npy"), verbose=0)
numpy.save(folder + "/outputs.npy", outputs)
"""
_FAILS = "tensorflowjs does not convert the SavedModel"
_UNTRANSLATED = "Unsupported Ops"


def convert(source: str, target: str, signature: str) -> None:
    """Write the SavedModel `source`, its `signature`, as a graph model into the folder `target`.

    Raises Unavailable where the variable names no interpreter, Unsupported where TensorFlow.js lacks an operation of
    the model, by its converter's own words, RuntimeError with what it printed last where it fails in another way, and
    `processes.Hung` after `LIMIT`.
    """
    kinds = ("--input_format=tf_saved_model", "--output_format=tfjs_graph_model", f"--signature_name={signature}")
    ended = _run((_SCRIPT, *kinds, source, target), pathlib.Path(target).parent)
    if ended.status == 0 and (pathlib.Path(target) / "model.json").is_file():
        return
    lines = [line.strip() for line in ended.output.splitlines() if line.strip()]
    said = [number for number, line in enumerate(lines) if _UNTRANSLATED in line]
    if said:
        # The line of the traceback has these words too; the operations' names are on the lines after the last.
        refuse(Seen(absent=True, evidence=f"{_FAILS}: {' '.join(lines[said[-1] :])[:300]}"))
    raise RuntimeError(f"{_FAILS}: {' | '.join(lines[-4:])[-600:] or 'it printed nothing'}")


def predict(model: str, folder: str) -> None:
    """Write ``outputs.npy`` into `folder`: of the layers model in `model`, a model.json, for ``inputs.npy`` there.

    Raises Unavailable where the variable names no interpreter, RuntimeError with what it printed last where it does
    not load the model, and `processes.Hung` after `LIMIT`.
    """
    ended = _run((_PREDICT, model, folder), pathlib.Path(folder))
    if ended.status != 0 or not (pathlib.Path(folder) / "outputs.npy").is_file():
        lines = [line.strip() for line in ended.output.splitlines() if line.strip()]
        raise RuntimeError(f"tensorflowjs does not load the layers model: {' | '.join(lines[-4:])[-600:]}")


def _run(arguments: Sequence[str], folder: pathlib.Path) -> Ended:
    return run_program(
        (_interpreter(), "-c", *arguments),
        folder=folder,
        limit=LIMIT,
        # What is on the path of this interpreter was built for another; so was what chooses a backend of Keras.
        environment={"PYTHONPATH": "", "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
        name="tensorflowjs",
    )


def _interpreter() -> str:
    named = os.environ.get(VARIABLE)
    if named and pathlib.Path(named).is_file():
        return named
    why = "names an interpreter that is not there" if named else "names no interpreter"
    raise Unavailable(
        f"the converter of TensorFlow.js needs an interpreter of its own, and {VARIABLE} {why}: "
        "run `tox -e tensorflow-js`"
    )
