"""What a program is given and what it answers, as JSON in a folder: see ``fixtures/bindings/README.md``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Mapping

import attrs
import numpy as np

from fwconformance.bindings._errors import ProgramFailed

Array = Any  # numpy.ndarray


@attrs.frozen(kw_only=True, eq=False)
class Answer:
    """What a program wrote.

    Attributes:
        tensors: float64 arrays by name.
        files: paths below the folder by name.
        errors: {"type", "message"} of the exceptions that the program caught, by name.
        unsupported: the binding's own words where it showed the program that it lacks what the rung asks for.
        seconds: from the start of its process to its end.
        printed: by it, both streams.
    """

    tensors: Mapping[str, Array]
    files: Mapping[str, str]
    errors: Mapping[str, Mapping[str, str]]
    unsupported: str = ""
    seconds: float = 0.0
    printed: str = ""


def write_input(
    folder: Path, tensors: Mapping[str, Array], numbers: Mapping[str, float], files: Mapping[str, str]
) -> None:
    """``input.json`` in `folder`; floats with as many digits as float64 has, so that float32 crosses exactly."""
    given = {
        "tensors": {name: _tensor(value) for name, value in tensors.items()},
        "numbers": {name: float(value) for name, value in numbers.items()},
        "files": dict(files),
    }
    (folder / "input.json").write_text(json.dumps(given, allow_nan=False), encoding="utf-8")


def read_output(folder: Path, seconds: float, printed: str) -> Answer:
    """``output.json`` in `folder`. Raises `ProgramFailed` where there is none, or not such a one."""
    try:
        written = json.loads((folder / "output.json").read_text(encoding="utf-8"))
        tensors = {
            name: np.array(value["data"], dtype=np.float64).reshape([int(side) for side in value["shape"]])
            for name, value in written.get("tensors", {}).items()
        }
        return Answer(
            tensors=tensors,
            files={name: str(path) for name, path in written.get("files", {}).items()},
            errors={
                name: {"type": str(error["type"]), "message": str(error["message"])}
                for name, error in written.get("errors", {}).items()
            },
            unsupported=str(written.get("unsupported", "")),
            seconds=seconds,
            printed=printed,
        )
    except FileNotFoundError:
        raise ProgramFailed(
            f"the program ended well and wrote no output.json; it printed: {printed or 'nothing'}"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProgramFailed(f"the program's output.json cannot be read: {type(error).__name__}: {error}") from error


def _tensor(value: Array) -> dict[str, Any]:
    array = np.asarray(value)
    return {"shape": list(array.shape), "data": [float(one) for one in array.ravel()]}
