"""Caffe from GNU Octave: the MATLAB package that its source has, as it was released and as its users changed it."""

from __future__ import annotations

import pathlib
from typing import Sequence

import attrs

from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.caffe.building import NO_SOURCE, BuildError, check, source_archive


def projects(headers: pathlib.Path, libraries: pathlib.Path, version: str) -> Sequence[Project]:
    """The official one's, then the community's: one program. Its MEX file is compiled against `headers` and
    `libraries` of the Caffe that is installed, whose build leaves MATLAB's files in the source alone.

    Raises Unavailable where the source is not here.
    """
    try:
        source = source_archive()
        if not source.is_file():
            raise Unavailable(NO_SOURCE)
        check(source)
    except BuildError as error:
        raise Unavailable(str(error)) from error
    told = {
        "CAFFE_SOURCE": str(source),
        "CAFFE_INCLUDE": str(headers),
        "CAFFE_LIBRARIES": str(libraries),
        "CAFFE_VERSION": version,
    }
    official = Project(
        language="octave",
        framework="caffe",
        artifact="Caffe's MATLAB package in Octave",
        lineage="official",
        because="It lies in Caffe's source, whose CMake files build it with Octave where MATLAB is not.",
        folder="octave/caffe",
        shared="octave/shared",
        tool="octave",
        rungs=RUNGS[1:],
        version=version,
        settings={**told, "CAFFE_OBJECTS": "arrays"},
    )
    community = attrs.evolve(
        official,
        artifact="Caffe's MATLAB package in Octave, its arrays of objects made cells",
        lineage="community",
        because="A user of Octave proposed the change in issue 6196 of Caffe's repository.",
        settings={**told, "CAFFE_OBJECTS": "cells"},
    )
    return official, community
