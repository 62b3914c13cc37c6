"""What a kept wheel is found by: everything that a build depends on."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import sysconfig
from typing import Mapping

import attrs

from fwconformance.frameworks.caffe.building._changes import CHANGES
from fwconformance.frameworks.caffe.building._cuda import Toolkit
from fwconformance.frameworks.caffe.building._source import SHA256

#: Raised when the recipe itself changes.
RECIPE = 2


def ingredients(cuda: Toolkit | None = None) -> dict[str, object]:
    """Source, changes, compiler, Python, NumPy and the platform, as this process sees them, and CUDA's toolkit."""
    import numpy as np

    return {
        "recipe": RECIPE,
        "source": SHA256,
        "changes": [attrs.asdict(change) for change in CHANGES],
        "compiler": _says("c++", "--version"),
        "protobuf": _says("protoc", "--version"),
        "python": f"{sys.implementation.cache_tag} {sysconfig.get_platform()}",
        "numpy": np.__version__,
        **({"cuda": cuda.says()} if cuda else {}),
    }


def cache_key(found: Mapping[str, object]) -> str:
    """32 hexadecimal digits that change with any of the ingredients, not with their order."""
    text = json.dumps(found, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _says(*command: str) -> str:
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    except OSError:
        return "none"
    return done.stdout.splitlines()[0] if done.stdout else "none"
