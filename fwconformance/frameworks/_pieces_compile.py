"""Protocol of the pieces that turn a train step into a program for an accelerator that need not be there."""

from __future__ import annotations

import itertools
from typing import Any, Mapping, Protocol

from fwconformance.frameworks._training import Training


class StepProgram(Protocol):
    """Pieces "compile-tpu" and "compile-gpu": a full train step (forward, loss, backward, update) as StableHLO.

    Called in a fresh process. What the program takes and gives is the framework's own affair, and told: its optimizer's
    state is among it where the framework keeps one.
    """

    def write(self, training: Training, devices: int, folder: str) -> Mapping[str, Any]:
        """Write the program of the step on the first batch below `folder`, an existing, empty directory.

        With `devices` above 1 the step is data parallel over so many, in a way of the framework's own: weights and
        state a copy each, the batch split along its first axis.

        What comes back:

        - "file": its name there, StableHLO as MLIR bytecode or text;
        - "kind": how several devices share it: "partitions" (annotated with shardings, for XLA to split) or "replicas"
          (each device's own program, with the collectives in it);
        - "arguments": for each parameter in order "inputs", "targets", "weight NAME" (neutral name), or "file NAME": a
          .npy file there with the framework's own value (optimizer state, learning rate);
        - "results": for each result "loss" (before the step), "weight NAME", or "state" for anything else;
        - "layout": by weight name, the axes by which the neutral weight is transposed for the program, as "1,0";
        - "weights": native tensors by neutral name, in the neutral layout: after the framework itself did the step here
          in its ordinary way, on one device. So the program is seen to be that step.

        Inputs and targets are given in the neutral layout, float32 and int32.
        """
        ...


COMPILE_PIECES: Mapping[str, Any] = {"compile-tpu": StepProgram, "compile-gpu": StepProgram}


def axes_between(neutral: Any, native: Any) -> str:
    """The axes, as "1,0", by which the array `neutral` is transposed to `native`. Both hold each value once.

    Raises ValueError where `native` is another rearrangement.
    """
    import numpy as np

    for axes in itertools.permutations(range(neutral.ndim)):
        turned = np.transpose(neutral, axes)
        if turned.shape == native.shape and np.array_equal(turned, native):
            return ",".join(map(str, axes))
    raise ValueError(f"no transposition of {neutral.shape} gives what the framework holds, of shape {native.shape}")
