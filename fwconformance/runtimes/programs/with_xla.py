# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""A StableHLO program run by XLA's CPU client, and compiled by XLA for an accelerator that need not be there.

Like the other programs of this folder it imports nothing of fwconformance. `request.json` in the folder that it is
given says:

    program     file with the module, MLIR text or bytecode
    arguments   [{file, dtype, shape, split}]: values; with several devices, split along the first axis, or a copy each
    devices     how many; kind: "partitions" (XLA shares out one program) or "replicas" (each device runs the program
                on its own part)
    run         whether to run it on the CPU first
    platform    "tpu", "cuda" or "" (none); topology: its name there
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import pathlib
import re
import sys
import time
from typing import Any

import _stablehlo
import numpy as np

# An NVIDIA H100 SXM in the words of XLA's GpuTargetConfigProto; figures from NVIDIA's "H100 Tensor Core GPU
# Architecture" and the CUDA programming guide's table for compute capability 9.0.
_TARGETS = {
    "h100": """
gpu_device_info {
  threads_per_block_limit: 1024
  threads_per_warp: 32
  shared_memory_per_block: 49152
  shared_memory_per_core: 233472
  shared_memory_per_block_optin: 232448
  threads_per_core_limit: 2048
  core_count: 132
  fpus_per_core: 128
  block_dim_limit_x: 2147483647
  block_dim_limit_y: 65535
  block_dim_limit_z: 65535
  memory_bandwidth: 3352320000000
  l2_cache_size: 52428800
  clock_rate_ghz: 1.98
  device_memory_size: 84978434048
  cuda_compute_capability { major: 9 minor: 0 }
  registers_per_core_limit: 65536
  registers_per_block_limit: 65536
}
platform_name: "CUDA"
dnn_version_info { major: 9 minor: 8 patch: 0 }
runtime_version { major: 12 minor: 9 }
device_description_str: "NVIDIA H100 80GB HBM3"
"""
}

_COLLECTIVES = ("all-reduce", "reduce-scatter", "all-gather", "all-to-all", "collective-permute")
_NEEDS = {"": ("jax",), "tpu": ("jax", "libtpu"), "cuda": ("jax", "jax_plugins.xla_cuda12")}


