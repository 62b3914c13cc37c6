"""What the Python programs of this folder share. They import neither fwconformance nor each other's runtimes.

A program is given one folder. `request.json` in it says what to load and which batches to run; `answer.json` is written
at the end: the runtime's name and version with the outputs, or what is missing here, or what the runtime said.
"""

from __future__ import annotations

import importlib
import json
import pathlib
import sys
from typing import Any, Callable, Mapping

import numpy as np

Request = Mapping[str, Any]
Call = Callable[[Any], Any]


def serve(load: Callable[[Request], tuple[Call, str]]) -> None:
    """Answer the request. `load` gives the loaded artifact as a function of one batch, and name and version.

    An attribute `interpreted` of that function says that it is no runtime of the format, but reads it in its place.
    """
    folder = pathlib.Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    answer = _answer(folder, request, load)
    part = folder / "answer.part"
    part.write_text(json.dumps(answer), encoding="utf-8")
    part.replace(folder / "answer.json")


def _answer(folder: pathlib.Path, request: Request, load: Callable[[Request], tuple[Call, str]]) -> dict[str, Any]:
    for module in request["modules"]:
        try:
            importlib.import_module(module)
        except ImportError as error:
            return {"missing": module, "message": _words(error)}
    try:
        call, runtime = load(request)
    except Exception as error:  # whatever the runtime raises is what it says of the file
        return {"refused": "file", "message": _words(error)}
    interpreted = bool(getattr(call, "interpreted", False))
    outputs = []
    for number, batch in enumerate(request["batches"]):
        values = np.fromfile(str(folder / batch["file"]), dtype=batch["dtype"]).reshape(batch["shape"])
        try:
            result = np.ascontiguousarray(call(values))
        except Exception as error:
            refused = {"refused": "batch", "batch": number, "message": _words(error)}
            return {**refused, "runtime": runtime, "interpreted": interpreted}
        file = f"output-{number}.bin"
        result.tofile(str(folder / file))
        outputs.append({"file": file, "dtype": str(result.dtype), "shape": list(result.shape)})
    return {"runtime": runtime, "outputs": outputs, "interpreted": interpreted}


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:1500]
