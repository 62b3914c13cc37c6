"""Programs in other languages that use a framework through its bindings: found a toolchain, built, kept, run.

A program is a `Project` of a framework's piece "bindings". Nothing here imports a framework.
"""

from __future__ import annotations

from fwconformance.bindings._build import Built as Built
from fwconformance.bindings._build import build as build
from fwconformance.bindings._errors import BuildFailed as BuildFailed
from fwconformance.bindings._errors import ProgramFailed as ProgramFailed
from fwconformance.bindings._errors import ProgramLate as ProgramLate
from fwconformance.bindings._exchange import Answer as Answer
from fwconformance.bindings._run import run as run
from fwconformance.bindings._run import version as version
from fwconformance.bindings._tool import Tool as Tool
from fwconformance.bindings._tools import TOOLS as TOOLS
