# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Training in several processes: gluon.Trainer with the key-value store "dist_sync"."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

from mxnet import nd

from fwconformance.frameworks._progress import await_go, report
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet._cluster import Cluster, share
from fwconformance.frameworks.mxnet._parallel import Replicas


class MultiProcess(Cluster):
    """A replica a worker; the server sums their gradients and holds the optimizer's state."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.DataParallel`."""
        store, context = self.meet()
        replicas = Replicas(training, [context], kvstore=store)
        seen: dict[str, list[Any]] = {"inputs": [], "outputs": []}
        for inputs, targets in training.batches:
            mine = share(inputs, store, context)
            # The server sums over workers, so the mean is over the rows of all.
            outputs, _ = replicas.step(mine, share(targets, store, context), len(inputs))
            seen["inputs"] += mine
            seen["outputs"] += outputs
        return [{"weights": replicas.weights(context), **seen}]


class Recovery(Cluster):
    """The same, the optimizer's state with the workers: from a server of "dist_sync" MXNet cannot save it."""

    def train(
        self, training: Training, devices: int, folder: str, *, first: int = 0, pause: int = -1
    ) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.Recoverable`."""
        store, context = self.meet()
        replicas = Replicas(training, [context], kvstore=store, update_on_kvstore=False)
        if first:
            parameters, states = _checkpoint(folder, first - 1)
            replicas.stack.load_parameters(parameters, ctx=context)
            replicas.trainer.load_states(states)
        else:
            replicas.trainer.save_states(_checkpoint(folder, -1 - store.rank)[1])
        # The trainer sends the weights around when it is first used, and does not wait until they are there. Where the
        # server only sums gradients and the first use is a step, a late worker takes their sum for its weights.
        nd.waitall()
        for step, (inputs, targets) in enumerate(training.batches):
            if step < first:
                continue
            if step == pause:
                await_go(folder)
            replicas.step(share(inputs, store, context), share(targets, store, context), len(inputs))
            if store.rank == 0:
                parameters, states = _checkpoint(folder, step)
                replicas.stack.save_parameters(parameters)
                replicas.trainer.save_states(states)
            store._barrier()  # noqa: SLF001 - MXNet has no other, and its own Module calls it
            report(folder, step, store.rank)
        return [{"weights": replicas.weights(context)}]


def _checkpoint(folder: str, step: int) -> tuple[str, str]:
    path = pathlib.Path(folder)
    return str(path / f"checkpoint-{step}.params"), str(path / f"checkpoint-{step}.states")


PIECES: Mapping[str, Any] = {"multi-process": MultiProcess, "recovery": Recovery}
