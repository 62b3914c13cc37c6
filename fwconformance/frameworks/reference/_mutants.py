"""The mutants: the reference with one fault each, and the cases that must notice it.

A mutant proves that the tests it names can fail: they pass on the reference as it is, and fail by an assertion on
the mutant. Every case of every active capability is named by at least one, but those on which backend a framework runs.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Mapping

from fwconformance.frameworks.reference import (  # noqa: F401 - imported for the mutants that they register
    _faults_bindings,
    _faults_costs,
    _faults_extend,
    _faults_joins,
    _faults_layers,
    _faults_losses,
    _faults_operators,
    _faults_parallel,
    _faults_recurrent,
    _faults_tool,
    _faults_training,
    _faults_vision,
)
from fwconformance.frameworks.reference._mutant import REGISTERED, Mutant

__all__ = ["MUTANTS", "Mutant"]

#: Every mutant by name.
MUTANTS: Mapping[str, Mutant] = MappingProxyType(REGISTERED)
