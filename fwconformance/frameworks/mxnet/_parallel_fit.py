# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Training in several processes by `Module.fit`, MXNet's own training loop, with the key-value store "dist_sync"."""

from __future__ import annotations

import logging
from typing import Any, Mapping, Sequence

import mxnet

from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet._cluster import Cluster, share
from fwconformance.frameworks.mxnet._symbols import Described, joined, rows


class MultiProcessFit(Cluster):
    """A worker a device; Module itself takes the mean over the rows of all workers."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.DataParallel`."""
        store, context = self.meet()
        described = Described(training, context)
        mine = [[share(each, store, context)[0] for each in batch] for batch in training.batches]
        module = described.module(context, logger=_quiet())
        parameters, states = described.values()
        seen: dict[str, list[Any]] = {"inputs": [], "outputs": []}

        def keep(step: Any) -> None:
            # The iterator's own batch, as the module was given it; the loop's update is done, its outputs are older.
            seen["inputs"].append(step.locals["data_batch"].data[0].copy())
            seen["outputs"].append(module.get_outputs()[0].copy())

        module.fit(
            rows(joined(inputs for inputs, _ in mine), joined(targets for _, targets in mine), len(mine[0][0])),
            eval_metric=mxnet.metric.Loss(output_names=[module.output_names[1]], label_names=[]),
            kvstore=store,
            arg_params=parameters,
            aux_params=states,
            batch_end_callback=keep,
            num_epoch=1,
            **described.settings(),
        )
        after, running = module.get_params()
        return [{"weights": described.weights({**after, **running}, context), **seen}]


def _quiet() -> Any:
    """For what the loop tells about itself: nothing of it is asked here."""
    logger = logging.getLogger(f"{__name__}.module")
    logger.setLevel(logging.ERROR)
    return logger


PIECES: Mapping[str, Any] = {"multi-process-fit": MultiProcessFit}
