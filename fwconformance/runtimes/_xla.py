"""XLA as a judge of programs: it runs a StableHLO program on the CPU, and compiles it for an accelerator by name."""

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
from fwconformance.processes import Ended, how_it_ended, run_program
from fwconformance.runtimes._catalog import Runtime
from fwconformance.runtimes._places import nowhere, places

Array = Any  # numpy.ndarray

_NEEDS = {
    "": (("jax",), "jax"),
    "tpu": (("jax", "libtpu"), "jax and libtpu"),
    "cuda": (("jax", "jax_plugins.xla_cuda12"), "jax, jax-cuda12-plugin and jax-cuda12-pjrt"),
}


class ProgramRefused(Exception):
    """XLA did not run or not compile the program; the message is XLA's own. `stage`: "run" or "compile"."""

    def __init__(self, message: str, *, stage: str) -> None:
        super().__init__(message)
        self.stage = stage


class XlaFailed(Exception):
    """XLA's process ended without an answer."""


@attrs.frozen(kw_only=True, eq=False)
class Argument:
    """One argument of a program: `values`, on several devices `split` along the first axis or a copy each."""

    values: Array
    split: bool = False


@attrs.frozen(kw_only=True, eq=False)
class Compiled:
    """What XLA said of a program.

    Attributes:
        results: for each result of the program, what each device has of it; empty where it was not run.
        runtime: what ran it ("jax 0.10.2"). compiler: what compiled it ("libtpu 0.0.42.1"), "" where nothing did.
        target: the device compiled for, in the compiler's words ("TPU v5 lite").
        flops: floating-point operations of one device's program. bytes: that it moves.
        memory: bytes by use: argument, output, temp, alias, generated_code.
        collectives: instructions in the compiled program by kind ("all-reduce").
        kernels: of a GPU's program. ptx_bytes: their code's size. architectures: that the code is for ("sm_90a").
        assembled: whether a GPU's code was assembled to a binary as well.
        compile_seconds: of the compiler alone. seconds: of the whole process.
    """

    results: tuple[tuple[Array, ...], ...] = ()
    runtime: str = ""
    compiler: str = ""
    target: str = ""
    flops: float = 0.0
    bytes: float = 0.0
    memory: Mapping[str, int] = attrs.field(factory=dict)
    collectives: Mapping[str, int] = attrs.field(factory=dict)
    kernels: int = 0
    ptx_bytes: int = 0
    architectures: tuple[str, ...] = ()
    assembled: bool = False
    compile_seconds: float = 0.0
    seconds: float = 0.0


def compile_program(
    program: str | os.PathLike[str],
    arguments: Sequence[Argument] = (),
    *,
    platform: str = "",
    topology: str = "",
    devices: int = 1,
    kind: str = "partitions",
    run: bool = True,
    limit: float = 100.0,
) -> Compiled:
    """What XLA makes of the StableHLO module in the file `program`.

    Args:
        program: MLIR, text or bytecode.
        arguments: its parameters, in order; needed to `run` it.
        platform: "tpu", "cuda" or "" to compile for no accelerator.
        topology: of the platform: "v5e:2x2"; "h100".
        devices: for how many.
        kind: how several share it: "partitions" (XLA splits one program by its sharding annotations) or "replicas"
            (the program is already each device's own, its collectives in it).
        run: on as many logical CPU devices first.
        limit: seconds, in all.

    Raises Unavailable where no interpreter has XLA for the platform, saying what to install; `ProgramRefused`;
    `XlaFailed`; `processes.Hung` after the limit. No process is left behind.
    """
    modules, package = _NEEDS[platform]
    runtime = Runtime(name="XLA", program="with_xla.py", modules=modules, package=package, formats=())
    request = {
        "program": str(pathlib.Path(program).resolve()),
        "platform": platform,
        "topology": topology,
        "devices": devices,
        "kind": kind,
        "run": run,
    }
    for place in places(runtime):
        scratch = pathlib.Path(tempfile.mkdtemp(prefix="fwconformance-xla-"))
        try:
            _write(scratch, request, arguments)
            command = (*place.command, str(scratch))
            ended = run_program(command, folder=scratch, limit=limit, environment=place.environment, name="XLA")
            answer = _read(scratch, ended)
            if "missing" not in answer:
                return _compiled(scratch, answer, ended)
        finally:
            shutil.rmtree(str(scratch), ignore_errors=True)
    raise Unavailable(nowhere(runtime))


def _write(folder: pathlib.Path, request: Mapping[str, Any], arguments: Sequence[Argument]) -> None:
    described = []
    for number, argument in enumerate(arguments):
        values, file = np.ascontiguousarray(argument.values), f"argument-{number}.bin"
        values.tofile(str(folder / file))
        shape = list(np.shape(argument.values))
        described.append({"file": file, "dtype": str(values.dtype), "shape": shape, "split": argument.split})
    (folder / "request.json").write_text(json.dumps({**request, "arguments": described}), encoding="utf-8")


def _read(folder: pathlib.Path, ended: Ended) -> Mapping[str, Any]:
    try:
        answer: Mapping[str, Any] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        lines = [line for line in ended.output.splitlines() if line.strip()]
        how = how_it_ended(ended.status or 0)
        printed = " | ".join(lines[-6:])[-900:] or "nothing"
        raise XlaFailed(f"XLA ended ({how}) without an answer; it printed: {printed}") from None
    return answer


def _compiled(folder: pathlib.Path, answer: Mapping[str, Any], ended: Ended) -> Compiled:
    if "refused" in answer:
        raise ProgramRefused(answer["message"], stage=answer["refused"])
    known = {field.name for field in attrs.fields(Compiled)} - {"results", "architectures"}
    results = tuple(
        tuple(np.fromfile(str(folder / one["file"]), dtype=one["dtype"]).reshape(one["shape"]) for one in copies)
        for copies in answer.get("results", ())
    )
    return Compiled(
        results=results,
        architectures=tuple(answer.get("architectures", ())),
        seconds=ended.seconds,
        **{name: value for name, value in answer.items() if name in known},
    )
