"""What a build says of the graphics cards that it is for: its metadata, read without a card.

Each framework is handed in, by its adapter or by that of Keras on it.
"""

from __future__ import annotations

import re
from importlib import metadata
from typing import Any, Mapping, Sequence

import attrs


@attrs.frozen(kw_only=True)
class Build:
    """`Build` of `_pieces_device`: its one method gives what was read when it was made.

    Attributes:
        kind: toolkit and version ("CUDA 13.2"), "" where the build is for no graphics card.
        architectures: that it holds code for ("sm_90"), as far as it says.
        libraries: of the toolkit, name to version ("" where no version is told).
    """

    kind: str = ""
    architectures: tuple[str, ...] = ()
    libraries: Mapping[str, str] = attrs.field(factory=dict)

    def gpu(self) -> Mapping[str, Any]:
        """As of `_pieces_device.Build`."""
        return {"kind": self.kind, "architectures": list(self.architectures), "libraries": dict(self.libraries)}


def of_torch(torch: Any) -> Build:
    """From torch.version and what the binary was compiled for; without a card torch.cuda.get_arch_list is empty."""
    version = torch.version
    toolkits = {"CUDA": version.cuda, "ROCm": version.hip, "XPU": getattr(version, "xpu", None)}
    kind = " ".join(next(([name, told] for name, told in toolkits.items() if told), []))
    if not kind.startswith("CUDA"):
        return Build(kind=kind)
    libraries = {}
    if torch.backends.cudnn.version():
        libraries["cuDNN"] = str(torch.backends.cudnn.version())
    if torch.distributed.is_available() and torch.distributed.is_nccl_available():
        libraries["NCCL"] = ".".join(map(str, _sequence(torch.cuda.nccl.version())))
    flags = getattr(torch._C, "_cuda_getArchFlags", str)()  # noqa: SLF001 - what get_arch_list reads where a card is
    return Build(kind=kind, architectures=tuple((flags or "").split()), libraries=libraries)


def of_tensorflow(tf: Any) -> Build:
    """From tf.sysconfig.get_build_info."""
    told = tf.sysconfig.get_build_info()
    if told.get("is_rocm_build"):
        return Build(kind=f"ROCm {told.get('rocm_version', '')}".strip())
    if not told.get("is_cuda_build"):
        return Build()
    libraries = {"cuDNN": str(told["cudnn_version"])} if "cudnn_version" in told else {}
    return Build(
        kind=f"CUDA {told.get('cuda_version', '')}".strip(),
        architectures=tuple(told.get("cuda_compute_capabilities", ())),
        libraries=libraries,
    )


def of_jax(jaxlib: str, installed: Mapping[str, str] | None = None) -> Build:
    """From the plug-ins that are installed beside jaxlib, whose version `jaxlib` is; without one it is for CPUs.

    A plug-in of another version than jaxlib's does not count: JAX leaves it out. `installed`: name to version of all
    distributions; read here where it is None.
    """
    if installed is None:
        installed = {str(each.metadata["Name"]): each.version for each in metadata.distributions()}
    for name, version in sorted(installed.items()):
        found = re.fullmatch(r"jax[-_](cuda|rocm)(\d+)[-_]plugin", name.lower())
        if found and version == jaxlib:
            kind = {"cuda": "CUDA", "rocm": "ROCm"}[found.group(1)]
            return Build(kind=f"{kind} {found.group(2)}", libraries={name: version})
    return Build()


def of_mxnet(features: Any) -> Build:
    """From mxnet.runtime.Features, which name no version."""
    if not features.is_enabled("CUDA"):
        return Build()
    names = {"CUDNN": "cuDNN", "NCCL": "NCCL", "TENSORRT": "TensorRT"}
    return Build(kind="CUDA", libraries={name: "" for feature, name in names.items() if features.is_enabled(feature)})


def _sequence(version: Any) -> Sequence[Any]:
    return version if isinstance(version, (tuple, list)) else (version,)
