# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""torch.compile with its default compiler (on XLA with XLA's), kept from falling back to eager mode unseen."""

from __future__ import annotations

import shutil
from typing import Any

import torch
from torch import nn

from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import Unavailable


def compile_stack(stack: Any, device: Any) -> Any:
    """`stack` as torch.compile runs it on `device`, sharing weights.

    Raises `Unsupported` in a PyTorch older than torch.compile, Unavailable where no C++ compiler is found for the CPU.
    """
    if not hasattr(torch, "compile"):
        refuse(Lookup(root=torch, label="torch", names=("compile",)))
    if device.type == "cpu" and not any(shutil.which(name) for name in ("g++", "clang++", "c++", "cl")):
        raise Unavailable(
            "torch.compile needs a C++ compiler on the CPU and none is on the path: install g++ or clang++"
        )
    # Compiled code is kept by function, and all stacks share one: past a limit PyTorch would go back to eager mode
    # with a warning. Starting afresh for each stack keeps the limit away; stacks compiled before are compiled again
    # when called.
    torch.compiler.reset()
    # A recurrent layer breaks the graph by PyTorch's own design (it calls a fused kernel); anything else must be one
    # graph.
    recurrent = any(isinstance(module, nn.RNNBase) for module in stack.modules())
    compiler = {"backend": "openxla"} if device.type == "xla" else {}
    return torch.compile(stack, fullgraph=not recurrent, **compiler)
