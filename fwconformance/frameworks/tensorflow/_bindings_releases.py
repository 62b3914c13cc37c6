# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Two releases of TensorFlow's bindings for each program, which may work with one and not with the other."""

from __future__ import annotations

from typing import Mapping, Sequence

import attrs

from fwconformance.frameworks._pieces_bindings import Project, Releases
from fwconformance.frameworks.tensorflow._bindings_go import Go
from fwconformance.frameworks.tensorflow._bindings_javascript import JavaScript
from fwconformance.frameworks.tensorflow._bindings_jvm import Java

#: What the programs do without a file of Python's.
_RUNGS = ("arithmetic", "gradients", "training")


def pairs(device: str) -> Sequence[Releases]:
    """Java 0.4 and 0.5, Java 1.0 and 1.1, TensorFlow.js 4.0 and 4.22, the fork for Go 0.3 and 0.10."""
    (java,) = Java(device).projects()
    script = JavaScript(device).projects()[0]
    _, fork = Go(device).projects()
    named = "org.tensorflow:tensorflow-core-api:{}"
    # Written as its documents showed it then: what a session fetches comes as a list.
    session = attrs.evolve(java, folder="java/tensorflow-session", rungs=_RUNGS[:2])
    return (
        _pair(
            "java",
            _release(session, named.format("0.4.0"), {"tensorflow.version": "0.4.0"}, version="2.7.0"),
            _release(session, named.format("0.5.0"), {"tensorflow.version": "0.5.0"}, version="2.10.1"),
            complaint=r"\.java:\[\d+,\d+\] ",
        ),
        _pair(
            "java-1",
            _release(java, named.format("1.0.0"), {"tensorflow.version": "1.0.0"}, version="2.16.2"),
            java,
            complaint=r"\.java:\[\d+,\d+\] ",
        ),
        _pair(
            "javascript",
            _release(script, "the npm package @tensorflow/tfjs 4.0.0", {"release": "4.0.0"}, version="4.0.0"),
            script,
        ),
        _pair(
            "go",
            _release(
                fork,
                "the Go module github.com/wamuir/graft v0.3.0",
                {**fork.settings, "GOFLAGS": "-modfile={source}/v0.3.0.mod"},
                version=fork.version,
            ),
            fork,
            complaint=r"\.go:\d+:\d+: ",
        ),
    )


def _release(program: Project, artifact: str, settings: Mapping[str, str], *, version: str) -> Project:
    return attrs.evolve(program, artifact=artifact, settings=settings, version=version)


def _pair(case: str, older: Project, newer: Project, complaint: str = "") -> Releases:
    """`complaint`: what the compiler says of a line of the program."""
    rungs = tuple(rung for rung in _RUNGS if rung in newer.rungs)
    return Releases(
        case=case,
        older=attrs.evolve(older, rungs=rungs),
        newer=attrs.evolve(newer, rungs=rungs, refusal=complaint),
    )
