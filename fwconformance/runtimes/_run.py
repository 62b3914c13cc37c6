"""One artifact, loaded and run by another program."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import tempfile
from typing import Any, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.processes import Ended, how_it_ended, run_program
from fwconformance.runtimes._catalog import BY_FORMAT, Runtime
from fwconformance.runtimes._node import places as node_places
from fwconformance.runtimes._places import nowhere, places

Array = Any  # numpy.ndarray


class RuntimeFailed(Exception):
    """A runtime did not load the file, crashed, or went wrong in a way that is not about one batch."""


class BatchRefused(Exception):
    """A runtime loaded the file and refused a batch. `batch`: its number; `runtime`, `interpreted`: as in `Ran`."""

    def __init__(self, message: str, *, batch: int, runtime: str, interpreted: bool = False) -> None:
        super().__init__(message)
        self.batch = batch
        self.runtime = runtime
        self.interpreted = interpreted


@attrs.frozen(kw_only=True, eq=False)
class Ran:
    """What a runtime gave.

    Attributes:
        outputs: one array a batch.
        runtime: name and version ("onnxruntime 1.32.0").
        seconds: from the start of its process to its end.
        interpreted: whether an interpreter of ours read the program, in place of the runtime that it was written for.
    """

    outputs: tuple[Array, ...]
    runtime: str
    seconds: float
    interpreted: bool = False


def run(
    format: str,  # noqa: A002 - what it is called everywhere
    artifact: Artifact,
    folder: str | os.PathLike[str],
    batches: Sequence[Array],
    *,
    backend: str = "",
    quantized: bool = False,
    limit: float = 100.0,
) -> Ran:
    """`artifact` below `folder`, loaded by the runtime of `format` in another process, for each of `batches`.

    Args:
        format: as in `EXPORTS` without "export-".
        artifact: what the exporter said.
        folder: it wrote to.
        batches: float32 or int64, in the artifact's layout.
        backend: of Keras, for its own files.
        quantized: some runtimes need more packages for that.
        limit: seconds, in all.

    Raises Unavailable where the runtime is nowhere, saying what to install; `BatchRefused`; `RuntimeFailed`, also for a
    crash; `processes.Hung` after the limit. No process is left behind.
    """
    runtime = BY_FORMAT[format]
    path = pathlib.Path(folder).resolve()
    entry = artifact.entry
    if entry and (path / entry).exists():
        entry = str(path / entry)
    request = {
        "format": format,
        "file": str(path / artifact.file),
        "entry": entry,
        "quantized": quantized,
        "modules": list(runtime.modules),
        "batches": [],
    }
    environment = {"KERAS_BACKEND": backend} if backend else {}
    said = ""
    for place in node_places(runtime) if runtime.node else places(runtime):
        scratch = pathlib.Path(tempfile.mkdtemp(prefix="fwconformance-runtime-"))
        try:
            _write(scratch, request, batches)
            ended = run_program(
                (*place.command, str(scratch)),
                folder=scratch,
                limit=limit,
                environment={**place.environment, **environment},
                name=runtime.name,
            )
            answer = _read(scratch, runtime, ended)
            if "missing" not in answer:
                return _ran(scratch, runtime, answer, ended)
            # It may be there and not start: a library of the system that it needs, say.
            said = f" ({answer['message']})"
        finally:
            shutil.rmtree(str(scratch), ignore_errors=True)
    raise Unavailable(nowhere(runtime) + said)


def _write(folder: pathlib.Path, request: Mapping[str, Any], batches: Sequence[Array]) -> None:
    described = []
    for number, batch in enumerate(batches):
        values = np.ascontiguousarray(batch)
        file = f"batch-{number}.bin"
        values.tofile(str(folder / file))
        described.append({"file": file, "dtype": str(values.dtype), "shape": list(values.shape)})
    (folder / "request.json").write_text(json.dumps({**request, "batches": described}), encoding="utf-8")


def _read(folder: pathlib.Path, runtime: Runtime, ended: Ended) -> Mapping[str, Any]:
    try:
        answer: Mapping[str, Any] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        lines = [line for line in ended.output.splitlines() if line.strip()]
        how = how_it_ended(ended.status or 0)
        raise RuntimeFailed(
            f"{runtime.name} ended ({how}) without an answer; it printed: {' | '.join(lines[-6:])[-900:] or 'nothing'}"
        ) from None
    return answer


def _ran(folder: pathlib.Path, runtime: Runtime, answer: Mapping[str, Any], ended: Ended) -> Ran:
    if answer.get("refused") == "batch":
        raise BatchRefused(
            answer["message"],
            batch=answer["batch"],
            runtime=answer["runtime"],
            interpreted=answer.get("interpreted", False),
        )
    if "refused" in answer:
        raise RuntimeFailed(f"{runtime.name} does not load the file: {answer['message']}")
    outputs = tuple(
        np.fromfile(str(folder / one["file"]), dtype=one["dtype"]).reshape(one["shape"]) for one in answer["outputs"]
    )
    return Ran(
        outputs=outputs,
        runtime=answer["runtime"],
        seconds=ended.seconds,
        interpreted=answer.get("interpreted", False),
    )
