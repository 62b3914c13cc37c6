# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Several processes of MXNet: a scheduler, a server and workers, which meet over sockets."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import mxnet
from mxnet import gluon

from fwconformance.frameworks._remote import Worker
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._parallel import contexts
from fwconformance.processes import Program, free_port

#: Seconds between two signs of life, and after how many without one a node counts as lost; the default is never.
HEARTBEAT, PATIENCE = 1, 10
#: A store that is freed waits for all other workers to free theirs; these live as long as their process.
_KEPT: list[Any] = []


class Cluster:
    """`Launched`: a worker a device.

    What is started is what MXNet's launcher would start, each told its role by the same variables: the launcher that
    comes with its last release calls a method that Python 3.9 removed.
    """

    def __init__(self, context: Any) -> None:
        self._kind = context.device_type

    def workers(self, devices: int) -> int:
        """One a device."""
        return devices

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """Scheduler, server, workers. Raises Unavailable where there are fewer devices than that."""
        contexts(self._kind, devices)
        shared = _environment(devices, worker.address(0))

        def program(name: str, role: str, place: int, told: str) -> Program:
            # Told nothing, a node takes the address of the first network interface that it finds; there may be none.
            own = {"DMLC_ROLE": role, "DMLC_NODE_HOST": worker.address(place)}
            return Program(
                name=name,
                command=worker.command(told),
                environment={**shared, **own},
                needed=role == "worker",
                host=worker.host(place),
            )

        # The server is far from where the nodes register, so that nothing rests on their being on one host.
        serving = [
            program("scheduler", "scheduler", 0, "scheduler"),
            program("server", "server", devices - 1, "server"),
        ]
        return [*serving, *(program(f"worker {number}", "worker", number, str(number)) for number in range(devices))]

    def meet(self) -> tuple[Any, Any]:
        """In a worker: the store that all share, and the context of this worker."""
        store = mxnet.kv.create("dist_sync")
        _KEPT.append(store)
        return store, mxnet.gpu(store.rank) if self._kind == "gpu" else mxnet.cpu()


def share(values: Any, store: Any, context: Any) -> list[Any]:
    """This worker's rows of a whole batch on its context, as gluon splits data."""
    kind = "int64" if values.dtype.kind in "iu" else "float32"
    return [gluon.utils.split_data(to_array(values, context, kind), store.num_workers)[store.rank]]


def _environment(devices: int, root: str) -> Mapping[str, str]:
    return {
        "DMLC_PS_ROOT_URI": root,
        "DMLC_PS_ROOT_PORT": str(free_port()),
        "DMLC_NUM_WORKER": str(devices),
        "DMLC_NUM_SERVER": "1",
        "PS_HEARTBEAT_INTERVAL": str(HEARTBEAT),
        "PS_HEARTBEAT_TIMEOUT": str(PATIENCE),
    }
