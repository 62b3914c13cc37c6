"""The working pytest plugin. `fwconformance.pytest_plugin` loads it when `--framework` is given, and never else."""

from __future__ import annotations

from fwconformance.plugin._activate import activate as activate
from fwconformance.plugin._requirements import parse_requirement as parse_requirement
from fwconformance.plugin._requirements import unmet as unmet
from fwconformance.plugin._suites import Suites as Suites
