"""Processes that are all gone in the end: one child with everything it started, several that work together, and those
that hold hosts of their own.

Imports neither pytest nor a framework.
"""

from __future__ import annotations

from fwconformance.processes._child import GRACE as GRACE
from fwconformance.processes._child import TAG as TAG
from fwconformance.processes._child import Child as Child
from fwconformance.processes._dialogue import CHANNEL as CHANNEL
from fwconformance.processes._dialogue import Dialogue as Dialogue
from fwconformance.processes._dialogue import Listener as Listener
from fwconformance.processes._dialogue import Lost as Lost
from fwconformance.processes._group import Ended as Ended
from fwconformance.processes._group import Group as Group
from fwconformance.processes._group import Hung as Hung
from fwconformance.processes._group import Program as Program
from fwconformance.processes._group import run_program as run_program
from fwconformance.processes._hosts import Hosts as Hosts
from fwconformance.processes._hosts import NoHosts as NoHosts
from fwconformance.processes._hosts import namespace as namespace
from fwconformance.processes._memory import peak_memory as peak_memory
from fwconformance.processes._ports import free_port as free_port
from fwconformance.processes._signals import Interrupted as Interrupted
from fwconformance.processes._signals import handled as handled
from fwconformance.processes._signals import interruptible as interruptible
from fwconformance.processes._words import how_it_ended as how_it_ended