def main(folder: pathlib.Path) -> None:
    """Answer the request in `folder`."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    part = folder / "answer.part"
    part.write_text(json.dumps(_answer(folder, request)), encoding="utf-8")
    part.replace(folder / "answer.json")


def _answer(folder: pathlib.Path, request: dict[str, Any]) -> dict[str, Any]:
    os.environ.update(
        # Only the CPU is there to run on; the compilers of the others are asked for by name.
        JAX_PLATFORMS="cpu",
        XLA_FLAGS=f"--xla_force_host_platform_device_count={request['devices']}",
        ALLOW_MULTIPLE_LIBTPU_LOAD="1",
        TPU_SKIP_MDS_QUERY="1",
    )
    try:
        # The whole import, since a plug-in may be there without the client that it was made for.
        for module in _NEEDS[request["platform"]]:
            importlib.import_module(module)
        program = pathlib.Path(request["program"]).read_bytes()
        answer: dict[str, Any] = {"runtime": f"jax {_version('jax')}"}
    except ImportError as error:
        return {"missing": str(error)}
    if request["run"]:
        try:
            answer.update(_run(folder, program, request))
        except Exception as error:  # whatever XLA raises is what it says of the program
            return {**answer, "refused": "run", "message": _words(error)}
    if request["platform"]:
        try:
            answer.update(_compile(folder, program, request))
        except Exception as error:
            return {**answer, "refused": "compile", "message": _words(error)}
    return answer


def _run(folder: pathlib.Path, program: bytes, request: dict[str, Any]) -> dict[str, Any]:
    import jax
    from jax.sharding import Mesh, NamedSharding, PartitionSpec

    jax.config.update("jax_enable_x64", True)  # else 64-bit arguments are cut to 32: Keras counts steps in int64
    devices = jax.devices("cpu")
    executable = devices[0].client.compile_and_load(
        _stablehlo.module(program),
        executable_devices=_stablehlo.device_list(devices),
        compile_options=_options(request),
    )
    mesh = Mesh(np.array(devices), ("devices",))
    given = []
    for one in request["arguments"]:
        values = np.fromfile(str(folder / one["file"]), dtype=one["dtype"]).reshape(one["shape"])
        place = NamedSharding(mesh, PartitionSpec("devices") if one["split"] else PartitionSpec())
        given.append(jax.device_put(values, place))
    shards = executable.execute_sharded(given).disassemble_into_single_device_arrays()
    results = []
    for number, copies in enumerate(shards):
        described = []
        for device, copy in enumerate(copies):
            values, file = np.ascontiguousarray(copy), f"result-{number}-{device}.bin"
            values.tofile(str(folder / file))
            described.append({"file": file, "dtype": str(values.dtype), "shape": list(np.shape(copy))})
        results.append(described)
    return {"results": results}


def _compile(folder: pathlib.Path, program: bytes, request: dict[str, Any]) -> dict[str, Any]:
    from jax.experimental import topologies

    platform, name, dump = request["platform"], request["topology"], folder / "dump"
    more: dict[str, Any] = {}
    if platform == "cuda":
        more = {"topology": f"1x1x{request['devices']}", "target_config": _TARGETS[name]}
    topology = topologies.get_topology_desc(name, platform=platform, **more)
    devices = topology.devices[: request["devices"]]
    options = _options(request)
    if platform == "cuda":
        debug = options.executable_build_options.debug_options
        debug.xla_dump_to, debug.xla_dump_hlo_as_text = str(dump), True
    start = time.monotonic()
    assembled = True
    try:
        executable = devices[0].client.compile(
            _stablehlo.module(program), executable_devices=_stablehlo.device_list(devices), compile_options=options
        )
    except Exception as error:
        # Everything but the assembler's part is done by then, and the code generated lies in the dump.
        if "No PTX compilation provider" not in str(error) or not any(dump.glob("*.ptx")):
            raise
        executable, assembled = None, False
    answer: dict[str, Any] = {"compile_seconds": time.monotonic() - start, "target": _kind(devices[0])}
    if executable is not None:
        (module,) = executable.hlo_modules()
        answer.update(_memory(executable), **_cost(executable, module), collectives=_collectives(module.to_string()))
    if platform == "cuda":
        answer.update(_ptx(dump), assembled=assembled and b"\x7fELF" in executable.serialize())
        answer["compiler"] = f"jax-cuda12-pjrt {_version('jax-cuda12-pjrt')}"
    else:
        answer["compiler"] = f"libtpu {_version('libtpu')}"
    return answer


def _options(request: dict[str, Any]) -> Any:
    from jax._src import compiler

    count = request["devices"]
    partitions = count if request["kind"] == "partitions" else 1
    replicas = count // partitions
    assignment = np.arange(count).reshape(replicas, partitions)
    options = compiler.get_compile_options(
        num_replicas=replicas, num_partitions=partitions, device_assignment=assignment
    )
    # A program that one device runs whole is not the partitioner's business.
    build = options.executable_build_options
    build.use_spmd_partitioning = build.use_shardy_partitioner = partitions > 1
    return options


def _memory(executable: Any) -> dict[str, Any]:
    stats = executable.get_compiled_memory_stats()
    names = ("argument", "output", "temp", "alias", "generated_code")
    return {"memory": {name: int(getattr(stats, f"{name}_size_in_bytes")) for name in names}}


def _cost(executable: Any, module: Any) -> dict[str, float]:
    try:
        costs = executable.cost_analysis()
    except Exception:  # the GPU's compiler does not offer it
        import jax
        from jax._src.lib import _jax

        costs = _jax.hlo_module_cost_analysis(jax.devices("cpu")[0].client, module)
    costs = costs[0] if isinstance(costs, list) else costs
    return {"flops": float(costs.get("flops", 0.0)), "bytes": float(costs.get("bytes accessed", 0.0))}


def _collectives(text: str) -> dict[str, int]:
    """How many instructions of each kind; an asynchronous one counts where it starts."""
    found = {name: len(re.findall(rf"[)\]}}\s]{name}(?:-start)?\(", text)) for name in _COLLECTIVES}
    return {name: count for name, count in found.items() if count}


def _ptx(dump: pathlib.Path) -> dict[str, Any]:
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(dump.glob("*.ptx"))]
    return {
        "ptx_bytes": sum(map(len, texts)),
        "kernels": sum(text.count(".visible .entry") for text in texts),
        "architectures": sorted(
            {found for text in texts for found in re.findall(r"^\.target (\S+)", text, re.MULTILINE)}
        ),
    }


def _kind(device: Any) -> str:
    return str(getattr(device, "device_kind", device))


def _version(distribution: str) -> str:
    return importlib.metadata.version(distribution)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:1500]


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
