"""ONNX Runtime from other languages: one program a language, the same for every framework that exports to ONNX."""

from __future__ import annotations

from typing import Callable, Mapping, Sequence

from fwconformance.frameworks._pieces_bindings import Project

#: What every program is called with, beside "version".
STEPS = ("inference", "batch", "errors")

_OURS = "ONNX Runtime's own project releases it."


def _of(
    language: str,
    artifact: str,
    version: str,
    tool: str,
    *,
    community: str = "",
    settings: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Project:
    return Project(
        language=language,
        framework="onnxruntime",
        artifact=artifact,
        lineage="community" if community else "official",
        because=community or _OURS,
        folder=f"{language}/onnxruntime",
        shared=f"{language}/shared",
        tool=tool,
        rungs=STEPS,
        settings=settings or {},
        environment=environment or {},
        version=version,
    )


def _java(library: str, version: str) -> Project:
    return _of("java", "com.microsoft.onnxruntime:onnxruntime 1.29.0", "1.29.0", "maven")


def _javascript(library: str, version: str) -> Project:
    return _of("javascript", "the npm package onnxruntime-node 1.30.0", "1.30.0", "npm")


def _csharp(library: str, version: str) -> Project:
    return _of("csharp", "the NuGet package Microsoft.ML.OnnxRuntime 1.31.1", "1.31.1", "dotnet")


def _cpp(library: str, version: str) -> Project:
    # The Python package leaves the headers out: those are an npm package's.
    artifact = f"libonnxruntime of the Python package onnxruntime {version}, headers of 1.29.0"
    return _of("cpp", artifact, version, "cmake-npm", settings={"ONNXRUNTIME_LIBRARY": library})


def _go(library: str, version: str) -> Project:
    return _of(
        "go",
        f"github.com/yalue/onnxruntime_go 1.27.0 with libonnxruntime {version}",
        version,
        "go",
        community="ONNX Runtime's own project releases nothing for Go: others do.",
        environment={"ONNXRUNTIME_LIBRARY": library},
    )


def _rust(library: str, version: str) -> Project:
    return _of(
        "rust",
        f"the crate ort 2.0.0-rc.13 with libonnxruntime {version}",
        version,
        "cargo",
        community="ONNX Runtime's own project releases nothing for Rust: others do.",
        environment={"ORT_DYLIB_PATH": library},
    )


_PROJECTS: Mapping[str, Callable[[str, str], Project]] = {
    "java": _java,
    "cpp": _cpp,
    "javascript": _javascript,
    "go": _go,
    "rust": _rust,
    "csharp": _csharp,
}
LANGUAGES: Sequence[str] = tuple(_PROJECTS)
#: Those whose package brings no library: they load the one of the Python package.
BORROWING: Sequence[str] = ("cpp", "go", "rust")


def project(language: str, library: str = "", version: str = "") -> Project:
    """The program in `language`, one of `LANGUAGES`.

    `library`, `version`: of ONNX Runtime's Python package, the path of the shared library that it holds and which one
    it is, for the `BORROWING`.
    """
    return _PROJECTS[language](library, version)
