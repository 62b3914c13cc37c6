"""Independent programs that load what a framework exported, each in a process (as a rule an interpreter) of its own.

The frameworks are not imported here; the programs in `programs/` import nothing of this package.
"""

from __future__ import annotations

from fwconformance.runtimes._catalog import BY_FORMAT as BY_FORMAT
from fwconformance.runtimes._catalog import RUNTIMES as RUNTIMES
from fwconformance.runtimes._catalog import Runtime as Runtime
from fwconformance.runtimes._library import Library as Library
from fwconformance.runtimes._library import onnxruntime_library as onnxruntime_library
from fwconformance.runtimes._packaged import Packaged as Packaged
from fwconformance.runtimes._packaged import packaged as packaged
from fwconformance.runtimes._packaged import pictures as pictures
from fwconformance.runtimes._places import VARIABLE as VARIABLE
from fwconformance.runtimes._run import BatchRefused as BatchRefused
from fwconformance.runtimes._run import Ran as Ran
from fwconformance.runtimes._run import RuntimeFailed as RuntimeFailed
from fwconformance.runtimes._run import run as run
from fwconformance.runtimes._xla import Argument as Argument
from fwconformance.runtimes._xla import Compiled as Compiled
from fwconformance.runtimes._xla import ProgramRefused as ProgramRefused
from fwconformance.runtimes._xla import XlaFailed as XlaFailed
from fwconformance.runtimes._xla import compile_program as compile_program
