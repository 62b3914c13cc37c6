"""Protocol of the pieces that turn a train step into a program for an accelerator that need not be there."""

from __future__ import annotations

from typing import Any, Mapping, Protocol

from fwconformance.frameworks._training import Training


class StepProgram(Protocol):
    """Pieces "compile-tpu" and "compile-gpu": a full train step (forward, loss, backward, update) as StableHLO.

    Called in a fresh process. The program takes the weights in the order of their neutral names, sorted, then inputs
    and targets of one batch, and gives the weights after one step in the same order, then the loss before it: float32
    and, for ids, int32. With `devices` above 1 the batch is sharded over so many devices by the framework's own way of
    data parallelism, weights replicated.
    """

    def write(self, training: Training, devices: int, folder: str) -> Mapping[str, Any]:
        """Write the program of the step on the first batch below `folder`.

        Returns "file", its name there (StableHLO, MLIR bytecode or text); "layout" by weight name, the axes by which a
        neutral weight is transposed for the program ("1,0"; "" for none); "images", as in `Artifact`; and "weights",
        native tensors: the weights after the framework itself did the step here (so that the program is seen to be
        that step).
        """
        ...


COMPILE_PIECES: Mapping[str, Any] = {"compile-tpu": StepProgram, "compile-gpu": StepProgram}
